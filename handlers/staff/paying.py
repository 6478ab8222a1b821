"""Purchases paid in parts: how much is paid now, and what is paid later."""

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import CallbackQuery, Message

from core.domain.amounts import parse_hundredths
from core.domain.errors import PaymentStale
from core.domain.money import MAX_MONEY, parse_money
from core.sale_views import SaleView
from handlers.callbacks import OnSale
from handlers.staff import keyboards
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk, is_live
from handlers.staff.sales import show_sale
from handlers.staff.selling import TrueNow
from handlers.staff.states import Selling
from handlers.ui import Screen


def build() -> Router:
    """The router of part payments."""
    router = Router(name="staff-paying")
    router.callback_query.middleware(TrueNow())
    router.message.middleware(TrueNow())
    press = router.callback_query.register
    press(ask_part, OnSale.filter(F.do == "part"))
    press(ask_rest, OnSale.filter(F.do == "rest"))
    press(pay_all, OnSale.filter(F.do == "rest_all"), StateFilter(Selling.rest), is_live)
    router.message.register(part_typed, Selling.part, ANSWER)
    router.message.register(rest_typed, Selling.rest, ANSWER)
    return router


async def ask_part(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Ask how much of a quote is paid at once."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    if sale.status != "draft":
        await show_sale(desk, sale)
        return
    screen = Screen(desk.ui.text("staff/sale/part", sale=sale), keyboards.back_to_sale(desk.ui, sale.purchase_id))
    await desk.ask(Selling.part, screen, purchase_id=sale.purchase_id)


async def part_typed(message: Message, desk: Desk) -> None:
    """A sum from nothing to all of it."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    amount = parse_hundredths(desk.typed, low=0, high=MAX_MONEY)
    sale = await desk.core.payments.pay_now(desk.actor, data["purchase_id"], amount)
    await show_sale(desk, sale, before=data["message_id"])


async def ask_rest(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Ask how much is paid of what is left, all of it by one press."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    if not rest_of(sale):
        await show_sale(desk, sale)
        return
    screen = Screen(desk.ui.text("staff/sale/rest", sale=sale), keyboards.rest(desk.ui, sale))
    await desk.ask(Selling.rest, screen, purchase_id=sale.purchase_id, paid=sale.paid, left=rest_of(sale))


async def pay_all(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """All that is left."""
    await _pay(desk, (await desk.data())["left"])


async def rest_typed(message: Message, desk: Desk) -> None:
    if not await left_for_another(desk):
        await _pay(desk, parse_money(desk.typed))


async def _pay(desk: Desk, amount: int) -> None:
    """Take the payment; when somebody was quicker, say so and show what is true now."""
    data = await desk.data()
    before = None if desk.pressed_id is not None else data["message_id"]
    try:
        sale = await desk.core.payments.pay_rest(desk.actor, data["purchase_id"], amount, seen_paid=data["paid"])
    except PaymentStale as error:
        await desk.refuse(error)
        sale = await desk.core.till.look(desk.actor, data["purchase_id"])
    await show_sale(desk, sale, before=before)


def rest_of(sale: SaleView) -> int:
    """What is left to pay of a finished sale, in minor units."""
    return sale.payable - sale.paid if sale.status == "completed" and not sale.refunded else 0
