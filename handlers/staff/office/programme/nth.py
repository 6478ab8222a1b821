"""In which category every N-th purchase is a gift: chosen from the catalogue's."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from handlers.callbacks import OnProgramme
from handlers.staff.desk import Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import back_to, turns
from handlers.staff.office.programme import screens
from handlers.staff.office.programme.saving import propose
from handlers.ui import Screen

NAME = "nth_category"
PAGE = 8


def build() -> Router:
    router = Router(name="staff-office-programme-nth")
    router.callback_query.register(listed, OnProgramme.filter(F.do == "nth_categories"))
    router.callback_query.register(
        choose, OnProgramme.filter((F.do == "nth_category") & F.word.regexp(r"^[0-9]{1,18}$"))
    )
    return router


async def listed(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """The categories, those of now ticked; ``word`` is the page."""
    await desk.open(None)
    ui = desk.ui
    board = await desk.core.boards.board(desk.actor, None)
    groups = await desk.core.catalogue.categories(desk.actor)
    pages = max(1, -(-len(groups) // PAGE))
    page = min(int(callback_data.word) if callback_data.word.isdigit() else 0, pages - 1)
    rows = []
    for each in groups[page * PAGE : (page + 1) * PAGE]:
        mark = "ticked" if each.id == board.programme.nth_category else "unticked"
        label = ui.label(f"office.pairs.{mark}", word=each.name)
        rows.append([button(label, screens.at(None, "nth_category", NAME, str(each.id)))])
    every = button(ui.label("office.exclusions.any"), screens.at(None, "nth_category", NAME, "0"))
    pager = turns(ui, page, pages, lambda to: screens.at(None, "nth_categories", NAME, str(to)))
    text = ui.text("staff/office/programme/nth_category", some=bool(groups))
    await desk.show(Screen(text, inline(*rows, pager, [every], [back_to(ui, screens.at(None, "look", NAME))])))


async def choose(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """A category that is there, or any purchase; shown before it is saved."""
    wanted = int(callback_data.word) or None
    known = {each.id for each in await desk.core.catalogue.categories(desk.actor)}
    if wanted is not None and wanted not in known:
        await desk.say("staff/office/programme/gone")
        return
    await propose(desk, None, {NAME: wanted}, back=screens.at(None, "look", NAME))
