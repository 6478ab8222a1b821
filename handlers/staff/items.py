"""«🧺 Позиции»: the ways into products of a sale, and the router of all that is pressed and typed there."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.domain.people import Right
from handlers.callbacks import OnItem, OnSale
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.item_lines import drop, line, lines, set_quantity, show_lines
from handlers.staff.item_shelf import groups, shelf, show_shelf
from handlers.staff.item_taking import photographed, price_typed, quantity_typed, searched, take
from handlers.staff.photos import PHOTO
from handlers.staff.sales import show_sale
from handlers.staff.selling import TrueNow
from handlers.staff.states import Choosing


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
    router.message.register(photographed, Choosing.quantity, PHOTO)
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
