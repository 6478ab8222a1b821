"""«⏳ На проверке»: accruals above the limits, to be given or refused."""

from datetime import datetime

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.domain.errors import AlreadyDecided
from core.held import HeldList
from core.store.held import HeldRow
from handlers.callbacks import OnHeld
from handlers.rendering import Renderer
from handlers.staff.desk import Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import to_menu, turns
from handlers.ui import Screen, Ui


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-held")
    press = router.callback_query.register
    press(listed, OnHeld.filter(F.do == "list"))
    press(opened, OnHeld.filter(F.do == "open"))
    press(give, OnHeld.filter(F.do == "give"))
    press(refuse, OnHeld.filter(F.do == "refuse"))
    return router


async def listed(press: CallbackQuery, callback_data: OnHeld, desk: Desk) -> None:
    """A page of what waits; ``id`` is the page."""
    await desk.open(None)
    await show_list(desk, callback_data.id)


async def show_list(desk: Desk, page: int) -> None:
    await desk.show(list_screen(desk.ui, await desk.core.held.waiting(desk.actor, page), desk.now))


async def opened(press: CallbackQuery, callback_data: OnHeld, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(one_screen(desk.ui, await desk.core.held.look(desk.actor, callback_data.id)))


async def give(press: CallbackQuery, callback_data: OnHeld, desk: Desk) -> None:
    await _decide(desk, callback_data.id, give=True)


async def refuse(press: CallbackQuery, callback_data: OnHeld, desk: Desk) -> None:
    await _decide(desk, callback_data.id, give=False)


async def _decide(desk: Desk, purchase_id: int, *, give: bool) -> None:
    """Decide; when somebody was quicker, that is said and shown. The rest is listed below."""
    try:
        await desk.core.held.decide(desk.actor, purchase_id, give=give)
        await desk.answer(desk.ui.label("office.held.given" if give else "office.held.refused"))
    except AlreadyDecided as error:
        await desk.refuse(error)
    await show_list(desk, 0)


def list_screen(ui: Ui, it: HeldList, now: datetime) -> Screen:
    """What waits, with a button each."""
    formats = ui.renderer.formats(ui.language)
    rows = [
        [
            button(
                ui.label(
                    "office.held.row",
                    points=ui.number(row.points),
                    name=row.customer_name or ui.label("desk.nameless"),
                    time=formats.moment(row.completed_at, row.time_zone, now),
                ),
                OnHeld(do="open", id=row.purchase_id),
            )
        ]
        for row in it.rows
    ]
    pages = turns(ui, it.page, it.pages, lambda to: OnHeld(do="list", id=to))
    return Screen(ui.text("staff/office/held/list", it=it), inline(*rows, pages, [to_menu(ui)]))


def one_screen(ui: Ui, row: HeldRow) -> Screen:
    """One of them with the reason that it waits for."""
    keys = [
        button(ui.label("office.held.give"), OnHeld(do="give", id=row.purchase_id)),
        button(ui.label("office.held.refuse"), OnHeld(do="refuse", id=row.purchase_id)),
    ]
    back = button(ui.label("common.back"), OnHeld(do="list"))
    text = ui.text("staff/office/held/one", it=row)
    return Screen(text, inline(keys if row.status == "waiting" else [], [back]))
