"""Screens of the settings, made from their declarations."""

from collections.abc import Mapping
from typing import Any

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton

from core.boards import Board, Preview
from core.domain.programme import Programme, to_json
from core.domain.settings import Section, Spec, Unit, specs
from handlers.callbacks import OnLevel, OnProgramme, OnRule, OnTopic
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import back_to, to_menu
from handlers.ui import Screen, Ui

SPECS: Mapping[str, Spec] = specs(Programme)

LIST_SCREENS: dict[str, CallbackData] = {
    "eligible_pairs": OnProgramme(do="pairs"),
    "exclusions": OnProgramme(do="exclusions"),
    "nth_category": OnProgramme(do="nth_categories"),
    "gifts": OnProgramme(do="gifts"),
    "levels": OnLevel(do="list"),
    "rules": OnRule(do="list"),
    "topics": OnTopic(do="list"),
    "expiry_soon_days": OnProgramme(do="soon"),
    "win_back": OnProgramme(do="steps"),
}
"""Where settings with a screen of their own are edited; a list without one is shown only. Areas add theirs."""


def at(branch: int | None, do: str, name: str = "", word: str = "") -> OnProgramme:
    return OnProgramme(do=do, branch=branch or 0, name=name, word=word)


def scopes(ui: Ui, found: tuple[tuple[int | None, str | None], ...]) -> Screen:
    """The whole network, or one of its branches."""
    rows = [
        [button(name or ui.label("office.programme.network"), at(branch, "sections"))] for branch, name in found
    ]
    return Screen(ui.text("staff/office/programme/scopes"), inline(*rows, [to_menu(ui)]))


def sections(ui: Ui, board: Board, *, alone: bool) -> Screen:
    """The list of sections; ``alone`` when the actor has nothing else to look at."""
    keys = [
        button(ui.label(f"office.section.{each}"), at(board.branch_id, "section", word=each)) for each in Section
    ]
    rows = [keys[start : start + 2] for start in range(0, len(keys), 2)]
    extra = [button(ui.label("office.programme.history"), at(board.branch_id, "history"))]
    if board.branch_id is None:
        extra.insert(0, button(ui.label("office.programme.presets"), at(None, "presets")))
    back = to_menu(ui) if alone else back_to(ui, OnProgramme(do="open"))
    text = ui.text(
        "staff/office/programme/sections",
        board=board,
        values=to_json(board.programme),
        specs=SPECS,
        groups=board.groups,
    )
    return Screen(text, inline(*rows, extra, [back]))


def section(ui: Ui, board: Board, which: Section) -> Screen:
    """A section's settings with their values; a button for each that can be changed here."""
    shown = [spec for spec in SPECS.values() if spec.section is which]
    keys = [[_opens(ui, board, spec)] for spec in shown if spec.name in board.changeable]
    text = ui.text(
        "staff/office/programme/section",
        board=board,
        title=ui.label(f"office.section.{which}"),
        shown=shown,
        values=to_json(board.programme),
        groups=board.groups,
    )
    return Screen(text, inline(*keys, [back_to(ui, at(board.branch_id, "sections"))]))


def _opens(ui: Ui, board: Board, spec: Spec) -> InlineKeyboardButton:
    return button(spec.title(ui.language), at(board.branch_id, "look", spec.name))


def setting(ui: Ui, board: Board, spec: Spec, *, head: str | None = None) -> Screen:
    """One setting. ``head`` says what has just happened to it."""
    value = board.value(spec.name)
    text = ui.text(
        "staff/office/programme/setting",
        board=board,
        spec=spec,
        value=value,
        head=head,
        may=spec.name in board.changeable,
        listed=spec.unit is not Unit.LIST or spec.name in LIST_SCREENS,
        groups=board.groups,
    )
    rows = _ways(ui, board, spec, value) if spec.name in board.changeable else []
    if spec.name in board.overridden:
        rows.append([button(ui.label("office.programme.follow"), at(board.branch_id, "follow", spec.name))])
    return Screen(text, inline(*rows, [back_to(ui, at(board.branch_id, "section", word=spec.section))]))


def _ways(ui: Ui, board: Board, spec: Spec, value: Any) -> list[list[InlineKeyboardButton]]:
    """How a setting is changed: by choosing, by typing, or on a screen of its own."""

    def choose(label: str, word: str) -> list[InlineKeyboardButton]:
        return [button(label, at(board.branch_id, "choose", spec.name, word))]

    if spec.unit is Unit.FLAG:
        return [choose(ui.label(f"office.programme.{'off' if value else 'on'}"), "0" if value else "1")]
    if spec.unit is Unit.CHOICE:
        return [
            choose(ui.label(f"office.choice.{spec.name}.{each}"), each) for each in spec.choices if each != value
        ]
    if spec.unit is Unit.LIST or spec.name in LIST_SCREENS:
        to = LIST_SCREENS.get(spec.name)
        if isinstance(to, OnProgramme):
            to = to.model_copy(update={"branch": board.branch_id or 0})
        return [] if to is None else [[button(ui.label("office.programme.change"), to)]]
    change = button(ui.label("office.programme.change"), at(board.branch_id, "change", spec.name))
    remove = button(ui.label("office.programme.remove"), at(board.branch_id, "remove", spec.name))
    return [[change, remove] if spec.nullable and value is not None else [change]]


def asked(ui: Ui, board: Board, spec: Spec, *, refused: bool = False) -> Screen:
    """The question of a new value; ``refused`` after one that did not fit."""
    value = board.value(spec.name)
    text = ui.text("staff/office/programme/ask", spec=spec, value=value, refused=refused, groups=board.groups)
    return Screen(text, inline([back_to(ui, at(board.branch_id, "look", spec.name))]))


def preview(ui: Ui, found: Preview, back: OnProgramme, *, what_if: bool = True) -> Screen:
    """A change before it is saved: what differs, warnings, and a receipt before and after."""
    text = ui.text("staff/office/programme/preview", it=found, specs=SPECS, groups=found.groups)
    if not found.changes:
        return Screen(text, inline([back_to(ui, back)]))
    save = button(ui.label("office.programme.save"), back.model_copy(update={"do": "save"}))
    drop = button(ui.label("common.cancel"), back)
    ask = button(ui.label("office.programme.what_if"), back.model_copy(update={"do": "what_if"}))
    return Screen(text, inline([save, drop], [ask] if what_if else []))
