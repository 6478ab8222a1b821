"""Points given or taken by hand, done or waiting. Points in hundredths, negative when they are taken."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, moment, moment_or_none, placeholders


@dataclass(frozen=True, slots=True)
class ManualRow:
    """A gift or a taking by hand, with who asked and who decided."""

    id: int
    customer_id: int
    customer_name: str | None
    customer_phone: str | None
    branch_id: int
    branch_name: str
    time_zone: str
    points: int
    reason: str
    status: str
    asked_by_id: int
    asked_by: str
    decided_by: str | None
    input_hash: str
    created_at: datetime
    decided_at: datetime | None


_SELECT = (
    "SELECT m.id, m.customer_id, c.name AS customer_name, c.phone AS customer_phone, m.branch_id, "
    "b.name AS branch_name, b.time_zone, m.points, m.reason, m.status, m.asked_by_id, a.name AS asked_by, "
    "d.name AS decided_by, m.input_hash, m.created_at, m.decided_at FROM manual_points m "
    "JOIN customer c ON c.id = m.customer_id JOIN branch b ON b.id = m.branch_id "
    "JOIN staff_member a ON a.id = m.asked_by_id LEFT JOIN staff_member d ON d.id = m.decided_by_id "
)


def _row(found: dict[str, Any]) -> ManualRow:
    at = {"created_at": moment(found["created_at"]), "decided_at": moment_or_none(found["decided_at"])}
    return ManualRow(**(found | at))


async def get(manual_id: int, *, locked: bool = False) -> ManualRow | None:
    for_update = " FOR UPDATE OF m" if locked else ""
    found = await fetch_one(f"{_SELECT} WHERE m.id = $1{for_update}", manual_id)
    return _row(found) if found else None


async def by_request(request_key: str) -> ManualRow | None:
    found = await fetch_one(f"{_SELECT} WHERE m.request_key = $1", request_key)
    return _row(found) if found else None


async def insert(
    customer_id: int,
    branch_id: int,
    points: int,
    reason: str,
    *,
    asked_by: int,
    request_key: str,
    input_hash: str,
    now: datetime,
) -> int:
    """One that waits."""
    rows = await fetch(
        "INSERT INTO manual_points (customer_id, branch_id, points, reason, status, asked_by_id, request_key, "
        f"input_hash, created_at) VALUES {placeholders(1, 9)} RETURNING id",
        customer_id,
        branch_id,
        points,
        reason,
        "waiting",
        asked_by,
        request_key,
        input_hash,
        now,
    )
    return int(rows[0]["id"])


async def settle(manual_id: int, status: str, *, by: int, now: datetime) -> None:
    """``done`` or ``refused``. The row is locked by the caller."""
    await fetch(
        "UPDATE manual_points SET status = $2, decided_by_id = $3, decided_at = $4 WHERE id = $1",
        manual_id,
        status,
        by,
        now,
    )


async def waiting(branch_id: int | None, limit: int) -> list[ManualRow]:
    """What waits in a branch, or in any, the oldest first."""
    rows = await fetch(
        f"{_SELECT} WHERE m.status = 'waiting' AND ($1 = 0 OR m.branch_id = $1) ORDER BY m.id LIMIT $2",
        branch_id or 0,
        limit,
    )
    return [_row(row) for row in rows]
