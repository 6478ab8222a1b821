"""Staff members as rows: who they are at every press, their roles, whom to tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, moment


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A staff member as the staff bot knows them. The customers that they are themselves: by their account in the
    customer bot, and by their phone."""

    id: int
    name: str
    role: str
    status: str
    branch_id: int
    branch_name: str
    time_zone: str
    language: str | None
    own_by_account: int | None
    own_by_phone: int | None


_SELECT = (
    "SELECT s.id, s.name, s.role, s.status, s.branch_id, b.name AS branch_name, b.time_zone, t.language, "
    "(SELECT i.customer_id FROM telegram_identity i WHERE i.bot = 'customer' AND i.telegram_id = t.telegram_id) "
    "AS own_by_account, (SELECT c.id FROM customer c WHERE c.phone = s.phone) AS own_by_phone "
    "FROM telegram_identity t JOIN staff_member s ON s.id = t.staff_member_id "
    "JOIN branch b ON b.id = s.branch_id WHERE t.bot = 'staff' "
)


async def by_telegram(telegram_id: int) -> StaffRow | None:
    """The active staff member whose account this is. One statement, at every press."""
    found = await fetch_one(f"{_SELECT} AND t.telegram_id = $1 AND s.status = 'active'", telegram_id)
    return StaffRow(**found) if found else None


_MEMBER = (
    "SELECT s.id, s.name, s.role, s.status, s.phone, s.created_at, s.branch_id, b.name AS branch_name "
    "FROM staff_member s JOIN branch b ON b.id = s.branch_id "
)


async def members(branch_id: int | None, status: str = "active") -> list[dict[str, Any]]:
    """Members of a branch, or of all of them; those who were dismissed last come first."""
    return await fetch(
        f"{_MEMBER} WHERE s.status = $2 AND ($1 = 0 OR s.branch_id = $1) ORDER BY b.id, s.dismissed_at DESC, s.id",
        branch_id or 0,
        status,
    )


async def member(member_id: int, *, locked: bool = False) -> dict[str, Any] | None:
    for_update = " FOR UPDATE OF s" if locked else ""
    found = await fetch_one(f"{_MEMBER} WHERE s.id = $1{for_update}", member_id)
    return found | {"created_at": moment(found["created_at"])} if found else None


async def lock_owners() -> list[int]:
    """The active owners, locked in the order of their ids: whoever ends or changes a role comes one by one."""
    rows = await fetch(
        "SELECT id FROM staff_member WHERE role = 'owner' AND status = 'active' ORDER BY id FOR UPDATE"
    )
    return [int(row["id"]) for row in rows]


async def change(member_id: int, *, role: str, branch_id: int) -> None:
    await fetch("UPDATE staff_member SET role = $2, branch_id = $3 WHERE id = $1", member_id, role, branch_id)


async def set_phone(member_id: int, phone: str | None) -> None:
    await fetch("UPDATE staff_member SET phone = $2 WHERE id = $1", member_id, phone)


async def sales_of(member_id: int, since: datetime) -> dict[str, Any]:
    """How much a member has sold since, in number and minor units, without what was undone."""
    found = await fetch_one(
        "SELECT count(*) AS purchases, COALESCE(sum(subtotal - discount), 0) AS sold FROM purchase "
        "WHERE branch_id IN (SELECT id FROM branch) AND completed_at >= $2 AND staff_member_id = $1 "
        "AND status = 'completed'",
        member_id,
        since,
    )
    return found or {"purchases": 0, "sold": 0}


async def to_tell(branch_id: int, roles: Sequence[str]) -> list[dict[str, Any]]:
    """Active members of these roles who see to a branch, owners any: their ids, accounts and own phones.

    Without the account of somebody who blocked the bot.
    """
    keys = ", ".join(f"${2 + index}" for index in range(len(roles)))
    return await fetch(
        "SELECT s.id, s.phone, t.telegram_id, (SELECT i.customer_id FROM telegram_identity i "
        "WHERE i.bot = 'customer' AND i.telegram_id = t.telegram_id) AS own_by_account, "
        "(SELECT c.id FROM customer c WHERE c.phone = s.phone) AS own_by_phone FROM staff_member s "
        "JOIN telegram_identity t ON t.bot = 'staff' AND t.staff_member_id = s.id AND t.blocked_at IS NULL "
        f"WHERE s.status = 'active' AND s.role IN ({keys}) AND (s.branch_id = $1 OR s.role = 'owner') "
        "ORDER BY s.id",
        branch_id,
        *roles,
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
