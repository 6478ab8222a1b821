"""Refunds of purchases and their lines. Money in minor units, points in hundredths."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.refund import SoldLine, Totals
from core.store.sql import fetch, fetch_one, moment, placeholders


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line of a purchase as it is kept; ``sold`` says how much of it was refunded."""

    id: int
    title: str
    sold: SoldLine


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund that was made."""

    id: int
    purchase_id: int
    input_hash: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class RefundableRow:
    """A completed purchase of which something is left to refund."""

    id: int
    subtotal: int
    refunded: int
    completed_at: datetime
    time_zone: str
    branch_name: str
    customer_name: str | None
    customer_phone: str | None


async def lines_of(purchase_id: int) -> list[KeptLine]:
    """The purchase's lines in their order."""
    rows = await fetch(
        "SELECT id, number, title, amount, points_worth, payable, eligible, refunded FROM purchase_line "
        "WHERE purchase_id = $1 ORDER BY number",
        purchase_id,
    )
    return [
        KeptLine(
            row["id"],
            row["title"],
            SoldLine(
                row["number"],
                row["amount"],
                row["points_worth"],
                row["payable"],
                bool(row["eligible"]),
                row["refunded"],
            ),
        )
        for row in rows
    ]


async def so_far(purchase_id: int) -> Totals:
    """What the purchase's refunds have come to."""
    found = await fetch_one(
        "SELECT COALESCE(sum(amount), 0) AS amount, COALESCE(sum(money), 0) AS money, "
        "COALESCE(sum(returned), 0) AS returned, COALESCE(sum(taken_back), 0) AS taken_back, "
        "COALESCE(sum(sold), 0) AS sold FROM refund WHERE purchase_id = $1",
        purchase_id,
    )
    return _totals(found) if found else Totals()


def _totals(found: Mapping[str, Any]) -> Totals:
    return Totals(**{name: int(found[name]) for name in Totals.__slots__})


async def by_request(request_key: str) -> RefundRow | None:
    """The refund that a request made before."""
    found = await fetch_one(
        "SELECT id, purchase_id, input_hash, amount, money, returned, taken_back, sold FROM refund "
        "WHERE request_key = $1",
        request_key,
    )
    return RefundRow(found["id"], found["purchase_id"], found["input_hash"], _totals(found)) if found else None


async def insert(
    purchase_id: int,
    step: Totals,
    parts: Mapping[int, int],
    *,
    branch_id: int,
    staff_member_id: int,
    reason: str | None,
    request_key: str,
    input_hash: str,
    now: datetime,
) -> int:
    """Write a refund with its lines (``parts`` by the lines' ids), and sum it up in the purchase."""
    rows = await fetch(
        "INSERT INTO refund (purchase_id, branch_id, staff_member_id, amount, money, returned, taken_back, sold, "
        f"reason, request_key, input_hash, created_at) VALUES {placeholders(1, 12)} RETURNING id",
        purchase_id,
        branch_id,
        staff_member_id,
        step.amount,
        step.money,
        step.returned,
        step.taken_back,
        step.sold,
        reason,
        request_key,
        input_hash,
        now,
    )
    refund_id = int(rows[0]["id"])
    await _add_lines(refund_id, parts)
    await fetch(
        "UPDATE purchase SET refunded = refunded + $2, returned_points = returned_points + $3, "
        "taken_back = taken_back + $4 WHERE id = $1",
        purchase_id,
        step.amount,
        step.returned,
        step.taken_back,
    )
    return refund_id


async def _add_lines(refund_id: int, parts: Mapping[int, int]) -> None:
    """Write what is refunded of each line, and sum it up in the purchase's lines."""
    values = [value for line_id, part in parts.items() for value in (refund_id, line_id, part)]
    await fetch(
        f"INSERT INTO refund_line (refund_id, line_id, amount) VALUES {placeholders(len(parts), 3)}", *values
    )
    await fetch(
        "UPDATE purchase_line SET refunded = refunded + (SELECT r.amount FROM refund_line r "
        "WHERE r.refund_id = $1 AND r.line_id = purchase_line.id) "
        "WHERE id IN (SELECT line_id FROM refund_line WHERE refund_id = $1)",
        refund_id,
    )


async def return_coupons(purchase_id: int, now: datetime) -> None:
    """Let the coupon of a purchase that was refunded whole be used again."""
    rows = await fetch(
        "UPDATE coupon_use SET returned_at = $2 WHERE purchase_id = $1 AND returned_at IS NULL "
        "RETURNING coupon_id",
        purchase_id,
        now,
    )
    for row in rows:
        await fetch("UPDATE coupon SET uses = uses - 1 WHERE id = $1", row["coupon_id"])
        await fetch(
            "UPDATE coupon_batch SET uses = uses - 1 WHERE id = (SELECT batch_id FROM coupon WHERE id = $1)",
            row["coupon_id"],
        )


async def refundable(
    branch_id: int | None, customer_id: int | None, offset: int, limit: int
) -> list[RefundableRow]:
    """Completed purchases of a branch (or of all) and of a customer (or of all), the newest first."""
    rows = await fetch(
        "SELECT p.id, p.subtotal, p.refunded, p.completed_at, b.time_zone, b.name AS branch_name, "
        "c.name AS customer_name, c.phone AS customer_phone FROM purchase p JOIN branch b ON b.id = p.branch_id "
        "JOIN customer c ON c.id = p.customer_id WHERE p.status = 'completed' AND p.refunded < p.subtotal "
        "AND (CAST($1 AS BIGINT) IS NULL OR p.branch_id = $1) "
        "AND (CAST($2 AS BIGINT) IS NULL OR p.customer_id = $2) "
        "ORDER BY p.completed_at DESC, p.id DESC LIMIT $3 OFFSET $4",
        branch_id,
        customer_id,
        limit,
        offset,
    )
    names = RefundableRow.__slots__
    return [
        RefundableRow(**{name: row[name] for name in names} | {"completed_at": moment(row["completed_at"])})
        for row in rows
    ]
