"""Telegram accounts of the bots: whose they are, their language, and who blocked a bot."""

from datetime import datetime

from core.store.sql import fetch, fetch_one


async def link_customer(telegram_id: int, customer_id: int, language: str, now: datetime) -> None:
    """The account now speaks for the customer; an account that did so before no longer does."""
    await fetch(
        "UPDATE telegram_identity SET customer_id = NULL "
        "WHERE bot = 'customer' AND customer_id = $1 AND telegram_id <> $2",
        customer_id,
        telegram_id,
    )
    await fetch(
        "INSERT INTO telegram_identity (bot, telegram_id, language, customer_id, created_at) "
        "VALUES ('customer', $1, $2, $3, $4) ON CONFLICT (bot, telegram_id) DO UPDATE "
        "SET customer_id = excluded.customer_id, language = excluded.language, blocked_at = NULL",
        telegram_id,
        language,
        customer_id,
        now,
    )


async def set_account_language(telegram_id: int, language: str, now: datetime) -> None:
    """The language that an account of the customer bot has chosen, whether or not it is a customer's yet."""
    await fetch(
        "INSERT INTO telegram_identity (bot, telegram_id, language, created_at) VALUES ('customer', $1, $2, $3) "
        "ON CONFLICT (bot, telegram_id) DO UPDATE SET language = excluded.language",
        telegram_id,
        language,
        now,
    )


async def chat_of(customer_id: int) -> int | None:
    """Where the customer can be written to in Telegram; None without the bot or when it is blocked."""
    found = await fetch_one(
        "SELECT telegram_id FROM telegram_identity "
        "WHERE bot = 'customer' AND customer_id = $1 AND blocked_at IS NULL",
        customer_id,
    )
    return int(found["telegram_id"]) if found else None


async def mark_blocked(bot: str, telegram_id: int, blocked_at: datetime | None) -> None:
    """Note that a person blocked a bot, or let it in again."""
    await fetch(
        "UPDATE telegram_identity SET blocked_at = $3 WHERE bot = $1 AND telegram_id = $2",
        bot,
        telegram_id,
        blocked_at,
    )


async def link_member(telegram_id: int, member_id: int, language: str, now: datetime) -> None:
    """The account now works here; a dismissed member's account may be invited anew."""
    await fetch(
        "INSERT INTO telegram_identity (bot, telegram_id, language, staff_member_id, created_at) "
        "VALUES ('staff', $1, $2, $3, $4) ON CONFLICT (bot, telegram_id) DO UPDATE "
        "SET staff_member_id = excluded.staff_member_id, blocked_at = NULL",
        telegram_id,
        language,
        member_id,
        now,
    )


async def account_of(member_id: int) -> int | None:
    """The member's Telegram account."""
    found = await fetch_one(
        "SELECT telegram_id FROM telegram_identity WHERE bot = 'staff' AND staff_member_id = $1", member_id
    )
    return int(found["telegram_id"]) if found else None


async def set_language(bot: str, telegram_id: int, language: str) -> None:
    await fetch(
        "UPDATE telegram_identity SET language = $3 WHERE bot = $1 AND telegram_id = $2",
        bot,
        telegram_id,
        language,
    )
