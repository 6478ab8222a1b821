"""The basket of a draft that is being changed: its lines and its sale type."""

from core.domain.basket import Basket
from core.domain.quote import Quote
from core.store.quotes import insert_lines
from core.store.sql import fetch


async def rewrite(purchase_id: int, quote: Quote, basket: Basket) -> None:
    """Write all lines anew, in their order, and the sale type. The purchase must be locked, and a draft."""
    await fetch("UPDATE purchase SET sale_type = $2 WHERE id = $1", purchase_id, basket.sale_type)
    await fetch("DELETE FROM purchase_line WHERE purchase_id = $1", purchase_id)
    await insert_lines(purchase_id, quote, basket)
