"""«📜 Журнал»: who did what, by person, kind, day, customer or purchase; and one row with its before and after."""

from datetime import date, timedelta
from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.journal import KINDS, LogPage, Sought
from handlers.callbacks import OnLog
from handlers.input_error import InputError, Reason
from handlers.parse import parse_till_line
from handlers.rendering import Renderer
from handlers.staff.customers import identify
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.office.journal_words import SPECS, changes, word
from handlers.staff.office.parts import back_to, to_menu
from handlers.staff.states import Managing
from handlers.ui import Screen, Ui

DAYS = 7
NAMES = 40


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-journal")
    press = router.callback_query.register
    press(listed, OnLog.filter(F.do == "list"))
    press(opened, OnLog.filter(F.do == "row"))
    press(ask_person, OnLog.filter(F.do == "who"))
    press(ask_kind, OnLog.filter(F.do == "kinds"))
    press(ask_day, OnLog.filter(F.do == "days"))
    press(ask_about, OnLog.filter(F.do == "about"))
    router.message.register(about_typed, Managing.log, ANSWER)
    return router


def day_number(day: date) -> int:
    """A day as a button carries it."""
    return day.year * 10_000 + day.month * 100 + day.day


def sought(at: OnLog) -> Sought:
    """What a button looks for; a day that is none narrows nothing."""
    try:
        day = date(at.day // 10_000, at.day // 100 % 100, at.day % 100) if at.day else None
    except ValueError:
        day = None
    kind = at.kind if at.kind in KINDS else None
    return Sought(at.who or None, kind, day, at.of or None, at.sale or None)


async def listed(press: CallbackQuery, callback_data: OnLog, desk: Desk) -> None:
    """A page; ``n`` is its number."""
    await desk.open(None)
    await show_list(desk, callback_data)


async def show_list(desk: Desk, at: OnLog) -> None:
    found = await desk.core.journal.page(desk.actor, sought(at), at.n)
    await desk.show(list_screen(desk, at, found))


def list_screen(desk: Desk, at: OnLog, found: LogPage) -> Screen:
    """Rows with numbers, buttons to open them, and the ways to narrow."""
    ui, wanted = desk.ui, sought(at)
    lines = [(number, row, word(ui, row.action)) for number, row in enumerate(found.rows, start=1)]
    opens = [button(str(number), at.model_copy(update={"do": "row", "n": row.id})) for number, row, _ in lines]
    turns = []
    if found.page:
        turns.append(button(ui.label("history.newer"), at.model_copy(update={"n": found.page - 1})))
    if found.has_more:
        turns.append(button(ui.label("history.older"), at.model_copy(update={"n": found.page + 1})))
    narrow = [
        [_to(ui, at, "who"), _to(ui, at, "kinds")],
        [_to(ui, at, "days"), _to(ui, at, "about")],
        [button(ui.label("log.everything"), OnLog(do="list"))] if wanted != Sought() else [],
    ]
    text = ui.text(
        "staff/office/journal/list",
        lines=lines,
        it=wanted,
        kind=ui.label(f"log.kind.{wanted.kind}") if wanted.kind else None,
        tz=desk.actor.time_zone,
    )
    return Screen(text, inline(opens[:4], opens[4:], turns, *narrow, [to_menu(ui)]))


def _to(ui: Ui, at: OnLog, do: str) -> Button:
    return button(ui.label(f"log.{do}"), at.model_copy(update={"do": do, "n": 0}))


async def opened(press: CallbackQuery, callback_data: OnLog, desk: Desk) -> None:
    """One row; another branch's is not there."""
    found = await desk.core.journal.row(desk.actor, callback_data.n)
    if found is None:
        await desk.say("staff/stale")
        return
    text = desk.ui.text(
        "staff/office/journal/row",
        row=found.row,
        did=word(desk.ui, found.row.action),
        changes=changes(desk.ui, found.row),
        specs=SPECS if found.row.action == "programme.changed" else {},
        branches=found.branches,
        groups=found.groups,
        tz=desk.actor.time_zone,
    )
    back = callback_data.model_copy(update={"do": "list", "n": 0})
    await desk.show(Screen(text, inline([back_to(desk.ui, back)])))


async def ask_person(press: CallbackQuery, callback_data: OnLog, desk: Desk) -> None:
    people = (await desk.core.journal.people(desk.actor))[:NAMES]
    choices = [(name, {"who": member}) for member, name in people]
    await _choose(desk, callback_data, "who", choices)


async def ask_kind(press: CallbackQuery, callback_data: OnLog, desk: Desk) -> None:
    choices = [(desk.ui.label(f"log.kind.{kind}"), {"kind": kind}) for kind in KINDS]
    await _choose(desk, callback_data, "kinds", choices)


async def ask_day(press: CallbackQuery, callback_data: OnLog, desk: Desk) -> None:
    """One of the last days."""
    formats = desk.ui.renderer.formats(desk.ui.language)
    days = [desk.today - timedelta(days=back) for back in range(DAYS)]
    choices = [(formats.day(day), {"day": day_number(day)}) for day in days]
    await _choose(desk, callback_data, "days", choices)


async def _choose(desk: Desk, at: OnLog, what: str, choices: list[tuple[str, dict[str, Any]]]) -> None:
    """A list of choices, each of which narrows what is shown."""
    rows = [
        [button(label, at.model_copy(update={"do": "list", "n": 0} | narrowed))] for label, narrowed in choices
    ]
    back = at.model_copy(update={"do": "list", "n": 0})
    text = desk.ui.text("staff/office/journal/choose", what=what)
    await desk.show(Screen(text, inline(*rows, [back_to(desk.ui, back)])))


async def ask_about(press: CallbackQuery, callback_data: OnLog, desk: Desk) -> None:
    """Ask for a customer or a purchase."""
    back = callback_data.model_copy(update={"do": "list", "n": 0})
    screen = Screen(desk.ui.text("staff/office/journal/choose", what="about"), inline([back_to(desk.ui, back)]))
    await desk.ask(Managing.log, screen, at=back.pack())


async def about_typed(message: Message, desk: Desk) -> None:
    """A phone, a card, or the purchase's number as «№ 45»."""
    data = await desk.data()
    at = OnLog.unpack(data["at"])
    line = parse_till_line(desk.typed, desk.region)
    if line.receipt is not None and line.identifier is None and line.receipt.isascii() and line.receipt.isdigit():
        at = at.model_copy(update={"sale": int(line.receipt[:10]), "of": 0})
    elif line.identifier is not None:
        panel = await identify(desk, line.identifier)
        at = at.model_copy(update={"of": panel.customer_id, "sale": 0})
    else:
        raise InputError(Reason.UNCLEAR)
    await desk.open(None)
    await show_list(desk, at)
    await desk.remove(data["message_id"])
