"""Accruals above the limits: what is counted, and the rows that wait for a manager. Points in hundredths."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, moment, moment_or_none

NOTICE = "screen/held"


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A held accrual with the purchase that it is for. Money in minor units."""

    purchase_id: int
    customer_id: int
    customer_name: str | None
    customer_phone: str | None
    branch_id: int
    branch_name: str
    time_zone: str
    points: int
    reason: str
    status: str
    staff_name: str
    subtotal: int
    payable: int
    completed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


_SELECT = (
    "SELECT h.purchase_id, p.customer_id, c.name AS customer_name, c.phone AS customer_phone, h.branch_id, "
    "b.name AS branch_name, b.time_zone, h.points, h.reason, h.status, s.name AS staff_name, p.subtotal, "
    "p.payable, p.completed_at, d.name AS decided_by, h.decided_at FROM held_accrual h "
    "JOIN purchase p ON p.id = h.purchase_id JOIN customer c ON c.id = p.customer_id "
    "JOIN branch b ON b.id = h.branch_id JOIN staff_member s ON s.id = p.staff_member_id "
    "LEFT JOIN staff_member d ON d.id = h.decided_by_id "
)


def _row(found: dict[str, Any]) -> HeldRow:
    at = {"completed_at": moment(found["completed_at"]), "decided_at": moment_or_none(found["decided_at"])}
    return HeldRow(**(found | at))


async def counts(customer_id: int, staff_id: int, day: datetime, week: datetime) -> tuple[int, int]:
    """Purchases of a customer that earned or may yet: since ``day``, and by one cashier since ``week``."""
    found = await fetch_one(
        "SELECT COALESCE(sum(CASE WHEN p.completed_at >= $3 THEN 1 ELSE 0 END), 0) AS today, "
        "COALESCE(sum(CASE WHEN p.staff_member_id = $2 AND p.completed_at >= $4 THEN 1 ELSE 0 END), 0) AS pair "
        "FROM purchase p WHERE p.customer_id = $1 AND p.status = 'completed' AND p.completed_at >= $5 "
        "AND (p.accrual > 0 OR EXISTS "
        "(SELECT 1 FROM held_accrual h WHERE h.purchase_id = p.id AND h.status = 'waiting'))",
        customer_id,
        staff_id,
        day,
        week,
        min(day, week),
    )
    return (int(found["today"]), int(found["pair"])) if found else (0, 0)


async def insert(
    purchase_id: int, customer_id: int, branch_id: int, points: int, reason: str, now: datetime
) -> None:
    await fetch(
        "INSERT INTO held_accrual (purchase_id, customer_id, branch_id, points, reason, status, created_at) "
        "VALUES ($1, $2, $3, $4, $5, 'waiting', $6)",
        purchase_id,
        customer_id,
        branch_id,
        points,
        reason,
        now,
    )


async def add(purchase_id: int, points: int) -> None:
    """Let more points wait, or fewer; some must be left. The purchase is locked by the caller."""
    await fetch(
        "UPDATE held_accrual SET points = points + $2 WHERE purchase_id = $1 AND status = 'waiting'",
        purchase_id,
        points,
    )


async def settle(purchase_id: int, status: str, *, by: int | None, now: datetime) -> None:
    """``given`` or ``refused``. The purchase is locked by the caller."""
    await fetch(
        "UPDATE held_accrual SET status = $2, decided_by_id = $3, decided_at = $4 "
        "WHERE purchase_id = $1 AND status = 'waiting'",
        purchase_id,
        status,
        by,
        now,
    )


async def refuse_all(customer_id: int, now: datetime) -> None:
    """Refuse whatever waits for a customer who leaves: held accruals, and points by hand."""
    for table in ("held_accrual", "manual_points"):
        await fetch(
            f"UPDATE {table} SET status = 'refused', decided_at = $2 "
            "WHERE customer_id = $1 AND status = 'waiting'",
            customer_id,
            now,
        )


async def get(purchase_id: int) -> HeldRow | None:
    found = await fetch_one(f"{_SELECT} WHERE h.purchase_id = $1", purchase_id)
    return _row(found) if found else None


async def waiting(branch_id: int | None, offset: int, limit: int) -> list[HeldRow]:
    """What waits in a branch, or in any, the oldest first."""
    rows = await fetch(
        f"{_SELECT} WHERE h.status = 'waiting' AND ($1 = 0 OR h.branch_id = $1) ORDER BY h.id LIMIT $2 OFFSET $3",
        branch_id or 0,
        limit,
        offset,
    )
    return [_row(row) for row in rows]


async def summary(branch_id: int | None) -> tuple[int, int]:
    """How many accruals wait in a branch or in any, and of how many points."""
    found = await fetch_one(
        "SELECT count(*) AS n, COALESCE(sum(points), 0) AS points FROM held_accrual "
        "WHERE status = 'waiting' AND ($1 = 0 OR branch_id = $1)",
        branch_id or 0,
    )
    return (int(found["n"]), int(found["points"])) if found else (0, 0)


async def last_notice(staff_id: int) -> datetime | None:
    """When a member was last told, or will be, of what waits."""
    found = await fetch_one(
        "SELECT max(not_before) AS at FROM message WHERE staff_member_id = $1 AND template = $2", staff_id, NOTICE
    )
    return moment_or_none(found["at"]) if found else None
