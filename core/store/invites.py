"""Invitations to work here: made, used once, withdrawn."""

from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, moment


async def add(
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


async def use(token_hash: str, now: datetime) -> dict[str, Any] | None:
    """Take a live invitation so that nobody else can; None when it is unknown, used or out of date."""
    return await fetch_one(
        "UPDATE staff_invite SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 "
        "RETURNING id, role, branch_id, invited_by_id",
        token_hash,
        now,
    )


async def withdraw_all(member_id: int, now: datetime) -> None:
    """End what a member's open invitations promise."""
    await fetch(
        "UPDATE staff_invite SET expires_at = $2 WHERE invited_by_id = $1 AND used_at IS NULL AND expires_at > $2",
        member_id,
        now,
    )


async def still_open(branch_id: int | None, now: datetime) -> list[dict[str, Any]]:
    """Invitations that can still be used, to a branch or to any, the newest first."""
    rows = await fetch(
        "SELECT i.id, i.role, i.branch_id, b.name AS branch_name, i.expires_at, s.name AS invited_by "
        "FROM staff_invite i JOIN branch b ON b.id = i.branch_id "
        "LEFT JOIN staff_member s ON s.id = i.invited_by_id "
        "WHERE i.used_at IS NULL AND i.expires_at > $2 AND ($1 = 0 OR i.branch_id = $1) "
        "ORDER BY i.id DESC LIMIT 50",
        branch_id or 0,
        now,
    )
    return [row | {"expires_at": moment(row["expires_at"])} for row in rows]


async def withdraw(invite_id: int, now: datetime) -> bool:
    """End an invitation that can still be used; whether there was something to end."""
    rows = await fetch(
        "UPDATE staff_invite SET expires_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2 "
        "RETURNING id",
        invite_id,
        now,
    )
    return bool(rows)
