"""«🎁 Подарки» of a customer's panel: gifts for points, the customer's confirmation, and undoing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiogram import BaseMiddleware, F, Router
from aiogram.filters import StateFilter
from aiogram.types import CallbackQuery, Message, TelegramObject

from core.domain.errors import GiftGone, HoldGone, PointsNotEnough, UndoTooLate
from core.gift_views import ExchangeView
from handlers.callbacks import OnGift
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk, is_live
from handlers.staff.gift_screens import exchange_screen, list_screen
from handlers.staff.states import Exchanging, Selling

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
CHANGED = (GiftGone, HoldGone, PointsNotEnough, UndoTooLate)


def build() -> Router:
    """The router of gifts for points."""
    router = Router(name="staff-gifting")
    router.callback_query.middleware(TrueNow())
    router.message.middleware(TrueNow())
    router.callback_query.register(take, OnGift.filter(F.do == "take"), StateFilter(Selling.panel), is_live)
    for do, handler in PRESSES.items():
        router.callback_query.register(handler, OnGift.filter(F.do == do))
    router.message.register(code_typed, Exchanging.code, ANSWER)
    return router


class TrueNow(BaseMiddleware):
    """When an exchange is not what its screen said, that is said, and the screen shows what is true now."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        desk: Desk = data["desk"]
        try:
            return await handler(event, data)
        except CHANGED as error:
            pressed: OnGift | None = data.get("callback_data")
            await desk.refuse(error)
            if pressed is not None and pressed.do == "take":
                await show_list(desk, pressed.id)
            elif pressed is None or pressed.do != "list":
                exchange_id = pressed.id if pressed else (await desk.data())["exchange_id"]
                await show_exchange(desk, await desk.core.gifts.look(desk.actor, exchange_id))


async def show_list(desk: Desk, customer_id: int) -> None:
    """The customer's gifts; a short sum typed now is still their purchase."""
    found = await desk.core.gifts.for_till(desk.actor, customer_id)
    await desk.ask(Selling.panel, list_screen(desk.ui, found), customer_id=customer_id)


async def show_exchange(desk: Desk, view: ExchangeView, *, is_new: bool = False) -> None:
    """Show an exchange on its live message, which a new one remembers; a code that was sent is awaited."""
    shown = await desk.show(exchange_screen(desk.ui, view, now=desk.now))
    if is_new:
        await desk.core.gifts.remember_message(view.exchange_id, shown.chat.id, shown.message_id)
    if view.status == "waiting" and view.channel == "sms":
        await desk.open(Exchanging.code, exchange_id=view.exchange_id, message_id=shown.message_id)
    else:
        await desk.open(None)


async def gifts(press: CallbackQuery, callback_data: OnGift, desk: Desk) -> None:
    """What the customer can have for points."""
    await show_list(desk, callback_data.id)


async def take(press: CallbackQuery, callback_data: OnGift, desk: Desk) -> None:
    """Exchange points for a gift; the customer is asked."""
    view = await desk.core.gifts.ask(desk.actor, callback_data.id, callback_data.n, key=f"gift:{desk.key}")
    await show_exchange(desk, view, is_new=True)


async def send_code(press: CallbackQuery, callback_data: OnGift, desk: Desk) -> None:
    """Send the customer a code; their press in the bot would still do."""
    await desk.core.gifts.send_code(desk.actor, callback_data.id, key=desk.key)
    view = await desk.core.gifts.look(desk.actor, callback_data.id)
    await show_exchange(desk, replace(view, channel="sms"))


async def code_typed(message: Message, desk: Desk) -> None:
    """The code that the customer read out."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    digits = await desk.typed_code()
    view = await desk.core.gifts.confirm_by_code(desk.actor, data["exchange_id"], digits, key=desk.key)
    await show_exchange(desk, view)
    await desk.remove(data["message_id"])


async def stop(press: CallbackQuery, callback_data: OnGift, desk: Desk) -> None:
    """Wait no longer."""
    await show_exchange(desk, await desk.core.gifts.stop(desk.actor, callback_data.id))


async def undo(press: CallbackQuery, callback_data: OnGift, desk: Desk) -> None:
    """Give the points back."""
    await show_exchange(desk, await desk.core.gifts.undo(desk.actor, callback_data.id))


async def look(press: CallbackQuery, callback_data: OnGift, desk: Desk) -> None:
    """Show it as it stands."""
    await show_exchange(desk, await desk.core.gifts.look(desk.actor, callback_data.id))


PRESSES = {
    "list": gifts,
    "take": gifts,  # an older list: the present one is shown
    "code": send_code,
    "stop": stop,
    "undo": undo,
    "look": look,
}
