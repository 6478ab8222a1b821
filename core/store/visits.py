"""Visits: appointments and comings of customers, and the purchases that were made on them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, moment, moment_or_none


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit as it stands. ``staff_member_id`` set its status by hand; a purchase that settles it leaves none."""

    id: int
    customer_id: int
    branch_id: int
    staff_member_id: int | None
    purchase_id: int | None
    status: str
    expected_at: datetime
    settled_at: datetime | None
    time_zone: str
    customer_name: str | None
    customer_phone: str | None


_SELECT = (
    "SELECT v.id, v.customer_id, v.branch_id, v.staff_member_id, v.purchase_id, v.status, v.expected_at, "
    "v.settled_at, b.time_zone, c.name AS customer_name, c.phone AS customer_phone FROM visit v "
    "JOIN branch b ON b.id = v.branch_id JOIN customer c ON c.id = v.customer_id"
)


def _row(found: dict[str, Any]) -> VisitRow:
    moments = {"expected_at": moment(found["expected_at"]), "settled_at": moment_or_none(found["settled_at"])}
    return VisitRow(**(found | moments))


async def get(visit_id: int) -> VisitRow | None:
    found = await fetch_one(f"{_SELECT} WHERE v.id = $1", visit_id)
    return _row(found) if found else None


async def by_request(request_key: str) -> VisitRow | None:
    """The visit that a request made before."""
    found = await fetch_one(f"{_SELECT} WHERE v.request_key = $1", request_key)
    return _row(found) if found else None


async def of_day(customer_id: int, branch_id: int, since: datetime, until: datetime) -> VisitRow | None:
    """The customer's visit of a day in a branch: the one that is awaited, else the last one."""
    found = await fetch_one(
        f"{_SELECT} WHERE v.customer_id = $1 AND v.branch_id = $2 AND v.expected_at >= $3 AND v.expected_at < $4 "
        "ORDER BY CASE v.status WHEN 'expected' THEN 0 ELSE 1 END, v.expected_at DESC, v.id DESC LIMIT 1",
        customer_id,
        branch_id,
        since,
        until,
    )
    return _row(found) if found else None


async def listed(branch_id: int, since: datetime, until: datetime, limit: int) -> list[VisitRow]:
    """A branch's visits of a time, those awaited first."""
    rows = await fetch(
        f"{_SELECT} WHERE v.branch_id = $1 AND v.expected_at >= $2 AND v.expected_at < $3 "
        "ORDER BY CASE v.status WHEN 'expected' THEN 0 ELSE 1 END, v.expected_at, v.id LIMIT $4",
        branch_id,
        since,
        until,
        limit,
    )
    return [_row(row) for row in rows]


async def insert(
    customer_id: int,
    branch_id: int,
    *,
    status: str,
    expected_at: datetime,
    staff_member_id: int | None,
    purchase_id: int | None,
    request_key: str,
    now: datetime,
) -> int:
    """A visit that is awaited, or one of somebody who just came."""
    rows = await fetch(
        "INSERT INTO visit (customer_id, branch_id, staff_member_id, purchase_id, status, expected_at, "
        "settled_at, request_key, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        customer_id,
        branch_id,
        staff_member_id,
        purchase_id,
        status,
        expected_at,
        now if status != "expected" else None,
        request_key,
        now,
    )
    return int(rows[0]["id"])


async def settle(visit_id: int, status: str, *, by: int, purchase_id: int | None, now: datetime) -> None:
    """Set the status by hand. The customer must be locked."""
    await fetch(
        "UPDATE visit SET status = $2, staff_member_id = $3, purchase_id = $4, settled_at = $5 WHERE id = $1",
        visit_id,
        status,
        by,
        purchase_id,
        now,
    )


async def settle_by_purchase(
    customer_id: int, branch_id: int, purchase_id: int, day: tuple[datetime, datetime], now: datetime
) -> bool:
    """Give a purchase to the customer's visit of the day, if there is one without a purchase.

    Returns whether the visit had been counted before. One statement; the customer must be locked.
    """
    rows = await fetch(
        "UPDATE visit SET status = 'came', purchase_id = $3, "
        "settled_at = CASE status WHEN 'expected' THEN $6 ELSE settled_at END WHERE id = (SELECT id FROM visit "
        "WHERE customer_id = $1 AND branch_id = $2 AND status IN ('expected', 'came') AND purchase_id IS NULL "
        "AND expected_at >= $4 AND expected_at < $5 "
        "ORDER BY CASE status WHEN 'came' THEN 0 ELSE 1 END, expected_at, id LIMIT 1) RETURNING staff_member_id",
        customer_id,
        branch_id,
        purchase_id,
        *day,
        now,
    )
    return bool(rows) and rows[0]["staff_member_id"] is not None


async def release(purchase_id: int) -> bool:
    """Cut the visit loose from a purchase that was undone or refunded whole; whether it counts by itself.

    What the purchase had settled is awaited again. The customer must be locked.
    """
    rows = await fetch(
        "UPDATE visit SET purchase_id = NULL, "
        "status = CASE WHEN staff_member_id IS NULL THEN 'expected' ELSE status END, "
        "settled_at = CASE WHEN staff_member_id IS NULL THEN NULL ELSE settled_at END "
        "WHERE purchase_id = $1 RETURNING staff_member_id",
        purchase_id,
    )
    return bool(rows) and rows[0]["staff_member_id"] is not None


async def purchase_of_day(customer_id: int, branch_id: int, since: datetime, until: datetime) -> int | None:
    """The customer's purchase of a day in a branch that belongs to no visit yet."""
    found = await fetch_one(
        "SELECT p.id FROM purchase p WHERE p.customer_id = $1 AND p.branch_id = $2 AND p.status = 'completed' "
        "AND p.refunded < p.subtotal AND p.completed_at >= $3 AND p.completed_at < $4 "
        "AND NOT EXISTS (SELECT 1 FROM visit v WHERE v.purchase_id = p.id) ORDER BY p.id LIMIT 1",
        customer_id,
        branch_id,
        since,
        until,
    )
    return found["id"] if found else None


async def last_at(customer_id: int) -> datetime | None:
    """When the customer last came: by a purchase, or by a visit that was set to came."""
    found = await fetch_one(
        "SELECT max(at) AS at FROM (SELECT max(completed_at) AS at FROM purchase "
        "WHERE customer_id = $1 AND status = 'completed' AND refunded < subtotal UNION ALL "
        "SELECT max(CASE WHEN expected_at < settled_at THEN expected_at ELSE settled_at END) FROM visit "
        "WHERE customer_id = $1 AND status = 'came') x",
        customer_id,
    )
    return moment_or_none(found["at"]) if found else None
