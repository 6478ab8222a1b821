"""Changing one setting: chosen by a button or typed, shown before it is saved."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.errors import InvalidSetting
from core.domain.settings import Unit
from handlers.callbacks import OnProgramme
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.office.programme import screens
from handlers.staff.office.programme.saving import propose
from handlers.staff.office.programme.typed import parse_setting
from handlers.staff.states import Setting

BY_BUTTONS = (Unit.FLAG, Unit.CHOICE)
NAMES = {spec.name for spec in screens.SPECS.values() if spec.unit is not Unit.LIST}
TYPED = {name for name in NAMES - set(screens.LIST_SCREENS) if screens.SPECS[name].unit not in BY_BUTTONS}
CHOSEN = {name for name in NAMES if screens.SPECS[name].unit in BY_BUTTONS}


def build() -> Router:
    router = Router(name="staff-office-programme-editing")
    press = router.callback_query.register
    press(ask, OnProgramme.filter((F.do == "change") & F.name.in_(TYPED)))
    press(choose, OnProgramme.filter((F.do == "choose") & F.name.in_(CHOSEN)))
    press(remove, OnProgramme.filter((F.do == "remove") & F.name.in_(TYPED)))
    press(follow, OnProgramme.filter((F.do == "follow") & F.name.in_(set(screens.SPECS))))
    router.message.register(typed, Setting.value, ANSWER)
    return router


async def ask(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """Ask for a new value."""
    board = await desk.core.boards.board(desk.actor, callback_data.branch or None)
    screen = screens.asked(desk.ui, board, screens.SPECS[callback_data.name])
    await desk.ask(Setting.value, screen, branch=callback_data.branch or None, name=callback_data.name)


async def typed(message: Message, desk: Desk) -> None:
    """The new value; one that does not fit is asked for again with its bounds, unless it is the next customer."""
    data = await desk.data()
    spec = screens.SPECS[data["name"]]
    try:
        value = parse_setting(spec, desk.typed)
    except InvalidSetting:
        if await left_for_another(desk):
            return
        board = await desk.core.boards.board(desk.actor, data["branch"])
        await desk.show(screens.asked(desk.ui, board, spec, refused=True))
        return
    await propose(desk, data["branch"], {spec.name: value}, back=screens.at(data["branch"], "look", spec.name))


async def choose(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """A switch, or one of the choices; anything else is refused by the core."""
    spec = screens.SPECS[callback_data.name]
    value: object = callback_data.word
    if spec.unit is Unit.FLAG:
        value = {"0": False, "1": True}.get(callback_data.word)
    await _propose(desk, callback_data, {spec.name: value})


async def remove(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """A setting without a value: no limit, or the rule is off."""
    await _propose(desk, callback_data, {callback_data.name: None})


async def follow(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """The whole network's value in place of the branch's own."""
    await _propose(desk, callback_data, {}, follow=callback_data.name)


async def _propose(desk: Desk, pressed: OnProgramme, changes: dict[str, object], *, follow: str = "") -> None:
    branch_id = pressed.branch or None
    back = screens.at(branch_id, "look", pressed.name)
    await propose(desk, branch_id, changes, back=back, follow=follow)
