"""Purchases, their lines and holds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.basket import (
    Basket,
    Terms,
    basket_from_json,
    basket_to_json,
    terms_from_json,
    terms_to_json,
)
from core.domain.programme import Programme
from core.domain.quote import Quote
from core.store.programmes import programme_of
from core.store.sql import decoded, fetch, fetch_one, moment_or_none, placeholders


@dataclass(slots=True)
class PurchaseRow:
    """A purchase, the settings that price it, the merchant's present ones, and its open hold.

    ``gift`` is what came with it besides the accrual, or went with it once it was undone; ``repaid`` of what it
    brought went into an older debt; ``held`` points wait for a manager, or did. Hundredths of a point.
    ``has_coupons``: some were on when it was quoted.
    """

    id: int
    status: str
    customer_id: int
    branch_id: int
    branch_name: str
    branch_open: bool
    time_zone: str
    staff_member_id: int
    programme: Programme
    programme_now: Programme
    currency: str
    subtotal: int
    discount: int
    points: int
    points_worth: int
    points_limit: int
    payable: int
    accrual_base: int
    accrual: int
    no_accrual: str | None
    balance_after: int | None
    quoted_at: datetime
    created_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None
    chat_id: int | None
    message_id: int | None
    input_hash: str
    hold_id: int | None
    hold_points: int | None
    hold_confirm_until: datetime | None
    hold_expires_at: datetime | None
    customer_chat: int | None
    customer_language: str
    customer_name: str | None
    customer_phone: str | None
    customer_phone_verified_at: datetime | None
    basket: Basket
    terms: Terms
    discount_source: str | None
    sale_type: str | None
    paid: int
    receipt_number: str | None
    refunded: int
    returned_points: int
    taken_back: int
    customer_debt: int
    gift: int
    repaid: int
    held: int
    held_status: str | None
    has_coupons: bool
    has_products: bool

    @property
    def waits(self) -> int:
        """Points that wait for a manager."""
        return self.held if self.held_status == "waiting" else 0


_SELECT = (
    "SELECT p.*, b.name AS branch_name, b.is_open AS branch_open, b.time_zone, m.settings AS merchant_settings, "
    "o.settings AS branch_settings, (SELECT v.settings FROM programme_version v WHERE v.branch_id IS NULL "
    "ORDER BY v.id DESC LIMIT 1) AS settings_now, h.id AS hold_id, h.points AS hold_points, "
    "h.confirm_until AS hold_confirm_until, h.expires_at AS hold_expires_at, "
    "COALESCE(a.points, 0) AS held, a.status AS held_status, "
    "t.telegram_id AS customer_chat, c.language AS customer_language, c.name AS customer_name, "
    "c.phone AS customer_phone, c.phone_verified_at AS customer_phone_verified_at, c.debt AS customer_debt, "
    "(SELECT COALESCE(sum(e.points), 0) FROM ledger_entry e WHERE e.purchase_id = p.id "
    "AND e.customer_id = p.customer_id AND CASE WHEN p.status = 'cancelled' OR p.refunded = p.subtotal "
    "THEN e.kind = 'reversal' AND e.reason LIKE '%\\_undone' ESCAPE '\\' ELSE e.kind = 'gift' END) AS gift, "
    "(SELECT COALESCE(-sum(e.debt_change), 0) FROM ledger_entry e WHERE e.purchase_id = p.id "
    "AND e.customer_id = p.customer_id AND e.kind IN ('accrual', 'gift')) AS repaid, "
    "EXISTS (SELECT 1 FROM coupon_batch k WHERE k.is_on AND k.starts_at <= p.quoted_at "
    "AND (k.ends_at IS NULL OR k.ends_at > p.quoted_at)) AS has_coupons, "
    "EXISTS (SELECT 1 FROM product WHERE is_sold) AS has_products "
    "FROM purchase p JOIN branch b ON b.id = p.branch_id "
    "JOIN programme_version m ON m.id = p.programme_version_id "
    "LEFT JOIN programme_version o ON o.id = p.branch_version_id "
    "LEFT JOIN hold h ON h.purchase_id = p.id AND h.settled_at IS NULL "
    "LEFT JOIN held_accrual a ON a.purchase_id = p.id "
    "JOIN customer c ON c.id = p.customer_id "
    "LEFT JOIN telegram_identity t ON t.bot = 'customer' AND t.customer_id = p.customer_id "
    "AND t.blocked_at IS NULL "
)

_MOMENTS = (
    "quoted_at",
    "created_at",
    "completed_at",
    "cancelled_at",
    "hold_confirm_until",
    "hold_expires_at",
    "customer_phone_verified_at",
)
_DERIVED = ("programme", "programme_now", "currency", "basket", "terms", "paid")


def _row(found: dict[str, Any]) -> PurchaseRow:
    programme = programme_of(found["merchant_settings"], found["branch_settings"])
    values = {name: found[name] for name in PurchaseRow.__slots__ if name not in _DERIVED}
    values |= {name: moment_or_none(found[name]) for name in _MOMENTS}
    values |= {"gift": abs(int(found["gift"])), "repaid": int(found["repaid"])}
    values |= {name: bool(found[name]) for name in ("has_coupons", "has_products")}
    return PurchaseRow(
        programme=programme,
        programme_now=programme_of(found["settings_now"]),
        currency=programme.currency,
        basket=basket_from_json(decoded(found["basket"]), found["subtotal"]),
        terms=terms_from_json(decoded(found["terms"])),
        paid=found["payable"] if found["paid"] is None else found["paid"],
        **values,
    )


async def get(purchase_id: int, *, locked: bool = False) -> PurchaseRow | None:
    """The purchase; locked, it can't change until the transaction ends (the customer is locked first)."""
    for_update = " FOR UPDATE OF p" if locked else ""
    found = await fetch_one(f"{_SELECT} WHERE p.id = $1{for_update}", purchase_id)
    return _row(found) if found else None


