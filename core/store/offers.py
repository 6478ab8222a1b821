"""Promotions: reading what is on, keeping what they gave; and what coupons share with them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.basket import DiscountSource
from core.domain.promotions import Benefit, Gives, conditions_from_json, conditions_to_json
from core.store.sql import decoded, fetch, fetch_one, moment, moment_or_none, placeholders

IS_SUM = "is_sum"


@dataclass(frozen=True, slots=True)
class PromotionRow:
    """A promotion as it is kept; moments in UTC."""

    gives: Gives
    starts_at: datetime
    ends_at: datetime | None
    is_on: bool
    author_id: int | None


@dataclass(frozen=True, slots=True)
class Given:
    """What has been given so far, less what was refunded of it. Money in minor units, points in hundredths."""

    purchases: int
    customers: int
    discount: int
    points: int


def gives_of(row: dict[str, Any], source: DiscountSource) -> Gives:
    """What a stored promotion or batch gives."""
    plain = decoded(row["conditions"]) or {}
    benefit = row["benefit"]
    if benefit == "discount":
        benefit = Benefit.AMOUNT if plain.get(IS_SUM) else Benefit.PERCENT
    found = plain | ({"min_purchase": row["min_purchase"]} if "min_purchase" in row else {})
    conditions = conditions_from_json(found)
    return Gives(source, row["id"], row["name"], Benefit(benefit), row["amount"], conditions)


def columns_of(gives: Gives) -> tuple[str, int, str]:
    """The benefit, the amount and the conditions as they are kept."""
    plain = conditions_to_json(gives.conditions)
    if gives.source is DiscountSource.COUPON:
        plain.pop("min_purchase", None)
    if gives.benefit is Benefit.AMOUNT:
        plain[IS_SUM] = True
    benefit = "discount" if gives.benefit.is_discount else gives.benefit.value
    return benefit, gives.amount, json.dumps(plain)


# --- promotions ---------------------------------------------------------------------------------------
def _promotion(row: dict[str, Any]) -> PromotionRow:
    return PromotionRow(
        gives_of(row, DiscountSource.PROMOTION),
        moment(row["starts_at"]),
        moment_or_none(row["ends_at"]),
        bool(row["is_on"]),
        row["author_id"],
    )


async def live_promotions(now: datetime) -> list[Gives]:
    """What is on by its dates, the oldest first; other conditions are the domain's."""
    rows = await fetch(
        "SELECT id, name, benefit, amount, conditions FROM promotion WHERE is_on AND starts_at <= $1 "
        "AND (ends_at IS NULL OR ends_at > $1) ORDER BY id",
        now,
    )
    return [gives_of(row, DiscountSource.PROMOTION) for row in rows]


async def any_live(now: datetime) -> bool:
    """Whether anything is on by its dates."""
    found = await fetch_one(
        "SELECT id FROM promotion WHERE is_on AND starts_at <= $1 AND (ends_at IS NULL OR ends_at > $1) LIMIT 1",
        now,
    )
    return found is not None


async def kinds_live(now: datetime) -> tuple[bool, bool]:
    """Whether any promotion is on by its dates, and whether any coupon is."""
    on = "is_on AND starts_at <= $1 AND (ends_at IS NULL OR ends_at > $1)"
    found = await fetch(
        f"SELECT EXISTS (SELECT 1 FROM promotion WHERE {on}) AS promotions, "
        f"EXISTS (SELECT 1 FROM coupon_batch WHERE {on}) AS coupons",
        now,
    )
    return bool(found[0]["promotions"]), bool(found[0]["coupons"])


async def promotions() -> list[PromotionRow]:
    """All promotions, the newest first."""
    return [_promotion(row) for row in await fetch("SELECT * FROM promotion ORDER BY id DESC")]


async def promotion(promotion_id: int, *, locked: bool = False) -> PromotionRow | None:
    found = await fetch_one(
        f"SELECT * FROM promotion WHERE id = $1{' FOR UPDATE' if locked else ''}", promotion_id
    )
    return _promotion(found) if found else None


