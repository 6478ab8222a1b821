"""Lines of a receipt: all of them, or one with its quantity."""

from aiogram.types import CallbackQuery

from core.sale_views import SaleView
from handlers.callbacks import OnItem
from handlers.staff import item_screens
from handlers.staff.desk import Desk
from handlers.staff.item_shelf import show_shelf
from handlers.staff.sales import show_sale
from handlers.staff.states import Choosing


async def show_lines(desk: Desk, sale: SaleView) -> None:
    data = {"customer_id": sale.customer_id, "purchase_id": sale.purchase_id, "search": "", "category": None}
    await desk.ask(Choosing.shelf, item_screens.lines(desk.ui, sale), **data)


async def lines(press: CallbackQuery, callback_data: OnItem, desk: Desk) -> None:
    """What is in the receipt."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    await (show_lines(desk, sale) if sale.status == "draft" and sale.lines else show_sale(desk, sale))


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
