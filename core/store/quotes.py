"""Writing what a quote says into its purchase and its lines: drafts, new figures, the final ones."""

import json
from datetime import datetime
from typing import Any

from core.domain.basket import Basket, Terms, basket_to_json, terms_to_json
from core.domain.quote import Quote
from core.store.sql import fetch, placeholders


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
    await insert_lines(purchase_id, quote, basket)
    return purchase_id


async def insert_lines(purchase_id: int, quote: Quote, basket: Basket) -> None:
    """Write the lines of a purchase that has none, in their order."""
    values: list[Any] = []
    for number, (line, bought) in enumerate(zip(quote.lines, basket.lines, strict=True), start=1):
        values += [purchase_id, number, bought.title, line.amount, line.discount, line.points_worth, line.payable]
        values += [line.eligible, bought.product_id, bought.quantity]
    await fetch(
        "INSERT INTO purchase_line (purchase_id, number, title, amount, discount, points_worth, payable, "
        f"eligible, product_id, quantity) VALUES {placeholders(len(quote.lines), 10)}",
        *values,
    )


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