async def promotion_by_request(key: str) -> int | None:
    found = await fetch_one("SELECT id FROM promotion WHERE request_key = $1", key)
    return int(found["id"]) if found else None


async def add_promotion(
    gives: Gives,
    starts_at: datetime,
    ends_at: datetime | None,
    *,
    author_id: int,
    request_key: str,
    now: datetime,
) -> int:
    rows = await fetch(
        "INSERT INTO promotion (name, benefit, amount, conditions, starts_at, ends_at, is_on, author_id, "
        "created_at, request_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        gives.name,
        *columns_of(gives),
        starts_at,
        ends_at,
        True,
        author_id,
        now,
        request_key,
    )
    return int(rows[0]["id"])


async def change_promotion(gives: Gives, starts_at: datetime, ends_at: datetime | None) -> None:
    await fetch(
        "UPDATE promotion SET name = $2, benefit = $3, amount = $4, conditions = $5, starts_at = $6, "
        "ends_at = $7 WHERE id = $1",
        gives.id,
        gives.name,
        *columns_of(gives),
        starts_at,
        ends_at,
    )


async def switch(table: str, row_id: int, is_on: bool) -> None:
    """Switch a ``promotion`` or a ``coupon_batch``."""
    await fetch(f"UPDATE {table} SET is_on = $2 WHERE id = $1", row_id, is_on)


async def note_promotions(
    purchase_id: int, customer_id: int, gave: Sequence[tuple[int, int, int]], now: datetime
) -> None:
    """Keep what promotions gave in a purchase by now: (promotion, discount, points)."""
    values: list[Any] = []
    for promotion_id, discount, points in gave:
        values += [promotion_id, purchase_id, customer_id, discount, points, now]
    if values:
        await fetch(
            "INSERT INTO promotion_use (promotion_id, purchase_id, customer_id, discount, points, used_at) "
            f"VALUES {placeholders(len(gave), 6)} ON CONFLICT (promotion_id, purchase_id) DO UPDATE "
            "SET discount = excluded.discount, points = excluded.points",
            *values,
        )


# --- what they gave -----------------------------------------------------------------------------------
_LEFT = "CAST(u.{0} AS NUMERIC) * (p.subtotal - p.refunded) / p.subtotal"
SUMS = (
    "SELECT count(*) AS purchases, count(DISTINCT u.customer_id) AS customers, "
    f"COALESCE(sum({_LEFT.format('discount')}), 0) AS discount, "
    f"COALESCE(sum({_LEFT.format('points')}), 0) AS points "
)
STANDING = "p.status = 'completed' AND p.refunded < p.subtotal"


async def given_by_promotion(promotion_id: int) -> Given:
    return await sums_of(
        f"{SUMS} FROM promotion_use u JOIN purchase p ON p.id = u.purchase_id "
        f"WHERE u.promotion_id = $1 AND {STANDING}",
        promotion_id,
    )


async def sums_of(statement: str, row_id: int) -> Given:
    """The sums that a statement of SUMS finds."""
    found = (await fetch(statement, row_id))[0]
    names = ("purchases", "customers", "discount", "points")
    return Given(*(int(found[name]) for name in names))


# --- names --------------------------------------------------------------------------------------------
async def categories() -> dict[int, str]:
    """The product categories by id, in the order of their names."""
    rows = await fetch("SELECT id, name FROM product_category ORDER BY name_key")
    return {row["id"]: row["name"] for row in rows}


async def products(ids: Sequence[int]) -> dict[int, str]:
    """The names of products by id."""
    if not ids:
        return {}
    rows = await fetch(f"SELECT id, name FROM product WHERE id IN {placeholders(1, len(ids))}", *ids)
    return {row["id"]: row["name"] for row in rows}


async def product_named(typed: str) -> tuple[int, str] | None:
    """The product of an article, a barcode or a whole name, whatever its case; None when none or several fit."""
    rows = await fetch(
        "SELECT id, name FROM product WHERE is_sold AND (article = $1 OR barcode = $1 OR name_key = $2) LIMIT 2",
        typed,
        typed.casefold(),
    )
    return (rows[0]["id"], rows[0]["name"]) if len(rows) == 1 else None
