"""«↩️ Возврат» (/refund): the last purchases, what of one goes back, what that takes and gives, and doing it."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import CallbackQuery, Message

from core.domain.errors import (
    CardUnbound,
    CardUnknown,
    CustomerUnknown,
    InvalidAmount,
    RefundAboveRest,
    RefundStale,
)
from core.domain.money import parse_money
from core.domain.refund import Wanted
from core.refund_views import RefundView
from handlers.callbacks import OnRefund
from handlers.input_error import InputError, Reason, tidy
from handlers.parse import parse_till_line
from handlers.staff import refund_keys
from handlers.staff.customers import identify, is_sum, left_for_another, not_found, scanned, serve
from handlers.staff.desk import ANSWER, Desk, is_live
from handlers.staff.photos import PHOTO
from handlers.staff.states import Refunding
from handlers.ui import Screen

LONGEST_REASON = 64


def build() -> Router:
    """The router of refunds."""
    router = Router(name="staff-refunding")
    say, press = router.message.register, router.callback_query.register
    say(who_typed, Refunding.choose, ANSWER)
    say(who_photographed, Refunding.choose, PHOTO)
    say(amount_typed, Refunding.amount, ANSWER)
    say(amount_typed, Refunding.look, ANSWER, F.text.func(_names_sum))
    say(reason_typed, Refunding.sure, ANSWER)
    press(turn_page, OnRefund.filter(F.do == "list"))
    press(whole, OnRefund.filter(F.do == "whole"))
    press(ask_amount, OnRefund.filter(F.do == "sum"))
    press(ask_lines, OnRefund.filter(F.do == "lines"))
    press(tick, OnRefund.filter(F.do == "line"), StateFilter(Refunding.lines), is_live)
    press(ticked, OnRefund.filter(F.do == "ticked"), StateFilter(Refunding.lines), is_live)
    press(sure, OnRefund.filter(F.do == "sure"), StateFilter(Refunding.sure), is_live)
    # A button of a question that is over shows the purchase as it is now.
    press(look, OnRefund.filter(F.do.in_({"look", "line", "ticked", "sure"})))
    return router


async def recent(message: Message, desk: Desk) -> None:
    """The branch's last purchases; whoever is typed next is whose purchases are shown."""
    await show_list(desk)


async def turn_page(press: CallbackQuery, callback_data: OnRefund, desk: Desk) -> None:
    await show_list(desk, callback_data.id or None, callback_data.n)


async def show_list(desk: Desk, customer_id: int | None = None, page: int = 0) -> None:
    found = await desk.core.refunds.refundable(desk.actor, customer_id, page)
    await desk.open(Refunding.choose)
    text = desk.ui.text("staff/refund/list", it=found)
    await desk.show(Screen(text, refund_keys.purchases(desk.ui, found, desk.now)))


async def who_typed(message: Message, desk: Desk) -> None:
    """A customer, whose purchases are shown; with a sum it is the next sale."""
    line = parse_till_line(desk.typed, desk.region)
    if line.identifier is None or line.amount is not None:
        await serve(desk, line)
        return
    try:
        panel = await identify(desk, line.identifier)
    except (CustomerUnknown, CardUnknown, CardUnbound) as error:
        await not_found(desk, error)
    else:
        await show_list(desk, panel.customer_id)


async def who_photographed(message: Message, desk: Desk) -> None:
    panel = await scanned(desk, message)
    if panel is not None:
        await show_list(desk, panel.customer_id)


async def look(press: CallbackQuery, callback_data: OnRefund, desk: Desk) -> None:
    """A purchase with what is left of it."""
    await show_purchase(desk, callback_data.id)


async def show_purchase(desk: Desk, purchase_id: int) -> None:
    """What of it can go back; a sum may be typed at once, all else leaves the question."""
    view = await desk.core.refunds.quote_refund(desk.actor, purchase_id)
    screen = Screen(desk.ui.text("staff/refund/purchase", it=view), refund_keys.purchase(desk.ui, view))
    await desk.ask(Refunding.look, screen, purchase_id=purchase_id)


async def whole(press: CallbackQuery, callback_data: OnRefund, desk: Desk) -> None:
    await ask_sure(desk, callback_data.id, {})


async def ask_amount(press: CallbackQuery, callback_data: OnRefund, desk: Desk) -> None:
    """Ask which sum is refunded."""
    view = await desk.core.refunds.quote_refund(desk.actor, callback_data.id)
    screen = Screen(desk.ui.text("staff/refund/amount", it=view), refund_keys.back(desk.ui, view.purchase_id))
    await desk.ask(Refunding.amount, screen, purchase_id=view.purchase_id)


