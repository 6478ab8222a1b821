"""Coupon batches, their codes and uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.basket import DiscountSource
from core.domain.promotions import Gives
from core.store.offers import STANDING, SUMS, Given, columns_of, gives_of, sums_of
from core.store.sql import fetch, fetch_one, moment, moment_or_none


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A coupon batch as it is kept. ``codes`` it has, ``code`` when that is one; limits None for none.

    ``limit_code`` is of each code of a generated batch.
    """

    gives: Gives
    starts_at: datetime
    ends_at: datetime | None
    is_on: bool
    author_id: int | None
    limit_total: int | None
    limit_customer: int
    uses: int
    codes: int = 0
    code: str | None = None
    limit_code: int | None = None


@dataclass(frozen=True, slots=True)
class CouponRow:
    """A coupon with its batch."""

    id: int
    code: str
    limit_total: int | None
    uses: int
    batch: BatchRow


_BATCH = (
    "SELECT b.*, (SELECT count(*) FROM coupon c WHERE c.batch_id = b.id) AS codes, "
    "(SELECT min(c.code) FROM coupon c WHERE c.batch_id = b.id) AS code, "
    "(SELECT max(c.limit_total) FROM coupon c WHERE c.batch_id = b.id) AS limit_code FROM coupon_batch b"
)
_COUPON = (
    "SELECT b.*, c.id AS coupon_id, c.code, c.limit_total AS coupon_limit, c.uses AS coupon_uses, "
    "1 AS codes, c.limit_total AS limit_code FROM coupon c JOIN coupon_batch b ON b.id = c.batch_id"
)


def _batch(row: dict[str, Any]) -> BatchRow:
    return BatchRow(
        gives_of(row, DiscountSource.COUPON),
        moment(row["starts_at"]),
        moment_or_none(row["ends_at"]),
        bool(row["is_on"]),
        row["author_id"],
        row["limit_total"],
        row["limit_customer"],
        row["uses"],
        row["codes"],
        row["code"] if row["codes"] == 1 else None,
        row["limit_code"],
    )


def _coupon(row: dict[str, Any]) -> CouponRow:
    return CouponRow(row["coupon_id"], row["code"], row["coupon_limit"], row["coupon_uses"], _batch(row))


async def batches() -> list[BatchRow]:
    """All batches, the newest first."""
    return [_batch(row) for row in await fetch(f"{_BATCH} ORDER BY b.id DESC")]


async def batch(batch_id: int) -> BatchRow | None:
    found = await fetch_one(f"{_BATCH} WHERE b.id = $1", batch_id)
    return _batch(found) if found else None


async def lock_batch(batch_id: int) -> None:
    await fetch("SELECT id FROM coupon_batch WHERE id = $1 FOR UPDATE", batch_id)


async def by_request(key: str) -> int | None:
    found = await fetch_one("SELECT id FROM coupon_batch WHERE request_key = $1", key)
    return int(found["id"]) if found else None


async def add_batch(
    gives: Gives,
    starts_at: datetime,
    ends_at: datetime | None,
    limits: tuple[int | None, int],
    *,
    author_id: int,
    request_key: str,
    now: datetime,
) -> int:
    """A batch without codes; ``limits`` in total and per customer."""
    rows = await fetch(
        "INSERT INTO coupon_batch (name, benefit, amount, conditions, min_purchase, starts_at, ends_at, is_on, "
        "limit_total, limit_customer, uses, author_id, created_at, request_key) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13) RETURNING id",
        gives.name,
        *columns_of(gives),
        gives.conditions.min_purchase,
        starts_at,
        ends_at,
        True,
        *limits,
        author_id,
        now,
        request_key,
    )
    return int(rows[0]["id"])


async def change_batch(
    gives: Gives, starts_at: datetime, ends_at: datetime | None, limits: tuple[int | None, int]
) -> None:
    await fetch(
        "UPDATE coupon_batch SET name = $2, benefit = $3, amount = $4, conditions = $5, min_purchase = $6, "
        "starts_at = $7, ends_at = $8, limit_total = $9, limit_customer = $10 WHERE id = $1",
        gives.id,
        gives.name,
        *columns_of(gives),
        gives.conditions.min_purchase,
        starts_at,
        ends_at,
        *limits,
    )


