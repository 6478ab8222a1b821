"""«Уровни»: the merchant's ladder and what it counts."""

from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.boards import Board
from core.domain.ladder import Level, Metric
from core.domain.settings import plain
from handlers.callbacks import OnLevel
from handlers.parse import parse_level
from handlers.rendering import Renderer
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.office import parts
from handlers.staff.office.following import (
    board_of,
    parse_percent,
    parse_threshold,
    save,
    show_progress,
)
from handlers.staff.office.guard import OwnersOnly
from handlers.staff.states import Following
from handlers.ui import Screen, Ui

FIELDS = ("name", "threshold", "accrual_percent", "redemption_share", "discount")
OWN = ("accrual_percent", "redemption_share")
"""What a level may leave to the programme."""


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-levels")
    router.message.middleware(OwnersOnly())
    router.callback_query.middleware(OwnersOnly())
    press = router.callback_query.register
    press(listed, OnLevel.filter(F.do == "list"))
    press(opened, OnLevel.filter(F.do == "open"))
    press(ask_new, OnLevel.filter(F.do == "add"))
    press(ask_field, OnLevel.filter((F.do == "edit") & F.word.in_(set(FIELDS))))
    press(left_to_programme, OnLevel.filter((F.do == "own") & F.word.in_(set(OWN))))
    press(ask_delete, OnLevel.filter(F.do == "delete"))
    press(delete, OnLevel.filter(F.do == "delete_sure"))
    press(ask_metric, OnLevel.filter(F.do == "metric"))
    press(set_metric, OnLevel.filter((F.do == "count") & F.word.in_(set(Metric))))
    router.message.register(name_typed, Following.level_name, ANSWER)
    router.message.register(start_typed, Following.level_start, ANSWER)
    router.message.register(field_typed, Following.level_field, ANSWER)
    return router


