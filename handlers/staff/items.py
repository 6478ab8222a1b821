"""«🧺 Позиции»: products of a sale chosen from the catalogue, by list, by search, by barcode."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.catalogue import Product, quantity
from core.domain.errors import InvalidAmount, PriceMissing
from core.domain.money import parse_money
from core.domain.people import Right
from core.sale_views import SaleView
from handlers.callbacks import OnItem, OnSale
from handlers.staff import item_screens
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import inline
from handlers.staff.photos import PHOTO, codes_in
from handlers.staff.sales import show_sale
from handlers.staff.selling import TrueNow
from handlers.staff.states import Choosing
from handlers.ui import Screen

LONGEST_SEARCH = 64


def build() -> Router:
    """The router of choosing products."""
    router = Router(name="staff-items")
    router.callback_query.middleware(TrueNow())
    router.message.middleware(TrueNow())
    press = router.callback_query.register
    press(opened, OnSale.filter(F.do == "items"))
    for do, handler in PRESSES.items():
        press(handler, OnItem.filter(F.do == do))
    router.message.register(searched, Choosing.shelf, ANSWER)
    router.message.register(photographed, Choosing.shelf, PHOTO)
    router.message.register(quantity_typed, Choosing.quantity, ANSWER)
    router.message.register(price_typed, Choosing.price, ANSWER)
    return router


async def opened(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """What is in the receipt; with a typed total only, what could be."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    if sale.status != "draft":
        await show_sale(desk, sale)
    elif sale.lines:
        await show_lines(desk, sale)
    else:
        await show_shelf(desk, sale.customer_id, sale)