async def add_codes(batch_id: int, codes: Sequence[str], limit_total: int | None) -> int:
    """Add codes that no coupon has yet; how many were added."""
    rows = await fetch(
        "INSERT INTO coupon (batch_id, code, limit_total, uses) VALUES "
        f"{', '.join(f'($1, ${number + 3}, $2, 0)' for number in range(len(codes)))} "
        "ON CONFLICT (code) DO NOTHING RETURNING id",
        batch_id,
        limit_total,
        *codes,
    )
    return len(rows)


async def codes_of(batch_id: int) -> list[str]:
    rows = await fetch("SELECT code FROM coupon WHERE batch_id = $1 ORDER BY id", batch_id)
    return [row["code"] for row in rows]


async def by_code(code: str) -> CouponRow | None:
    found = await fetch_one(f"{_COUPON} WHERE c.code = $1", code)
    return _coupon(found) if found else None


async def get(coupon_id: int, *, locked: bool = False) -> CouponRow | None:
    """A coupon; locked with its batch, so that nobody else uses the last one meanwhile."""
    if locked:  # the coupon before its batch, as when they are returned
        await fetch("SELECT id FROM coupon WHERE id = $1 FOR UPDATE", coupon_id)
        await fetch(
            "SELECT id FROM coupon_batch WHERE id = (SELECT batch_id FROM coupon WHERE id = $1) FOR UPDATE",
            coupon_id,
        )
    found = await fetch_one(f"{_COUPON} WHERE c.id = $1", coupon_id)
    return _coupon(found) if found else None


async def used_by(customer_id: int, batch_id: int) -> int:
    """How many of a batch's coupons a customer has used; those of refunded purchases don't count."""
    found = await fetch_one(
        "SELECT count(*) AS n FROM coupon_use u JOIN coupon c ON c.id = u.coupon_id "
        "WHERE u.customer_id = $1 AND c.batch_id = $2 AND u.returned_at IS NULL",
        customer_id,
        batch_id,
    )
    return int(found["n"]) if found else 0


async def use(
    coupon_id: int, customer_id: int, purchase_id: int, discount: int, points: int, now: datetime
) -> None:
    """Take a coupon into a completed purchase. Its limits were looked at under its lock."""
    await fetch("UPDATE coupon SET uses = uses + 1 WHERE id = $1", coupon_id)
    await fetch(
        "UPDATE coupon_batch SET uses = uses + 1 WHERE id = (SELECT batch_id FROM coupon WHERE id = $1)",
        coupon_id,
    )
    await fetch(
        "INSERT INTO coupon_use (coupon_id, customer_id, purchase_id, used_at, discount, points) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        coupon_id,
        customer_id,
        purchase_id,
        now,
        discount,
        points,
    )


async def note(purchase_id: int, discount: int, points: int) -> None:
    """Keep what a coupon has given by now, after a later payment."""
    await fetch(
        "UPDATE coupon_use SET discount = $2, points = $3 WHERE purchase_id = $1 AND returned_at IS NULL",
        purchase_id,
        discount,
        points,
    )


async def uses_of(batch_id: int, offset: int, limit: int) -> list[dict[str, Any]]:
    """Uses of a batch's coupons, the newest first."""
    rows = await fetch(
        "SELECT c.code, u.used_at, u.returned_at, u.discount, u.points, p.subtotal, k.name AS customer_name, "
        "k.phone AS customer_phone, r.name AS branch_name, r.time_zone FROM coupon_use u "
        "JOIN coupon c ON c.id = u.coupon_id JOIN purchase p ON p.id = u.purchase_id "
        "JOIN customer k ON k.id = u.customer_id JOIN branch r ON r.id = p.branch_id "
        "WHERE c.batch_id = $1 ORDER BY u.id DESC LIMIT $2 OFFSET $3",
        batch_id,
        limit,
        offset,
    )
    moments = ("used_at", "returned_at")
    return [row | {name: moment_or_none(row[name]) for name in moments} for row in rows]


async def given_by(batch_id: int) -> Given:
    return await sums_of(
        f"{SUMS} FROM coupon_use u JOIN coupon c ON c.id = u.coupon_id JOIN purchase p ON p.id = u.purchase_id "
        f"WHERE c.batch_id = $1 AND u.returned_at IS NULL AND {STANDING}",
        batch_id,
    )
