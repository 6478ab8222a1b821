"""The outbox table: writing what is to be told, keeping it from being told, and asking what became of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.store.sql import fetch, placeholders


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing to be told. See models.machinery.Message for the fields."""

    topic: str
    channel: str
    template: str
    language: str
    dedupe_key: str
    priority: int
    data: dict[str, Any] = field(default_factory=dict)
    bot: str | None = None
    chat_id: int | None = None
    phone: str | None = None
    customer_id: int | None = None
    staff_member_id: int | None = None
    secret: str | None = None
    edits_key: str | None = None
    edits_message_id: int | None = None
    notify_bot: str | None = None
    notify_chat_id: int | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    campaign_id: int | None = None
    wanted: str | None = None


_COLUMNS = (
    "topic, channel, template, language, dedupe_key, priority, data, bot, chat_id, phone, customer_id, "
    "staff_member_id, secret, edits_key, edits_message_id, notify_bot, notify_chat_id, "
    "not_before, not_after, campaign_id, wanted, state, tries, created_at"
)
_WIDTH = _COLUMNS.count(",") + 1
_AT_ONCE = 1000


async def enqueue(drafts: Sequence[Draft], now: datetime) -> None:
    """Write messages in one statement for each thousand; one that is already there (by its dedupe key) stays as
    it is."""
    for start in range(0, len(drafts), _AT_ONCE):
        await _insert(drafts[start : start + _AT_ONCE], now)


async def _insert(drafts: Sequence[Draft], now: datetime) -> None:
    values: list[Any] = []
    for each in drafts:
        values += [each.topic, each.channel, each.template, each.language, each.dedupe_key, each.priority]
        values += [json.dumps(each.data, ensure_ascii=False, default=str), each.bot, each.chat_id, each.phone]
        values += [each.customer_id, each.staff_member_id, each.secret, each.edits_key, each.edits_message_id]
        values += [each.notify_bot, each.notify_chat_id, each.not_before or now, each.not_after]
        values += [each.campaign_id, each.wanted or each.channel, "queued", 0, now]
    await fetch(
        f"INSERT INTO message ({_COLUMNS}) VALUES {placeholders(len(drafts), _WIDTH)} "
        "ON CONFLICT (dedupe_key) DO NOTHING",
        *values,
    )


async def target_of(dedupe_key: str) -> tuple[int, int] | None:
    """Chat and Telegram message of an earlier message, to rewrite it; None when it never left."""
    rows = await fetch(
        "SELECT chat_id, telegram_message_id FROM message WHERE dedupe_key = $1 "
        "AND telegram_message_id IS NOT NULL",
        dedupe_key,
    )
    return (rows[0]["chat_id"], rows[0]["telegram_message_id"]) if rows else None


async def note_moved(bot: str, chat_id: int, *, was: int, now: int) -> None:
    """A message that is rewritten again and again was gone, and a new one stands instead: the progress of a job or
    of a campaign (which the staff bot shows). That one is rewritten from now on, or each time would leave another.
    """
    place = (chat_id, was, now)
    await fetch("UPDATE job SET message_id = $3 WHERE chat_id = $1 AND message_id = $2 AND bot = $4", *place, bot)
    if bot == "staff":
        await fetch("UPDATE campaign SET message_id = $3 WHERE chat_id = $1 AND message_id = $2", *place)


async def suppress(dedupe_keys: Sequence[str], reason: str) -> None:
    """Keep messages that still wait from being sent; what is on its way can't be called back,
    but it and what may have arrived are at least not sent again."""
    if not dedupe_keys:
        return
    keys = ", ".join(f"${2 + index}" for index in range(len(dedupe_keys)))
    await fetch(
        "UPDATE message SET state = CASE state WHEN 'sending' THEN state ELSE 'suppressed' END, reason = $1, "
        "secret = CASE state WHEN 'sending' THEN secret END, not_after = not_before "
        f"WHERE dedupe_key IN ({keys}) AND state IN ('queued', 'unknown', 'sending')",
        reason,
        *dedupe_keys,
    )


async def suppress_queued(reason: str) -> None:
    """Keep everything that still waits from being sent."""
    await fetch(
        "UPDATE message SET state = 'suppressed', reason = $1, secret = NULL WHERE state = 'queued'", reason
    )


async def states(dedupe_keys: Sequence[str]) -> dict[str, str]:
    """What became of messages, by their dedupe keys."""
    if not dedupe_keys:
        return {}
    keys = ", ".join(f"${1 + index}" for index in range(len(dedupe_keys)))
    rows = await fetch(f"SELECT dedupe_key, state FROM message WHERE dedupe_key IN ({keys})", *dedupe_keys)
    return {row["dedupe_key"]: row["state"] for row in rows}
