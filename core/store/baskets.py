"""The basket of a draft that is being changed: its lines and its sale type."""

from typing import Any

from core.domain.basket import Basket
from core.domain.quote import Quote
from core.store.sql import fetch, placeholders


async def rewrite(purchase_id: int, quote: Quote, basket: Basket) -> None:
    """Write all lines anew, in their order, and the sale type. The purchase must be locked, and a draft."""
    await fetch("UPDATE purchase SET sale_type = $2 WHERE id = $1", purchase_id, basket.sale_type)
    await fetch("DELETE FROM purchase_line WHERE purchase_id = $1", purchase_id)
    values: list[Any] = []
    for number, (line, bought) in enumerate(zip(quote.lines, basket.lines, strict=True), start=1):
        values += [purchase_id, number, bought.title, line.amount, line.discount, line.points_worth, line.payable]
        values += [line.eligible, bought.product_id, bought.quantity]
    await fetch(
        "INSERT INTO purchase_line (purchase_id, number, title, amount, discount, points_worth, payable, "
        f"eligible, product_id, quantity) VALUES {placeholders(len(quote.lines), 10)}",
        *values,
    )
