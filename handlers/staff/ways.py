"""«⚙️ Оплата»: how a sale is made and paid, where points depend on it."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.amounts import parse_hundredths
from core.domain.eligibility import PAYMENT_METHODS, SALE_TYPES
from core.domain.money import MAX_MONEY
from core.sale_views import SaleView
from handlers.callbacks import OnSale, OnWay
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.sales import show_sale
from handlers.staff.selling import TrueNow
from handlers.staff.states import Selling
from handlers.ui import Screen, Ui


def build() -> Router:
    """The router of sale types and payment methods."""
    router = Router(name="staff-ways")
    router.callback_query.middleware(TrueNow())
    press = router.callback_query.register
    press(opened, OnSale.filter(F.do == "ways"))
    press(type_chosen, OnWay.filter((F.do == "type") & F.word.in_(set(SALE_TYPES))))
    press(ask_split, OnWay.filter((F.do == "split") & F.word.in_(set(PAYMENT_METHODS))))
    router.message.middleware(TrueNow())
    router.message.register(split_typed, Selling.split, ANSWER)
    press(method_chosen, OnWay.filter((F.do == "method") & F.word.in_(set(PAYMENT_METHODS))))
    return router


async def opened(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Both choices on one screen; where the programme does not ask, the sale as it stands."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    if sale.status == "draft" and sale.asks_how_paid:
        await desk.show(ways(desk.ui, sale))
    else:
        await show_sale(desk, sale)


async def type_chosen(press: CallbackQuery, callback_data: OnWay, desk: Desk) -> None:
    choose = desk.core.pay_ways.choose
    await _next(desk, await choose(desk.actor, callback_data.purchase_id, sale_type=callback_data.word))


async def method_chosen(press: CallbackQuery, callback_data: OnWay, desk: Desk) -> None:
    choose = desk.core.pay_ways.choose
    await _next(desk, await choose(desk.actor, callback_data.purchase_id, method=callback_data.word))


async def ask_split(press: CallbackQuery, callback_data: OnWay, desk: Desk) -> None:
    """Ask how much is paid in another way; before the first way is chosen, that is asked."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    if sale.status != "draft" or not sale.asks_how_paid:
        await show_sale(desk, sale)
        return
    if sale.method in (None, callback_data.word) or not sale.paid:
        await desk.show(ways(desk.ui, sale))
        return
    text = desk.ui.text("staff/sale/split", sale=sale, method=callback_data.word)
    screen = Screen(text, inline([_back(desk.ui, sale)]))
    await desk.ask(Selling.split, screen, purchase_id=sale.purchase_id, method=callback_data.word)


async def split_typed(message: Message, desk: Desk) -> None:
    """How much is paid in the other way. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    amount = parse_hundredths(desk.typed, low=0, high=MAX_MONEY)
    sale = await desk.core.pay_ways.split(desk.actor, data["purchase_id"], data["method"], amount)
    await show_sale(desk, sale, before=data["message_id"])


async def _next(desk: Desk, sale: SaleView) -> None:
    """What is still missing, or the new quote."""
    if sale.how_paid_is_missing:
        await desk.show(ways(desk.ui, sale))
    else:
        await show_sale(desk, sale)


def ways(ui: Ui, sale: SaleView) -> Screen:
    """The sale types and the payment methods, those chosen ticked."""

    def key(do: str, label: str, word: str, chosen: str | None) -> Button:
        mark = "ticked" if word == chosen else "unticked"
        to = OnWay(do=do, purchase_id=sale.purchase_id, word=word)
        return button(ui.label(f"office.pairs.{mark}", word=ui.label(f"{label}.{word}")), to)

    types = [key("type", "sale_type", each, sale.sale_type) for each in SALE_TYPES]
    methods = [key("method", "payment_method", each, sale.method) for each in PAYMENT_METHODS]
    splits = [_split(ui, sale, each) for each in PAYMENT_METHODS if each != sale.method]
    rows = [types, methods, splits if sale.method is not None and sale.paid else [], [_back(ui, sale)]]
    return Screen(ui.text("staff/sale/ways", sale=sale), inline(*rows))


def _split(ui: Ui, sale: SaleView, method: str) -> Button:
    to = OnWay(do="split", purchase_id=sale.purchase_id, word=method)
    return button(ui.label("sale.split", way=ui.label(f"payment_method.{method}")), to)


def _back(ui: Ui, sale: SaleView) -> Button:
    return button(ui.label("common.back"), OnSale(do="look", purchase_id=sale.purchase_id))