async def listed(press: CallbackQuery, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(ladder(desk.ui, await board_of(desk)))


async def opened(press: CallbackQuery, callback_data: OnLevel, desk: Desk) -> None:
    """One level with what can be changed; one that is gone shows the list."""
    await desk.open(None)
    board = await board_of(desk)
    levels = board.programme.levels
    found = callback_data.at < len(levels)
    await desk.show(rung(desk.ui, board, callback_data.at) if found else ladder(desk.ui, board))


async def ask_new(press: CallbackQuery, callback_data: OnLevel, desk: Desk) -> None:
    screen = Screen(desk.ui.text("staff/office/levels/ask", what="name", money=True), inline([_to_list(desk.ui)]))
    await desk.ask(Following.level_name, screen, seen=callback_data.seen)


async def name_typed(message: Message, desk: Desk) -> None:
    """The new level's name; its threshold is asked next. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    name = parse_level(desk.typed)
    board = await board_of(desk)
    money = board.programme.level_metric is not Metric.VISITS
    text = desk.ui.text("staff/office/levels/ask", what="threshold", money=money)
    await desk.ask(
        Following.level_start,
        Screen(text, inline([_to_list(desk.ui)])),
        seen=(await desk.data())["seen"],
        name=name,
    )


async def start_typed(message: Message, desk: Desk) -> None:
    data = await desk.data()
    board = await board_of(desk)
    threshold = parse_threshold(desk.typed, money=board.programme.level_metric is not Metric.VISITS)
    added = plain(Level(data["name"], threshold))
    await _save(desk, [*(plain(one) for one in board.programme.levels), added], data["seen"], shown=added)


async def ask_field(press: CallbackQuery, callback_data: OnLevel, desk: Desk) -> None:
    """Ask for one part of a level; what the programme has may stand instead of a percent."""
    board = await board_of(desk)
    money = board.programme.level_metric is not Metric.VISITS
    text = desk.ui.text("staff/office/levels/ask", what=callback_data.word, money=money)
    given = {"at": callback_data.at, "seen": callback_data.seen}
    back = parts.back_to(desk.ui, OnLevel(do="open", **given))
    own = button(desk.ui.label("office.levels.own"), OnLevel(do="own", word=callback_data.word, **given))
    keys = inline([own] if callback_data.word in OWN else [], [back])
    await desk.ask(Following.level_field, Screen(text, keys), field=callback_data.word, **given)


async def field_typed(message: Message, desk: Desk) -> None:
    data = await desk.data()
    await _change(desk, data["at"], data["seen"], data["field"], desk.typed)


async def left_to_programme(press: CallbackQuery, callback_data: OnLevel, desk: Desk) -> None:
    await _change(desk, callback_data.at, callback_data.seen, callback_data.word, None)


async def ask_delete(press: CallbackQuery, callback_data: OnLevel, desk: Desk) -> None:
    board = await board_of(desk)
    if callback_data.at >= len(board.programme.levels):
        await desk.show(ladder(desk.ui, board))
        return
    given = {"at": callback_data.at, "seen": callback_data.seen}
    sure = button(desk.ui.label("office.levels.delete_sure"), OnLevel(do="delete_sure", **given))
    text = desk.ui.text("staff/office/levels/delete", level=board.programme.levels[callback_data.at])
    await desk.show(Screen(text, inline([sure], [parts.back_to(desk.ui, OnLevel(do="open", **given))])))


async def delete(press: CallbackQuery, callback_data: OnLevel, desk: Desk) -> None:
    levels = (await board_of(desk)).programme.levels
    left = [plain(one) for at, one in enumerate(levels) if at != callback_data.at]
    await _save(desk, left, callback_data.seen)


async def ask_metric(press: CallbackQuery, desk: Desk) -> None:
    board = await board_of(desk)
    rows = [
        [
            button(
                desk.ui.label(f"office.metric.{one.value}"),
                OnLevel(do="count", word=one.value, seen=board.version),
            )
        ]
        for one in Metric
    ]
    text = desk.ui.text("staff/office/levels/metric", metric=board.programme.level_metric.value)
    await desk.show(Screen(text, inline(*rows, [_to_list(desk.ui)])))


async def set_metric(press: CallbackQuery, callback_data: OnLevel, desk: Desk) -> None:
    await save(desk, {"level_metric": callback_data.word}, callback_data.seen)
    await desk.show(ladder(desk.ui, await board_of(desk)))
    await show_progress(desk)


async def _change(desk: Desk, at: int, seen: int, field: str, typed: str | None) -> None:
    """Change a part of one level; ``typed`` None leaves it to the programme."""
    board = await board_of(desk)
    levels: list[Any] = [plain(one) for one in board.programme.levels]
    if at >= len(levels):
        await desk.show(ladder(desk.ui, board))
        return
    levels[at][field] = None if typed is None else _parsed(field, typed, board.programme.level_metric)
    await _save(desk, levels, seen, shown=levels[at])


def _parsed(field: str, typed: str, metric: Metric) -> int | str:
    if field == "name":
        return parse_level(typed)
    if field == "threshold":
        return parse_threshold(typed, money=metric is not Metric.VISITS)
    return parse_percent(typed, low=1 if field == "accrual_percent" else 0)


async def _save(desk: Desk, levels: list[dict[str, Any]], seen: int, *, shown: Any = None) -> None:
    """Save the ladder, lowest first, and show it; or the one level that was changed, for what else it gives."""
    rungs = sorted(levels, key=lambda one: int(one["threshold"]))
    await save(desk, {"levels": rungs}, seen)
    board = await board_of(desk)
    at = next((at for at, one in enumerate(rungs) if one is shown), len(rungs))
    is_there = at < len(board.programme.levels)
    await desk.show(rung(desk.ui, board, at) if is_there else ladder(desk.ui, board))
    await show_progress(desk)


def ladder(ui: Ui, board: Board) -> Screen:
    """All levels, the lowest first."""
    programme = board.programme

    def key(do: str, label: str) -> list[Button]:
        return [button(ui.label(label), OnLevel(do=do, seen=board.version))]

    rows = [
        [button(level.name, OnLevel(do="open", at=at, seen=board.version))]
        for at, level in enumerate(programme.levels)
    ]
    more = [key("add", "office.levels.add"), key("metric", "office.levels.metric")]
    text = ui.text("staff/office/levels/list", levels=programme.levels, metric=programme.level_metric.value)
    return Screen(text, inline(*rows, *more, [parts.to_menu(ui)]))


def rung(ui: Ui, board: Board, at: int) -> Screen:
    """One level with a button for each part of it."""
    given = {"at": at, "seen": board.version}
    keys = [button(ui.label(f"office.levels.{one}"), OnLevel(do="edit", word=one, **given)) for one in FIELDS]
    gone = button(ui.label("office.levels.delete"), OnLevel(do="delete", **given))
    text = ui.text(
        "staff/office/levels/level",
        level=board.programme.levels[at],
        metric=board.programme.level_metric.value,
    )
    return Screen(text, inline(keys[:2], keys[2:4], keys[4:], [gone], [_to_list(ui)]))


def _to_list(ui: Ui) -> Button:
    return parts.back_to(ui, OnLevel(do="list"))