def _names_sum(text: str) -> bool:
    """Whether it is a sum; 0 is too little of one, and nobody's number."""
    return is_sum(text) or set(text) <= set("0.,")


async def amount_typed(message: Message, desk: Desk) -> None:
    if await left_for_another(desk):
        return
    data = await desk.data()
    try:
        amount = parse_money(desk.typed)
    except InvalidAmount as error:
        if error.data["reason"] != "bounds":
            raise
        view = await desk.core.refunds.quote_refund(desk.actor, data["purchase_id"])
        raise RefundAboveRest(left=view.left) from error
    await ask_sure(desk, data["purchase_id"], {"amount": amount}, before=data["message_id"])


async def ask_lines(press: CallbackQuery, callback_data: OnRefund, desk: Desk) -> None:
    """Ask which lines are refunded."""
    await show_lines(desk, callback_data.id, [])


async def tick(press: CallbackQuery, callback_data: OnRefund, desk: Desk) -> None:
    """Tick a line, or untick it."""
    data = await desk.data()
    chosen = set(data["ticked"]) ^ {callback_data.n}
    await show_lines(desk, data["purchase_id"], sorted(chosen))


async def show_lines(desk: Desk, purchase_id: int, chosen: list[int]) -> None:
    view = await desk.core.refunds.quote_refund(desk.actor, purchase_id)
    screen = Screen(desk.ui.text("staff/refund/lines", it=view), refund_keys.lines(desk.ui, view, chosen))
    await desk.ask(Refunding.lines, screen, purchase_id=purchase_id, ticked=chosen)


async def ticked(press: CallbackQuery, callback_data: OnRefund, desk: Desk) -> None:
    """All that is left of the ticked lines."""
    data = await desk.data()
    view = await desk.core.refunds.quote_refund(desk.actor, data["purchase_id"])
    parts = [[line.number, line.left] for line in view.lines if line.number in data["ticked"] and line.left]
    if parts:
        await ask_sure(desk, data["purchase_id"], {"lines": parts})
    else:
        await desk.say("staff/refund/nothing_ticked")


async def ask_sure(desk: Desk, purchase_id: int, what: dict[str, Any], *, before: int | None = None) -> None:
    """Show what the refund takes back and gives back, and ask whether to do it."""
    view = await desk.core.refunds.quote_refund(desk.actor, purchase_id, wanted(what))
    screen = _refund_screen(desk, view, what.get("reason"))
    await desk.ask(Refunding.sure, screen, purchase_id=purchase_id, seen=view.refunded, **what)
    if before is not None:
        await desk.remove(before)


def _refund_screen(desk: Desk, view: RefundView, reason: str | None) -> Screen:
    return Screen(
        desk.ui.text("staff/refund/quote", it=view, reason=reason), refund_keys.sure(desk.ui, view.purchase_id)
    )


def wanted(what: dict[str, Any]) -> Wanted:
    """What the open question is about."""
    return Wanted(what.get("amount"), tuple((number, part) for number, part in what.get("lines", ())))


async def reason_typed(message: Message, desk: Desk) -> None:
    """Why it is refunded: kept with the refund."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    what: dict[str, Any] = {name: data[name] for name in ("amount", "lines") if name in data}
    what["reason"] = reason_in(desk.typed)
    await ask_sure(desk, data["purchase_id"], what, before=data["message_id"])


def reason_in(text: str) -> str:
    """Raises InputError for one that is empty or too long."""
    reason = " ".join("".join(char if char.isprintable() else " " for char in tidy(text, LONGEST_REASON)).split())
    if not reason:
        raise InputError(Reason.EMPTY)
    return reason


async def sure(press: CallbackQuery, callback_data: OnRefund, desk: Desk) -> None:
    """Refund it; when another till was quicker, show what is left."""
    data = await desk.data()
    try:
        view = await desk.core.refunds.refund(
            desk.actor,
            data["purchase_id"],
            wanted(data),
            key=f"refund:{desk.key}",
            seen=data["seen"],
            reason=data.get("reason"),
        )
    except RefundStale as error:
        await desk.refuse(error)
        await show_purchase(desk, data["purchase_id"])
        return
    await desk.show(
        Screen(desk.ui.text("staff/refund/done", it=view), refund_keys.done(desk.ui, view.customer_id))
    )
    await desk.open(None)
