"""The buttons of a sale, and what is typed in answer to its questions."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiogram import BaseMiddleware, F, Router
from aiogram.types import CallbackQuery, Message, TelegramObject

from core.domain.errors import (
    AlreadyRefunded,
    ConfirmationImpossible,
    HoldGone,
    InvalidAmount,
    LoyaltyError,
    PaymentUnasked,
    PointsNotEnough,
    PurchaseClosed,
    QuoteStale,
    RedemptionOff,
    UndoTooLate,
)
from core.domain.points import parse_points
from core.sale_views import SaleView
from handlers.callbacks import OnSale
from handlers.staff import keyboards
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.receipts import asking_receipt
from handlers.staff.sales import show_sale
from handlers.staff.states import Selling
from handlers.ui import Screen

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
CHANGED = (
    QuoteStale,
    HoldGone,
    PaymentUnasked,
    PurchaseClosed,
    UndoTooLate,
    RedemptionOff,
    ConfirmationImpossible,
    AlreadyRefunded,
)


def build() -> Router:
    """The router of sales."""
    router = Router(name="staff-selling")
    router.callback_query.middleware(TrueNow())
    router.message.middleware(TrueNow())
    for do, handler in PRESSES.items():
        router.callback_query.register(handler, OnSale.filter(F.do == do))
    router.message.register(points_typed, Selling.points, ANSWER)
    router.message.register(code_typed, Selling.code, ANSWER)
    return router


class TrueNow(BaseMiddleware):
    """When a sale is not what its screen said, that is said, and the screen shows what is true now."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        desk: Desk = data["desk"]
        try:
            return await handler(event, data)
        except CHANGED as error:
            pressed: OnSale | None = data.get("callback_data")
            asked = await desk.data()
            purchase_id, before = (
                (pressed.purchase_id, None) if pressed else (asked["purchase_id"], asked["message_id"])
            )
            await desk.refuse(error)
            await show_sale(desk, await truth(desk, purchase_id, error), before=before)


async def truth(desk: Desk, purchase_id: int, error: LoyaltyError) -> SaleView:
    """The sale as it stands; whoever waits in vain gets the quote back."""
    if isinstance(error, HoldGone):
        return await desk.core.redemption.stop_waiting(desk.actor, purchase_id)
    return await desk.core.till.look(desk.actor, purchase_id)


async def accrue(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Complete without points."""
    async with asking_receipt(desk, callback_data.purchase_id):
        await show_sale(desk, await desk.core.till.accrue(desk.actor, callback_data.purchase_id))


async def spend(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Pay by as many points as the quote offers."""
    purchase_id = callback_data.purchase_id
    async with asking_receipt(desk, purchase_id):
        await show_sale(desk, await desk.core.redemption.spend(desk.actor, purchase_id, key=desk.key))


async def other(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Ask how many points to spend."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    if sale.status != "draft" or not sale.points_limit:
        await show_sale(desk, sale)
        return
    keys = keyboards.back_to_sale(desk.ui, sale.purchase_id)
    screen = Screen(desk.ui.text("staff/sale/points", sale=sale), keys)
    await desk.ask(Selling.points, screen, purchase_id=sale.purchase_id)


async def points_typed(message: Message, desk: Desk) -> None:
    """As many points as the customer wants to spend."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    try:
        wanted = parse_points(desk.typed)
    except InvalidAmount as error:
        raise await _not_points(desk, data["purchase_id"]) from error
    async with asking_receipt(desk, data["purchase_id"]):
        sale = await desk.core.redemption.spend(desk.actor, data["purchase_id"], wanted, key=desk.key)
        await show_sale(desk, sale, before=data["message_id"])


async def _not_points(desk: Desk, purchase_id: int) -> LoyaltyError:
    """Why what was typed are no points, by what can be spent on the sale as it stands."""
    sale = await desk.core.till.look(desk.actor, purchase_id)
    if sale.status != "draft":
        return PurchaseClosed(status=sale.status)
    if not sale.points_limit:
        return PointsNotEnough(limit=0, wanted=0, step=sale.step)
    return InvalidAmount(reason="points", low=sale.step, high=sale.points_limit)


async def send_code(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Send the customer a code; their press in the bot would still do."""
    await desk.core.redemption.send_code(desk.actor, callback_data.purchase_id, key=desk.key)
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    await show_sale(desk, replace(sale, channel="sms"))


async def code_typed(message: Message, desk: Desk) -> None:
    """The code that the customer read out."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    digits = await desk.typed_code()
    sale = await desk.core.redemption.confirm_by_code(desk.actor, data["purchase_id"], digits, key=desk.key)
    await show_sale(desk, sale, before=data["message_id"])


async def stop(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Wait no longer: back to the quote."""
    await show_sale(desk, await desk.core.redemption.stop_waiting(desk.actor, callback_data.purchase_id))


async def cancel(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Throw the quote away."""
    await show_sale(desk, await desk.core.till.drop(desk.actor, callback_data.purchase_id))


async def undo(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Take a finished sale back."""
    await show_sale(desk, await desk.core.refunds.undo(desk.actor, callback_data.purchase_id))


async def look(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Show it as it stands; a draft goes on in the pressed message, since products are chosen on others, too."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    await show_sale(desk, sale, moved=sale.status == "draft")


PRESSES = {
    "accrue": accrue,
    "spend": spend,
    "other": other,
    "code": send_code,
    "stop": stop,
    "cancel": cancel,
    "undo": undo,
    "look": look,
}