async def started(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """Begin a sale by its products; ``n`` is the customer. It is opened by the first of them."""
    desk.actor.require(Right.SELL)
    found = await desk.core.identification.panel(desk.actor, callback_data.n)
    await show_shelf(desk, found.customer_id, None)


async def show_shelf(
    desk: Desk,
    customer_id: int,
    sale: SaleView | None,
    page: int = 0,
    *,
    search: str = "",
    category_id: int | None = None,
) -> None:
    """A page of products; what is typed or photographed next is looked for."""
    core = desk.core.catalogue
    known = {each.id: each for each in await core.categories(desk.actor)}
    category = known.get(category_id or 0)
    found = await core.shelf(
        desk.actor,
        page,
        item_screens.PAGE,
        search=search,
        category_id=category.id if category else None,
        sold_only=True,
    )
    screen = item_screens.shelf(
        desk.ui, found, customer_id=customer_id, sale=sale, search=search, category=category
    )
    await desk.ask(
        Choosing.shelf,
        screen,
        customer_id=customer_id,
        purchase_id=sale.purchase_id if sale else 0,
        search=search,
        category=category.id if category else None,
    )


async def show_lines(desk: Desk, sale: SaleView) -> None:
    data = {"customer_id": sale.customer_id, "purchase_id": sale.purchase_id, "search": "", "category": None}
    await desk.ask(Choosing.shelf, item_screens.lines(desk.ui, sale), **data)


async def _whose(desk: Desk, purchase_id: int) -> tuple[int | None, SaleView | None]:
    """The customer and the draft that a button means; a sale that has not begun is the open question's."""
    if purchase_id:
        sale = await desk.core.till.look(desk.actor, purchase_id)
        return sale.customer_id, sale
    return (await desk.data()).get("customer_id"), None


async def shelf(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """Another page, all products, or those of the category ``n``."""
    customer_id, sale = await _whose(desk, callback_data.purchase_id)
    if customer_id is None:
        await desk.say("staff/stale")
        return
    if sale is not None and sale.status != "draft":
        await show_sale(desk, sale)
        return
    data, n = await desk.data(), callback_data.n
    if callback_data.do == "group":
        await show_shelf(desk, customer_id, sale, category_id=n)
    elif callback_data.do == "all":
        await show_shelf(desk, customer_id, sale)
    else:
        search, category_id = data.get("search", ""), data.get("category")
        await show_shelf(desk, customer_id, sale, n, search=search, category_id=category_id)


async def groups(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """Categories that have products."""
    found = [each for each in await desk.core.catalogue.categories(desk.actor) if each.products]
    await desk.show(item_screens.groups(desk.ui, found, callback_data.n, callback_data.purchase_id))


async def lines(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """What is in the receipt."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    await (show_lines(desk, sale) if sale.status == "draft" and sale.lines else show_sale(desk, sale))


async def searched(message: Message, desk: Desk) -> None:
    """A part of a name, an article or a barcode. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    await _found(
        desk, desk.typed[:LONGEST_SEARCH], await desk.core.catalogue.by_code(desk.actor, desk.typed.strip())
    )


async def photographed(message: Message, desk: Desk) -> None:
    """A barcode: its product is taken at once."""
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
        await take_product(desk, data["customer_id"], data["purchase_id"], products[0].id)
    else:
        customer_id, sale = await _whose(desk, data["purchase_id"])
        await show_shelf(desk, customer_id or data["customer_id"], sale, search=search)
    if before is not None:
        await desk.remove(before)


async def take(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """Put a product into the receipt."""
    customer_id, _ = await _whose(desk, callback_data.purchase_id)
    if customer_id is None:
        await desk.say("staff/stale")
        return
    await take_product(desk, customer_id, callback_data.purchase_id, callback_data.n)


async def take_product(
    desk: Desk, customer_id: int, purchase_id: int, product_id: int, price: int | None = None
) -> None:
    """One piece of a product; the price of one without is asked. The first product opens the sale."""
    core = desk.core
    try:
        if purchase_id:
            sale = await core.till_lines.put(desk.actor, purchase_id, product_id, price=price)
        else:
            basket = await core.till_lines.basket_with(desk.actor, product_id, price)
            sale = await core.till.open_sale(desk.actor, customer_id, basket, key=desk.key)
    except PriceMissing as error:
        screen = Screen(
            desk.ui.text("staff/items/price", title=error.data["title"]),
            inline([item_screens.back_to_shelf(desk.ui, customer_id, purchase_id)]),
        )
        data = {"customer_id": customer_id, "purchase_id": purchase_id, "product_id": product_id}
        await desk.ask(Choosing.price, screen, **data)
        return
    await show_line(desk, sale, product_id)


async def price_typed(message: Message, desk: Desk) -> None:
    """What one costs today. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    data, price = await desk.data(), parse_money(desk.typed)
    await take_product(desk, data["customer_id"], data["purchase_id"], data["product_id"], price)
    await desk.remove(data["message_id"])


async def line(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """One line; for one that is gone, all of them."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    await show_line(desk, sale, callback_data.n or None)


async def show_line(desk: Desk, sale: SaleView, product_id: int | None) -> None:
    """One line; a quantity may be typed for it. Of a sale that is no draft any more, what is true now."""
    it = next((each for each in sale.lines if each.product_id == product_id), None)
    if sale.status != "draft" or not sale.lines:
        await show_sale(desk, sale)
    elif it is None:
        await show_lines(desk, sale)
    else:
        data = {"customer_id": sale.customer_id, "purchase_id": sale.purchase_id, "product_id": product_id}
        question = Choosing.shelf if product_id is None else Choosing.quantity
        await desk.ask(question, item_screens.line(desk.ui, sale, it), **data)


async def quantity_typed(message: Message, desk: Desk) -> None:
    """How many, or how much by weight. A phone is the next customer's."""
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


async def set_quantity(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """As many as the button says."""
    pressed = callback_data
    if not pressed.quantity:
        await desk.say("staff/stale")
        return
    sale = await desk.core.till_lines.put(desk.actor, pressed.purchase_id, pressed.n, pressed.quantity)
    await show_line(desk, sale, pressed.n)


async def drop(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """Take a line out."""
    sale = await desk.core.till_lines.drop(desk.actor, callback_data.purchase_id, callback_data.n or None)
    await (show_lines(desk, sale) if sale.lines else show_shelf(desk, sale.customer_id, sale))


PRESSES = {
    "start": started,
    "shelf": shelf,
    "all": shelf,
    "group": shelf,
    "groups": groups,
    "lines": lines,
    "take": take,
    "line": line,
    "set": set_quantity,
    "drop": drop,
}
