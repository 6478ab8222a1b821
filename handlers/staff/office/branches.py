"""«Точки»: places of sale, their names and time zones, and whether they sell. The owner's alone."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.branches import COMMON_ZONES, BranchView
from handlers.callbacks import OnBranch, OnProgramme
from handlers.parse import parse_name
from handlers.rendering import Renderer
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.office import parts
from handlers.staff.office.guard import OwnersOnly
from handlers.staff.states import Managing
from handlers.ui import Screen, Ui

IN_A_ROW = 2


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-branches")
    router.message.middleware(OwnersOnly())
    router.callback_query.middleware(OwnersOnly())
    press = router.callback_query.register
    press(listed, OnBranch.filter(F.do == "list"))
    press(opened, OnBranch.filter(F.do == "open"))
    press(ask_name, OnBranch.filter(F.do.in_({"add", "rename"})))
    press(ask_zone, OnBranch.filter(F.do == "move"))
    press(zone_pressed, OnBranch.filter((F.do == "zone") & (F.n < len(COMMON_ZONES))), Managing.branch_zone)
    press(ask_closing, OnBranch.filter(F.do == "close"))
    press(close, OnBranch.filter(F.do == "close_sure"))
    press(reopen, OnBranch.filter(F.do == "reopen"))
    router.message.register(name_typed, Managing.branch_name, ANSWER)
    router.message.register(zone_typed, Managing.branch_zone, ANSWER)
    return router


async def listed(press: CallbackQuery, desk: Desk) -> None:
    await desk.open(None)
    rows = await desk.core.branches.all(desk.actor)
    keys = [[button(_named(desk.ui, row), OnBranch(do="open", id=row.id))] for row in rows]
    add = button(desk.ui.label("office.branches.add"), OnBranch(do="add"))
    text = desk.ui.text("staff/office/branches/list", branches=rows)
    await desk.show(Screen(text, inline(*keys, [add], [parts.to_menu(desk.ui)])))


async def opened(press: CallbackQuery, callback_data: OnBranch, desk: Desk) -> None:
    await desk.open(None)
    await _show(desk, callback_data.id)


async def ask_name(press: CallbackQuery, callback_data: OnBranch, desk: Desk) -> None:
    """Ask for the name of a new branch, or for another name."""
    branch_id = callback_data.id if callback_data.do == "rename" else None
    screen = _question(desk.ui, "name", branch_id)
    await desk.ask(Managing.branch_name, screen, branch_id=branch_id)


async def name_typed(message: Message, desk: Desk) -> None:
    """Another name is saved; a new branch is asked for its time zone."""
    name, branch_id = parse_name(desk.typed), (await desk.data())["branch_id"]
    if branch_id is None:
        await desk.ask(Managing.branch_zone, _zones(desk.ui, None), branch_id=None, name=name)
        return
    await desk.core.branches.rename(desk.actor, branch_id, name)
    await _show(desk, branch_id)
    await desk.open(None)


async def ask_zone(press: CallbackQuery, callback_data: OnBranch, desk: Desk) -> None:
    await desk.ask(Managing.branch_zone, _zones(desk.ui, callback_data.id), branch_id=callback_data.id)


async def zone_pressed(press: CallbackQuery, callback_data: OnBranch, desk: Desk) -> None:
    await _save_zone(desk, COMMON_ZONES[callback_data.n])


async def zone_typed(message: Message, desk: Desk) -> None:
    await _save_zone(desk, desk.typed)


async def _save_zone(desk: Desk, zone: str) -> None:
    data = await desk.data()
    branch_id = data["branch_id"]
    if branch_id is None:
        branch_id = await desk.core.branches.add(desk.actor, data["name"], zone)
    else:
        await desk.core.branches.move(desk.actor, branch_id, zone)
    await _show(desk, branch_id)
    await desk.open(None)


async def ask_closing(press: CallbackQuery, callback_data: OnBranch, desk: Desk) -> None:
    """Ask again before a branch stops selling."""
    it = await desk.core.branches.look(desk.actor, callback_data.id)
    sure = button(desk.ui.label("office.branches.close_sure"), OnBranch(do="close_sure", id=it.id))
    keys = inline([sure], [parts.back_to(desk.ui, OnBranch(do="open", id=it.id))])
    await desk.show(Screen(desk.ui.text("staff/office/branches/close", it=it), keys))


async def close(press: CallbackQuery, callback_data: OnBranch, desk: Desk) -> None:
    await desk.core.branches.close(desk.actor, callback_data.id)
    await _show(desk, callback_data.id)


async def reopen(press: CallbackQuery, callback_data: OnBranch, desk: Desk) -> None:
    await desk.core.branches.reopen(desk.actor, callback_data.id)
    await _show(desk, callback_data.id)


async def _show(desk: Desk, branch_id: int) -> None:
    it = await desk.core.branches.look(desk.actor, branch_id)

    def key(do: str) -> Button:
        return button(desk.ui.label(f"office.branches.{do}"), OnBranch(do=do, id=it.id))

    settings = button(desk.ui.label("office.branches.settings"), OnProgramme(do="sections", branch=it.id))
    rows = [[key("rename"), key("move")], [settings], [key("close" if it.is_open else "reopen")]]
    back = parts.back_to(desk.ui, OnBranch(do="list"))
    await desk.show(Screen(desk.ui.text("staff/office/branches/branch", it=it), inline(*rows, [back])))


def _zones(ui: Ui, branch_id: int | None) -> Screen:
    """Common zones as buttons; any other may be typed."""
    keys = [
        button(ui.label(f"office.zone.{zone.rpartition('/')[2].lower()}"), OnBranch(do="zone", n=number))
        for number, zone in enumerate(COMMON_ZONES)
    ]
    rows = [keys[start : start + IN_A_ROW] for start in range(0, len(keys), IN_A_ROW)]
    return Screen(ui.text("staff/office/branches/ask", what="zone"), inline(*rows, [_back(ui, branch_id)]))


def _question(ui: Ui, what: str, branch_id: int | None) -> Screen:
    return Screen(ui.text("staff/office/branches/ask", what=what), inline([_back(ui, branch_id)]))


def _back(ui: Ui, branch_id: int | None) -> Button:
    to = OnBranch(do="list") if branch_id is None else OnBranch(do="open", id=branch_id)
    return parts.back_to(ui, to)


def _named(ui: Ui, row: BranchView) -> str:
    return row.name if row.is_open else ui.label("office.branches.closed", name=row.name)
