"""Points kept for purchases while their customers confirm."""

from datetime import datetime

from core.store.sql import fetch, fetch_one


async def held(customer_id: int, now: datetime, *, but: int | None = None) -> int:
    """Points that the customer's other open holds keep, in hundredths."""
    found = await fetch_one(
        "SELECT COALESCE(sum(points), 0) AS points FROM hold WHERE customer_id = $1 AND settled_at IS NULL "
        "AND expires_at > $2 AND purchase_id <> $3",
        customer_id,
        now,
        but or 0,
    )
    return int(found["points"]) if found else 0


async def open_for(
    purchase_id: int,
    customer_id: int,
    points: int,
    *,
    confirm_until: datetime,
    expires_at: datetime,
    now: datetime,
) -> int:
    rows = await fetch(
        "INSERT INTO hold (purchase_id, customer_id, points, confirm_until, expires_at, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        purchase_id,
        customer_id,
        points,
        confirm_until,
        expires_at,
        now,
    )
    return int(rows[0]["id"])


async def settle(hold_id: int, outcome: str, now: datetime) -> None:
    await fetch(
        "UPDATE hold SET settled_at = $2, outcome = $3 WHERE id = $1 AND settled_at IS NULL",
        hold_id,
        now,
        outcome,
    )


async def overdue(now: datetime, limit: int = 100) -> list[int]:
    """Purchases whose customer did not confirm in time."""
    rows = await fetch(
        "SELECT purchase_id FROM hold WHERE settled_at IS NULL AND confirm_until <= $1 "
        "ORDER BY confirm_until LIMIT $2",
        now,
        limit,
    )
    return [int(row["purchase_id"]) for row in rows]
