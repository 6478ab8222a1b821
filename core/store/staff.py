"""Branches, staff members and their invitations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A staff member as the staff bot knows them."""

    id: int
    name: str
    role: str
    status: str
    branch_id: int
    branch_name: str
    time_zone: str
    language: str | None


_SELECT = (
    "SELECT s.id, s.name, s.role, s.status, s.branch_id, b.name AS branch_name, b.time_zone, t.language "
    "FROM telegram_identity t JOIN staff_member s ON s.id = t.staff_member_id "
    "JOIN branch b ON b.id = s.branch_id WHERE t.bot = 'staff' "
)


async def by_telegram(telegram_id: int) -> StaffRow | None:
    """The active staff member whose account this is. One statement, at every press."""
    found = await fetch_one(f"{_SELECT} AND t.telegram_id = $1 AND s.status = 'active'", telegram_id)
    return StaffRow(**found) if found else None


async def branches() -> list[dict[str, Any]]:
    return await fetch("SELECT id, name, time_zone FROM branch WHERE is_open ORDER BY id")


async def all_branches() -> list[dict[str, Any]]:
    """Every branch, those that are closed by now too."""
    return await fetch("SELECT id, name, time_zone FROM branch ORDER BY id")


async def members(branch_id: int | None) -> list[dict[str, Any]]:
    """Active members of a branch, or of all of them."""
    return await fetch(
        "SELECT s.id, s.name, s.role, s.branch_id, b.name AS branch_name FROM staff_member s "
        "JOIN branch b ON b.id = s.branch_id WHERE s.status = 'active' AND ($1 = 0 OR s.branch_id = $1) "
        "ORDER BY b.id, s.id",
        branch_id or 0,
    )


async def add_branch(name: str, time_zone: str, now: datetime) -> int:
    rows = await fetch(
        "INSERT INTO branch (name, time_zone, is_open, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
        name,
        time_zone,
        True,
        now,
    )
    return int(rows[0]["id"])


async def rename_branch(branch_id: int, name: str) -> None:
    await fetch("UPDATE branch SET name = $2 WHERE id = $1", branch_id, name)


async def add_invite(
    token_hash: str, role: str, branch_id: int, invited_by: int | None, expires_at: datetime, now: datetime
) -> int:
    rows = await fetch(
        "INSERT INTO staff_invite (token_hash, role, branch_id, invited_by_id, expires_at, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        token_hash,
        role,
        branch_id,
        invited_by,
        expires_at,
        now,
    )
    return int(rows[0]["id"])


async def use_invite(token_hash: str, now: datetime) -> dict[str, Any] | None:
    """Take a live invitation so that nobody else can; None when it is unknown, used or out of date."""
    return await fetch_one(
        "UPDATE staff_invite SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 "
        "RETURNING id, role, branch_id",
        token_hash,
        now,
    )


async def add_member(name: str, role: str, branch_id: int, now: datetime) -> int:
    rows = await fetch(
        "INSERT INTO staff_member (name, role, branch_id, status, created_at) "
        "VALUES ($1, $2, $3, 'active', $4) RETURNING id",
        name,
        role,
        branch_id,
        now,
    )
    return int(rows[0]["id"])


async def link_identity(telegram_id: int, member_id: int, language: str, now: datetime) -> None:
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


async def dismiss(member_id: int, now: datetime) -> dict[str, Any] | None:
    """End a member's access; it is gone at the next press."""
    return await fetch_one(
        "UPDATE staff_member SET status = 'dismissed', dismissed_at = $2 "
        "WHERE id = $1 AND status = 'active' RETURNING id, branch_id, role",
        member_id,
        now,
    )


async def accounts(roles: Sequence[str]) -> list[dict[str, Any]]:
    """Telegram accounts of active members of these roles, with their languages."""
    keys = ", ".join(f"${1 + index}" for index in range(len(roles)))
    return await fetch(
        "SELECT t.telegram_id, t.language FROM telegram_identity t "
        "JOIN staff_member s ON s.id = t.staff_member_id AND s.status = 'active' "
        f"WHERE t.bot = 'staff' AND t.blocked_at IS NULL AND s.role IN ({keys}) ORDER BY s.id",
        *roles,
    )


async def account_of(member_id: int) -> int | None:
    """The member's Telegram account."""
    found = await fetch_one(
        "SELECT telegram_id FROM telegram_identity WHERE bot = 'staff' AND staff_member_id = $1", member_id
    )
    return int(found["telegram_id"]) if found else None


async def withdraw_invites(member_id: int, now: datetime) -> None:
    """End what a member's open invitations promise."""
    await fetch(
        "UPDATE staff_invite SET expires_at = $2 WHERE invited_by_id = $1 AND used_at IS NULL AND expires_at > $2",
        member_id,
        now,
    )


async def member(member_id: int) -> dict[str, Any] | None:
    return await fetch_one("SELECT id, name, role, branch_id, status FROM staff_member WHERE id = $1", member_id)


async def set_language(bot: str, telegram_id: int, language: str) -> None:
    await fetch(
        "UPDATE telegram_identity SET language = $3 WHERE bot = $1 AND telegram_id = $2",
        bot,
        telegram_id,
        language,
    )
