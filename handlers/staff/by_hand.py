"""«➕ Баллы вручную» of a customer's panel: how many, why, and the second person's yes or no."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.amounts import parse_hundredths
from core.domain.errors import AlreadyDecided, BalanceTooSmall
from core.domain.people import Right
from core.domain.points import MAX_POINTS
from core.manual import LONGEST_REASON, SHORTEST_REASON, ByHand
from handlers.callbacks import OnCustomer, OnManual
from handlers.input_error import tidy
from handlers.staff import keyboards
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.states import Managing
from handlers.ui import Screen, Ui

_MINUS = ("-", "\u2212", "\u2013", "\u2014")


def build() -> Router:
    """The router of points by hand. The core says who may."""
    router = Router(name="staff-by-hand")
    press = router.callback_query.register
    press(ask_points, OnCustomer.filter(F.do == "points"))
    press(opened, OnManual.filter(F.do == "open"))
    press(agree, OnManual.filter(F.do == "yes"))
    press(disagree, OnManual.filter(F.do == "no"))
    router.message.register(points_typed, Managing.points, ANSWER)
    router.message.register(reason_typed, Managing.reason, ANSWER)
    return router


async def ask_points(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    """Ask how many; with a minus they are taken."""
    desk.actor.require(Right.ASK_POINTS)
    desk.actor.refuse_own(callback_data.customer_id)
    found = await desk.core.identification.panel(desk.actor, callback_data.customer_id)
    keys = inline([keyboards.back_to_panel(desk.ui, found.customer_id)])
    screen = Screen(desk.ui.text("staff/manual/points", panel=found), keys)
    await desk.ask(Managing.points, screen, customer_id=found.customer_id)


async def points_typed(message: Message, desk: Desk) -> None:
    """The number; then the reason is asked, which the customer will see."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    points = read_points(desk.typed)
    alone = await desk.core.manual.consider(desk.actor, data["customer_id"], points)
    keys = inline([keyboards.back_to_panel(desk.ui, data["customer_id"])])
    text = desk.ui.text(
        "staff/manual/reason", points=points, alone=alone, low=SHORTEST_REASON, high=LONGEST_REASON
    )
    await desk.ask(Managing.reason, Screen(text, keys), customer_id=data["customer_id"], points=points)
    await desk.remove(data["message_id"])


def read_points(text: str) -> int:
    """``100``, ``+100`` or ``-100`` in hundredths. Raises InvalidAmount, InputError."""
    typed = tidy(text, 32)
    sign = -1 if typed.startswith(_MINUS) else 1
    return sign * parse_hundredths(typed.lstrip("+" + "".join(_MINUS)).strip(), low=1, high=MAX_POINTS)


async def reason_typed(message: Message, desk: Desk) -> None:
    """Give or take them, or have it confirmed by a second person."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    reason = " ".join("".join(char if char.isprintable() else " " for char in tidy(desk.typed, 4096)).split())
    try:
        made = await desk.core.manual.propose(
            desk.actor, data["customer_id"], data["points"], reason, key=f"manual:{desk.key}"
        )
    except BalanceTooSmall as error:
        await desk.refuse(error)
        await desk.open(Managing.points, customer_id=data["customer_id"], message_id=data["message_id"])
        return
    await desk.open(None)
    await desk.show(screen_of(desk, made))
    await desk.remove(data["message_id"])


async def opened(press: CallbackQuery, callback_data: OnManual, desk: Desk) -> None:
    """One of them as it stands."""
    await desk.show(screen_of(desk, await desk.core.manual.look(desk.actor, callback_data.id)))


async def agree(press: CallbackQuery, callback_data: OnManual, desk: Desk) -> None:
    await _decide(desk, callback_data.id, yes=True)


async def disagree(press: CallbackQuery, callback_data: OnManual, desk: Desk) -> None:
    await _decide(desk, callback_data.id, yes=False)


async def _decide(desk: Desk, manual_id: int, *, yes: bool) -> None:
    """Decide; when somebody was quicker, that is said and shown."""
    try:
        made = await desk.core.manual.decide(desk.actor, manual_id, agree=yes)
    except AlreadyDecided as error:
        await desk.refuse(error)
        made = await desk.core.manual.look(desk.actor, manual_id)
    await desk.show(screen_of(desk, made))


def screen_of(desk: Desk, made: ByHand) -> Screen:
    """What was asked and how it stands; who may decide sees the buttons, who asked may take it back."""
    ui, row = desk.ui, made.row
    keys = []
    if row.status == "waiting" and row.asked_by_id == desk.actor.id:
        keys = [button(ui.label("manual.take_back"), OnManual(do="no", id=row.id))]
    elif row.status == "waiting":
        keys = answers(ui, row.id)
    to_customer = button(ui.label("refund.customer"), OnCustomer(do="panel", customer_id=row.customer_id))
    return Screen(ui.text("staff/manual/one", it=row, balance=made.balance), inline(keys, [to_customer]))


def answers(ui: Ui, manual_id: int) -> list[keyboards.Button]:
    """The second person's yes and no."""
    return [
        button(ui.label("manual.yes"), OnManual(do="yes", id=manual_id)),
        button(ui.label("manual.no"), OnManual(do="no", id=manual_id)),
    ]
