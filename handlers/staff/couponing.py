"""A coupon in a sale: its code is asked for, what it gives stands in the quote, and it can be taken off again."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.errors import CouponRefused
from handlers.callbacks import OnSale
from handlers.errors import template_of
from handlers.staff import keyboards
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.sales import show_sale
from handlers.staff.selling import TrueNow
from handlers.staff.states import Selling
from handlers.ui import Screen


def build() -> Router:
    """The router of coupons at the till."""
    router = Router(name="staff-couponing")
    router.callback_query.middleware(TrueNow())
    router.message.middleware(TrueNow())
    router.callback_query.register(ask, OnSale.filter(F.do == "coupon"))
    router.callback_query.register(leave_out, OnSale.filter(F.do == "no_coupon"))
    router.message.register(typed, Selling.coupon, ANSWER)
    return router


async def ask(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Ask for the code."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    if sale.status != "draft":
        await show_sale(desk, sale)
        return
    keys = keyboards.back_to_sale(desk.ui, sale.purchase_id)
    await desk.ask(
        Selling.coupon, Screen(desk.ui.text("staff/sale/coupon", sale=sale), keys), purchase_id=sale.purchase_id
    )


async def typed(message: Message, desk: Desk) -> None:
    """The code; one that gives nothing here is refused with the reason: another may be typed, or the way back
    to the quote pressed."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    try:
        sale = await desk.core.couponing.enter(desk.actor, data["purchase_id"], desk.typed)
    except CouponRefused as error:
        await desk.disarm(data["message_id"])
        await ask_again(desk, data["purchase_id"], error)
        return
    await show_sale(desk, sale, before=data["message_id"])


async def ask_again(desk: Desk, purchase_id: int, error: CouponRefused) -> None:
    """Why the code gave nothing, with the question's own way back under it."""
    name, values = template_of(error)
    screen = Screen(desk.ui.text(name, **values), keyboards.back_to_sale(desk.ui, purchase_id))
    await desk.ask(Selling.coupon, screen, purchase_id=purchase_id)


async def leave_out(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """The quote without its coupon."""
    await show_sale(desk, await desk.core.couponing.leave_out(desk.actor, callback_data.purchase_id))
