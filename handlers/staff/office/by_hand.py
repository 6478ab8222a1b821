"""«🖐 Баллы вручную»: what waits for a second person."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from handlers.callbacks import OnManual
from handlers.rendering import Renderer
from handlers.staff.desk import Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import to_menu
from handlers.ui import Screen


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-by-hand")
    router.callback_query.register(listed, OnManual.filter(F.do == "list"))
    return router


async def listed(press: CallbackQuery, desk: Desk) -> None:
    """What waits, the oldest first; each opens with the buttons of whoever may decide."""
    await desk.open(None)
    found = await desk.core.manual.waiting(desk.actor)
    formats = desk.ui.renderer.formats(desk.ui.language)
    rows = [
        [
            button(
                desk.ui.label(
                    "manual.row",
                    points=formats.number(row.points, sign=True),
                    name=row.customer_name or desk.ui.label("desk.nameless"),
                ),
                OnManual(do="open", id=row.id),
            )
        ]
        for row in found
    ]
    text = desk.ui.text("staff/manual/list", rows=found)
    await desk.show(Screen(text, inline(*rows, [to_menu(desk.ui)])))