async def by_request(request_key: str) -> PurchaseRow | None:
    """The purchase that a request made before."""
    found = await fetch_one(f"{_SELECT} WHERE p.request_key = $1", request_key)
    return _row(found) if found else None


def _figures(quote: Quote) -> list[Any]:
    return [
        quote.subtotal,
        quote.discount,
        quote.points,
        quote.points_worth,
        quote.points_limit,
        quote.payable,
        quote.accrual_base,
        quote.accrual,
        quote.no_accrual.value if quote.no_accrual else None,
        quote.discount_source.value if quote.discount_source else None,
        quote.paid,
    ]


def _json(basket: Basket, terms: Terms) -> list[str | None]:
    found = (basket_to_json(basket), terms_to_json(terms))
    return [None if one is None else json.dumps(one, ensure_ascii=False) for one in found]


async def insert(
    quote: Quote,
    *,
    basket: Basket,
    terms: Terms,
    customer_id: int,
    branch_id: int,
    staff_member_id: int,
    version_id: int,
    branch_version_id: int | None,
    request_key: str,
    input_hash: str,
    now: datetime,
) -> int:
    """A draft with its lines: two statements."""
    rows = await fetch(
        "INSERT INTO purchase (subtotal, discount, points, points_worth, points_limit, payable, accrual_base, "
        "accrual, no_accrual, discount_source, paid, basket, terms, sale_type, status, customer_id, branch_id, "
        "staff_member_id, programme_version_id, branch_version_id, request_key, input_hash, quoted_at, "
        "created_at) "
        f"VALUES {placeholders(1, 23)[:-1]}, $23) RETURNING id",
        *_figures(quote),
        *_json(basket, terms),
        basket.sale_type,
        "draft",
        customer_id,
        branch_id,
        staff_member_id,
        version_id,
        branch_version_id,
        request_key,
        input_hash,
        now,
    )
    purchase_id = int(rows[0]["id"])
    values: list[Any] = []
    for number, (line, bought) in enumerate(zip(quote.lines, basket.lines, strict=True), start=1):
        values += [purchase_id, number, bought.title, line.amount, line.discount, line.points_worth, line.payable]
        values += [line.eligible, bought.product_id, bought.quantity]
    await fetch(
        "INSERT INTO purchase_line (purchase_id, number, title, amount, discount, points_worth, payable, "
        f"eligible, product_id, quantity) VALUES {placeholders(len(quote.lines), 10)}",
        *values,
    )
    return purchase_id


async def requote(
    purchase_id: int, quote: Quote, *, status: str, now: datetime, version: tuple[int, int | None] | None = None
) -> None:
    """Write a draft's new figures, and the versions when it is priced anew: two statements."""
    values = [purchase_id, *_figures(quote), status, now]
    extra = ""
    if version:
        values += list(version)
        extra = ", programme_version_id = $15, branch_version_id = $16"
    await fetch(
        "UPDATE purchase SET subtotal = $2, discount = $3, points = $4, points_worth = $5, points_limit = $6, "
        "payable = $7, accrual_base = $8, accrual = $9, no_accrual = $10, discount_source = $11, paid = $12, "
        "status = $13, quoted_at = $14"
        f"{extra} WHERE id = $1",
        *values,
    )
    await update_lines(purchase_id, quote)


