"""Putting a product into the receipt: from the shelf, by what is typed, by its barcode, with its price."""

from aiogram.types import CallbackQuery, Message

from core.domain.catalogue import Product, quantity
from core.domain.errors import InvalidAmount, PriceMissing
from core.domain.money import parse_money
from handlers.callbacks import OnItem
from handlers.staff import item_screens
from handlers.staff.customers import left_for_another
from handlers.staff.desk import Desk
from handlers.staff.item_lines import show_line
from handlers.staff.item_shelf import show_shelf, whose
from handlers.staff.keyboards import inline
from handlers.staff.photos import codes_in
from handlers.staff.states import Choosing
from handlers.ui import Screen

LONGEST_SEARCH = 64
_SHORTEST_BARCODE = 8


async def searched(message: Message, desk: Desk) -> None:
    """A part of a name, an article or a barcode. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    await _found(
        desk, desk.typed[:LONGEST_SEARCH], await desk.core.catalogue.by_code(desk.actor, desk.typed.strip())
    )


async def photographed(message: Message, desk: Desk) -> None:
    """A barcode: its product is taken at once, and one more piece of it each time."""
    codes = await codes_in(desk, message)
    for code in codes:
        products = await desk.core.catalogue.by_code(desk.actor, code)
        if products:
            await _found(desk, code, products)
            return
    await desk.say("staff/items/no_code", code=codes[0] if codes else None)


async def _found(desk: Desk, search: str, products: list[Product]) -> None:
    """Take the one product of a code, or show what was found, in place of the list before."""
    data = await desk.data()
    before = data.get("message_id")
    if len(products) == 1:
        await take_product(desk, data["customer_id"], data["purchase_id"], products[0].id, scan=desk.key)
    else:
        customer_id, sale = await whose(desk, data["purchase_id"])
        await show_shelf(desk, customer_id or data["customer_id"], sale, search=search)
    if before is not None:
        await desk.remove(before)


async def take(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """Put a product into the receipt."""
    customer_id, _ = await whose(desk, callback_data.purchase_id)
    if customer_id is None:
        await desk.say("staff/stale")
        return
    await take_product(desk, customer_id, callback_data.purchase_id, callback_data.n)


async def take_product(
    desk: Desk,
    customer_id: int,
    purchase_id: int,
    product_id: int,
    price: int | None = None,
    *,
    scan: str | None = None,
) -> None:
    """One piece of a product, or one more by a ``scan``; the price of one without is asked. The first opens the
    sale."""
    core = desk.core
    try:
        if purchase_id:
            sale = await core.till_lines.put(desk.actor, purchase_id, product_id, price=price, scan=scan)
        else:
            basket = await core.till_lines.basket_with(desk.actor, product_id, price, scan=scan)
            sale = await core.till.open_sale(desk.actor, customer_id, basket, key=desk.key)
    except PriceMissing as error:
        screen = Screen(
            desk.ui.text("staff/items/price", title=error.data["title"]),
            inline([item_screens.back_to_shelf(desk.ui, customer_id, purchase_id)]),
        )
        data = {"customer_id": customer_id, "purchase_id": purchase_id, "product_id": product_id}
        await desk.ask(Choosing.price, screen, **data, scan=scan)
        return
    await show_line(desk, sale, product_id)


async def price_typed(message: Message, desk: Desk) -> None:
    """What one costs today. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    data, price = await desk.data(), parse_money(desk.typed)
    await take_product(
        desk, data["customer_id"], data["purchase_id"], data["product_id"], price, scan=data.get("scan")
    )
    await desk.remove(data["message_id"])


async def quantity_typed(message: Message, desk: Desk) -> None:
    """How many, or how much by weight. The next product's name or barcode takes that one, a phone is the next
    customer's."""
    if names_product(desk.typed):
        await searched(message, desk)
        return
    try:
        wanted = quantity(desk.typed)
    except InvalidAmount:
        if not await left_for_another(desk):
            raise
        return
    data = await desk.data()
    put = desk.core.till_lines.put
    sale = await put(desk.actor, data["purchase_id"], data["product_id"], wanted)
    await show_line(desk, sale, data["product_id"])
    await desk.remove(data["message_id"])


def names_product(text: str) -> bool:
    """Whether what was typed where a quantity may be is another product: a word, or the digits of a barcode."""
    typed = text.strip()
    return typed[:1].isalpha() or (typed.isdecimal() and len(typed) >= _SHORTEST_BARCODE)
