"""Branches as rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch

_SELECT = (
    "SELECT b.id, b.name, b.time_zone, b.is_open, (SELECT count(*) FROM staff_member s "
    "WHERE s.branch_id = b.id AND s.status = 'active') AS members FROM branch b"
)


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A branch, with how many work there."""

    id: int
    name: str
    time_zone: str
    is_open: bool
    members: int


async def listed() -> list[BranchRow]:
    """All of them, closed ones too, by id."""
    return [
        BranchRow(**(row | {"is_open": bool(row["is_open"])})) for row in await fetch(f"{_SELECT} ORDER BY b.id")
    ]


async def get(branch_id: int) -> BranchRow | None:
    return next((row for row in await listed() if row.id == branch_id), None)


async def lock_all() -> list[BranchRow]:
    """Lock every branch, so that two changes at once don't close the last ones or take the same name."""
    await fetch("SELECT id FROM branch ORDER BY id FOR UPDATE")
    return await listed()


async def add(name: str, time_zone: str, now: datetime) -> int:
    rows = await fetch(
        "INSERT INTO branch (name, time_zone, is_open, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
        name,
        time_zone,
        True,
        now,
    )
    return int(rows[0]["id"])


async def put(branch_id: int, **changes: object) -> None:
    """Change name, time_zone or is_open."""
    if not changes.keys() <= {"name", "time_zone", "is_open"}:
        raise ValueError("not a column that may change")
    parts = ", ".join(f"{column} = ${2 + index}" for index, column in enumerate(changes))
    await fetch(f"UPDATE branch SET {parts} WHERE id = $1", branch_id, *changes.values())


async def accounts(branch_id: int) -> list[tuple[int, int]]:
    """(member, account) of those who work in a branch and can be written to."""
    rows = await fetch(
        "SELECT s.id, t.telegram_id FROM staff_member s JOIN telegram_identity t "
        "ON t.staff_member_id = s.id AND t.bot = 'staff' AND t.blocked_at IS NULL "
        "WHERE s.branch_id = $1 AND s.status = 'active' ORDER BY s.id",
        branch_id,
    )
    return [(row["id"], row["telegram_id"]) for row in rows]


async def open_branches() -> list[dict[str, Any]]:
    """The id, name and time zone of those that sell."""
    return await fetch("SELECT id, name, time_zone FROM branch WHERE is_open ORDER BY id")


async def all_branches() -> list[dict[str, Any]]:
    """Every branch, those that are closed by now too."""
    return await fetch("SELECT id, name, time_zone FROM branch ORDER BY id")