async def reprice_by(purchase_id: int, basket: Basket, terms: Terms) -> None:
    """Keep what a draft is priced by from now on."""
    basket_text, terms_text = _json(basket, terms)
    await fetch("UPDATE purchase SET basket = $2, terms = $3 WHERE id = $1", purchase_id, basket_text, terms_text)


async def update_lines(purchase_id: int, quote: Quote) -> None:
    """Write the lines' new parts in one statement."""
    if len(quote.lines) == 1:
        line = quote.lines[0]
        await fetch(
            "UPDATE purchase_line SET discount = $2, points_worth = $3, payable = $4 WHERE purchase_id = $1",
            purchase_id,
            line.discount,
            line.points_worth,
            line.payable,
        )
        return
    values: list[Any] = [purchase_id]
    cases: dict[str, list[str]] = {"discount": [], "points_worth": [], "payable": []}
    for number, line in enumerate(quote.lines, start=1):
        for column, amount in zip(cases, (line.discount, line.points_worth, line.payable), strict=True):
            values.append(amount)
            cases[column].append(f"WHEN {number} THEN CAST(${len(values)} AS BIGINT)")
    parts = ", ".join(f"{column} = CASE number {' '.join(whens)} END" for column, whens in cases.items())
    await fetch(f"UPDATE purchase_line SET {parts} WHERE purchase_id = $1", *values)


async def complete(purchase_id: int, quote: Quote, *, balance_after: int, now: datetime) -> None:
    """Make the figures final."""
    await fetch(
        "UPDATE purchase SET subtotal = $2, discount = $3, points = $4, points_worth = $5, points_limit = $6, "
        "payable = $7, accrual_base = $8, accrual = $9, no_accrual = $10, discount_source = $11, paid = $12, "
        "status = 'completed', quoted_at = $13, completed_at = $13, balance_after = $14 WHERE id = $1",
        purchase_id,
        *_figures(quote),
        now,
        balance_after,
    )


async def pay(purchase_id: int, quote: Quote, basket: Basket, terms: Terms, *, balance_after: int) -> None:
    """Note a later payment of a completed purchase: what is paid, and what has been earned by now."""
    basket_text, _ = _json(basket, terms)
    await fetch(
        "UPDATE purchase SET paid = $2, accrual_base = $3, accrual = $4, no_accrual = $5, basket = $6, "
        "balance_after = $7 WHERE id = $1",
        purchase_id,
        quote.paid,
        quote.accrual_base,
        quote.accrual,
        quote.no_accrual.value if quote.no_accrual else None,
        basket_text,
        balance_after,
    )


async def add_accrual(purchase_id: int, points: int) -> None:
    """Note points of a completed purchase that were held and have been given now."""
    await fetch("UPDATE purchase SET accrual = accrual + $2 WHERE id = $1", purchase_id, points)


async def add_payments(purchase_id: int, payments: Sequence[tuple[str, int]], now: datetime) -> None:
    """Note (method, amount) of what was paid of a purchase; nothing of nothing."""
    values = [value for method, amount in payments if amount for value in (purchase_id, method, amount, now)]
    if values:
        await fetch(
            "INSERT INTO purchase_payment (purchase_id, method, amount, paid_at) "
            f"VALUES {placeholders(len(values) // 4, 4)}",
            *values,
        )


async def cancel(purchase_id: int, *, by: int | None, now: datetime) -> None:
    """A draft that was dropped, or a completed sale that was undone."""
    await fetch(
        "UPDATE purchase SET status = 'cancelled', cancelled_at = $2, cancelled_by_id = $3 WHERE id = $1",
        purchase_id,
        now,
        by,
    )


async def drop_draft(purchase_id: int, customer_id: int, branch_id: int, *, by: int, now: datetime) -> None:
    """Cancel a customer's draft if it is still one; the customer is locked by the caller."""
    await fetch(
        "UPDATE purchase SET status = 'cancelled', cancelled_at = $4, cancelled_by_id = $5 "
        "WHERE id = $1 AND customer_id = $2 AND branch_id = $3 AND status = 'draft'",
        purchase_id,
        customer_id,
        branch_id,
        now,
        by,
    )


async def remember_message(purchase_id: int, chat_id: int, message_id: int) -> None:
    """Where the till's live message stands, so that the customer's press can finish it there."""
    await fetch(
        "UPDATE purchase SET chat_id = $2, message_id = $3 WHERE id = $1", purchase_id, chat_id, message_id
    )


async def last_completed_at(customer_id: int) -> datetime | None:
    found = await fetch_one(
        "SELECT max(completed_at) AS at FROM purchase WHERE customer_id = $1 AND status = 'completed' "
        "AND refunded < subtotal",
        customer_id,
    )
    return moment_or_none(found["at"]) if found else None
