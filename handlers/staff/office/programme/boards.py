"""Looking at settings: whose, which section, which setting, and who changed what."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.domain.settings import Section
from handlers.callbacks import OnProgramme
from handlers.staff.desk import Desk
from handlers.staff.keyboards import inline
from handlers.staff.office.parts import back_to, turns
from handlers.staff.office.programme import screens
from handlers.ui import Screen

PAGE = 5


def build() -> Router:
    router = Router(name="staff-office-programme-boards")
    press = router.callback_query.register
    press(opened, OnProgramme.filter(F.do == "open"))
    press(sections, OnProgramme.filter(F.do == "sections"))
    press(section, OnProgramme.filter((F.do == "section") & F.word.in_(set(Section))))
    press(look, OnProgramme.filter((F.do == "look") & F.name.in_(set(screens.SPECS))))
    press(history, OnProgramme.filter(F.do == "history"))
    return router


async def opened(press: CallbackQuery, desk: Desk) -> None:
    """The first screen: whose settings, or at once the only ones that the actor has."""
    await desk.open(None)
    found = await desk.core.boards.scopes(desk.actor)
    if len(found) > 1:
        await desk.show(screens.scopes(desk.ui, found))
        return
    board = await desk.core.boards.board(desk.actor, found[0][0])
    await desk.show(screens.sections(desk.ui, board, alone=True))


async def sections(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    await desk.open(None)
    board = await desk.core.boards.board(desk.actor, callback_data.branch or None)
    await desk.show(screens.sections(desk.ui, board, alone=False))


async def section(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    await desk.open(None)
    board = await desk.core.boards.board(desk.actor, callback_data.branch or None)
    await desk.show(screens.section(desk.ui, board, Section(callback_data.word)))


async def look(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """One setting; what was being changed is left as it was."""
    await show_setting(desk, callback_data.branch or None, callback_data.name)


async def show_setting(desk: Desk, branch_id: int | None, name: str, *, head: str | None = None) -> None:
    await desk.open(None)
    board = await desk.core.boards.board(desk.actor, branch_id)
    await desk.show(screens.setting(desk.ui, board, screens.SPECS[name], head=head))


async def history(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """Who changed what, newest first; ``word`` is the page."""
    await desk.open(None)
    page = int(callback_data.word) if callback_data.word.isascii() and callback_data.word.isdigit() else 0
    versions, pages = await desk.core.boards.history(desk.actor, page, PAGE)
    ui, branch = desk.ui, callback_data.branch or None
    text = ui.text(
        "staff/office/programme/history",
        versions=versions,
        specs=screens.SPECS,
        tz=desk.actor.time_zone,
        groups=await desk.core.boards.groups(),
    )
    keys = turns(ui, min(page, pages - 1), pages, lambda to: screens.at(branch, "history", word=str(to)))
    await desk.show(Screen(text, inline(keys, [back_to(ui, screens.at(branch, "sections"))])))
