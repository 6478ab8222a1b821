"""Lists of the reminders: days before points expire, and the steps of the win-back ladder."""

import re
from collections.abc import Sequence

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.reminders import DaysBefore, WinBackStep
from core.domain.settings import plain
from handlers.callbacks import OnProgramme
from handlers.input_error import tidy
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import back_to
from handlers.staff.office.programme import screens
from handlers.staff.office.programme.saving import propose
from handlers.staff.states import Setting
from handlers.ui import Screen

DAYS, STEPS = "expiry_soon_days", "win_back"
OF_DAYS, OF_STEPS = OnProgramme(do="soon"), OnProgramme(do="steps")
MOST_DAYS, MOST_STEPS = screens.SPECS[DAYS].high or 0, screens.SPECS[STEPS].high or 0
LONGEST_WORDS = 300
NO_WORDS = {"-", "—", "нет", "no"}
_NUMBER = re.compile(r"[0-9]{1,7}")
_NUMBERS_ONLY = re.compile(r"[0-9 ,;/]+")


def build() -> Router:
    router = Router(name="staff-office-programme-reminding")
    press = router.callback_query.register
    press(days, OnProgramme.filter(F.do == "soon"))
    press(ask_days, OnProgramme.filter(F.do == "soon_ask"))
    press(no_days, OnProgramme.filter(F.do == "soon_none"))
    press(steps, OnProgramme.filter(F.do == "steps"))
    press(ask_step, OnProgramme.filter(F.do == "step_add"))
    press(remove_step, OnProgramme.filter((F.do == "step_remove") & F.word.regexp(r"^[0-9]{1,3}-[0-9]{1,18}$")))
    router.message.register(days_typed, Setting.days_before, ANSWER)
    router.message.register(step_typed, Setting.step_numbers, ANSWER)
    router.message.register(words_typed, Setting.step_words, ANSWER)
    return router


def _numbers(typed: str) -> list[int]:
    """``7, 1`` or ``30 200 14``; nothing when there is anything else in it."""
    text = tidy(typed, 64)
    return [int(each) for each in _NUMBER.findall(text)] if _NUMBERS_ONLY.fullmatch(text) else []


def _days_of(typed: str) -> list[DaysBefore]:
    try:
        found = [DaysBefore(each) for each in sorted(set(_numbers(typed)), reverse=True)]
    except ValueError:
        return []
    return found if len(found) <= MOST_DAYS else []


def _step_of(numbers: Sequence[int], words: str = "") -> WinBackStep | None:
    try:
        after, points, life = numbers
        return WinBackStep(after, points * 100, life, words)
    except ValueError:
        return None


async def days(press: CallbackQuery, desk: Desk) -> None:
    """How many days before points expire customers are told."""
    await desk.open(None)
    board = await desk.core.boards.board(desk.actor, None)
    ui, found = desk.ui, board.programme.expiry_soon_days
    change = [button(ui.label("office.programme.change"), screens.at(None, "soon_ask", DAYS))]
    none = [button(ui.label("office.reminding.none"), screens.at(None, "soon_none", DAYS))]
    text = ui.text("staff/office/programme/expiry_soon", days=[each.days for each in found])
    rows = [change, none] if found else [change]
    await desk.show(Screen(text, inline(*rows, [back_to(ui, screens.at(None, "section", word="reminders"))])))


async def ask_days(press: CallbackQuery, desk: Desk) -> None:
    """Ask for the days."""
    await desk.core.boards.board(desk.actor, None)
    await _ask_days(desk, refused=False)


async def _ask_days(desk: Desk, *, refused: bool) -> None:
    text = desk.ui.text("staff/office/programme/expiry_soon_ask", most=MOST_DAYS, refused=refused)
    await desk.ask(Setting.days_before, Screen(text, inline([back_to(desk.ui, OF_DAYS)])))


async def days_typed(message: Message, desk: Desk) -> None:
    """The days; what comes of it is shown before it is saved. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    await desk.core.boards.board(desk.actor, None)
    found = _days_of(desk.typed)
    if not found:
        await _ask_days(desk, refused=True)
        return
    await propose(desk, None, {DAYS: plain(tuple(found))}, back=OF_DAYS)


async def no_days(press: CallbackQuery, desk: Desk) -> None:
    """No reminder of points that expire."""
    await propose(desk, None, {DAYS: []}, back=OF_DAYS)


async def steps(press: CallbackQuery, desk: Desk) -> None:
    """The ladder; each step can be taken away, which is shown before it is saved."""
    await desk.open(None)
    board = await desk.core.boards.board(desk.actor, None)
    ui, found = desk.ui, board.programme.win_back
    rows = [
        [
            button(
                ui.label("office.reminding.remove", days=step.days),
                screens.at(None, "step_remove", STEPS, f"{place}-{board.version}"),
            )
        ]
        for place, step in enumerate(found)
    ]
    if len(found) < MOST_STEPS:
        rows.insert(0, [button(ui.label("office.reminding.add"), screens.at(None, "step_add", STEPS))])
    text = ui.text("staff/office/programme/win_back", steps=found, most=MOST_STEPS)
    await desk.show(Screen(text, inline(*rows, [back_to(ui, screens.at(None, "section", word="reminders"))])))


async def ask_step(press: CallbackQuery, desk: Desk) -> None:
    """Begin a new step: its numbers."""
    await desk.core.boards.board(desk.actor, None)
    await _ask_step(desk, refused=False)


async def _ask_step(desk: Desk, *, refused: bool) -> None:
    text = desk.ui.text("staff/office/programme/win_back_ask", refused=refused)
    await desk.ask(Setting.step_numbers, Screen(text, inline([back_to(desk.ui, OF_STEPS)])))


async def step_typed(message: Message, desk: Desk) -> None:
    """Its numbers; then its words are asked. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    await desk.core.boards.board(desk.actor, None)
    numbers = _numbers(desk.typed)
    step = _step_of(numbers)
    if step is None:
        await _ask_step(desk, refused=True)
        return
    await _ask_words(desk, numbers, step)


async def _ask_words(desk: Desk, numbers: list[int], step: WinBackStep | None, *, braces: bool = False) -> None:
    text = desk.ui.text("staff/office/programme/win_back_words", step=step, most=LONGEST_WORDS, braces=braces)
    await desk.ask(Setting.step_words, Screen(text, inline([back_to(desk.ui, OF_STEPS)])), numbers=numbers)


async def words_typed(message: Message, desk: Desk) -> None:
    """Its words; the new ladder is shown before it is saved. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    board = await desk.core.boards.board(desk.actor, None)
    words = desk.typed.strip()
    step = _step_of(data["numbers"], "" if words.casefold() in NO_WORDS else words)
    braces = "{" in words or "}" in words  # these words are sent as they are: fields belong to texts
    if step is None or braces:
        await _ask_words(desk, data["numbers"], _step_of(data["numbers"]), braces=braces)
        return
    kept = [each for each in board.programme.win_back if each.days != step.days]
    ladder = tuple(sorted([*kept, step], key=lambda each: each.days))
    await propose(desk, None, {STEPS: plain(ladder)}, back=OF_STEPS)


async def remove_step(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """The ladder without the step at a place in it as it was shown."""
    place, seen = (int(part) for part in callback_data.word.split("-"))
    board = await desk.core.boards.board(desk.actor, None)
    shown = plain(board.programme.win_back)
    if place >= len(shown) or seen != board.version:
        await desk.say("staff/office/programme/gone")
        return
    await propose(desk, None, {STEPS: shown[:place] + shown[place + 1 :]}, back=OF_STEPS)
