"""Visits at the till: booking a customer, marking who came, and the list of the day."""

from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.visits import Today
from handlers.callbacks import OnCustomer, OnVisit
from handlers.parse import parse_moment
from handlers.staff import keyboards
from handlers.staff.customers import left_for_another, reopen_panel
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import Button, button
from handlers.staff.states import Editing
from handlers.ui import Screen, Ui

BUTTONS = 20
"""Awaited customers with buttons of their own: a keyboard has its bounds."""


def build() -> Router:
    """The router of visits."""
    router = Router(name="staff-visits")
    press = router.callback_query.register
    press(mark, OnCustomer.filter(F.do.in_({"came", "no_show"})))
    press(ask_moment, OnCustomer.filter(F.do == "expect"))
    press(listed, OnVisit.filter(F.do == "list"))
    press(settle, OnVisit.filter(F.do.in_({"came", "no_show"})))
    router.message.register(moment_typed, Editing.visit, ANSWER)
    return router


async def mark(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    """The customer came today, or did not."""
    await desk.core.visits.mark(desk.actor, callback_data.customer_id, callback_data.do, key=desk.key)
    await reopen_panel(desk, callback_data.customer_id, head=callback_data.do)


async def ask_moment(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    """Ask when the customer is awaited."""
    keys = keyboards.inline([keyboards.back_to_panel(desk.ui, callback_data.customer_id)])
    screen = Screen(desk.ui.text("staff/visits/moment"), keys)
    await desk.ask(Editing.visit, screen, customer_id=callback_data.customer_id)


async def moment_typed(message: Message, desk: Desk) -> None:
    """A time today, or a day with a time, by the branch's clocks."""
    if await left_for_another(desk):
        return
    customer_id = (await desk.data())["customer_id"]
    zone = ZoneInfo(desk.actor.time_zone)
    at = parse_moment(desk.typed, desk.now.astimezone(zone))
    await desk.core.visits.expect(desk.actor, customer_id, at, key=desk.key)
    await reopen_panel(desk, customer_id, head="booked")


async def listed(press: CallbackQuery, desk: Desk) -> None:
    await desk.show(screen_of(desk.ui, await desk.core.visits.today(desk.actor)))


async def settle(press: CallbackQuery, callback_data: OnVisit, desk: Desk) -> None:
    """One of the list came, or did not."""
    await desk.core.visits.settle(desk.actor, callback_data.id, callback_data.do)
    await desk.show(screen_of(desk.ui, await desk.core.visits.today(desk.actor)))


def screen_of(ui: Ui, today: Today) -> Screen:
    """The day's visits; those awaited can be marked."""
    formats = ui.renderer.formats(ui.language)
    rows: list[list[Button]] = []
    for visit in [each for each in today.visits if each.status == "expected"][:BUTTONS]:
        at = formats.time(visit.expected_at, today.time_zone)
        who = visit.customer_name or ui.label("desk.nameless")
        rows.append(
            [
                button(ui.label("visit.came_of", time=at, name=who), OnVisit(do="came", id=visit.id)),
                button(ui.label("visit.no_show"), OnVisit(do="no_show", id=visit.id)),
            ]
        )
    return Screen(ui.text("staff/visits/list", it=today), keyboards.inline(*rows))
