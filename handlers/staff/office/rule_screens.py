"""Screens of «Правила»."""

from core.boards import Board
from core.domain.rules import Effect, Trigger
from handlers.callbacks import OnRule
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.office import parts
from handlers.ui import Screen, Ui

PAGE = 20
IN_A_ROW = 5


def rules(ui: Ui, board: Board, page: int) -> Screen:
    """A page of rules, numbered, with a button each, and what can be added."""
    seen, programme = board.version, board.programme
    pages = max(1, -(-len(programme.rules) // PAGE))
    page = min(page, pages - 1)
    shown = list(enumerate(programme.rules))[page * PAGE : (page + 1) * PAGE]
    numbers = [button(str(at + 1), OnRule(do="open", at=at, seen=seen)) for at, _ in shown]
    rows = [numbers[start : start + IN_A_ROW] for start in range(0, len(numbers), IN_A_ROW)]
    adds = [
        button(ui.label(f"office.rules.{one.value}"), OnRule(do="add", word=one.value, seen=seen))
        for one in Effect
    ]
    days = [
        [button(ui.label(f"office.rules.{name}"), OnRule(do="days", word=name, seen=seen))]
        for name in ("discount_cancel_days", "class_cancel_days")
    ]
    turns = parts.turns(ui, page, pages, lambda to: OnRule(do="list", at=to))
    text = ui.text(
        "staff/office/rules/list",
        rules=shown,
        discount_days=programme.discount_cancel_days,
        class_days=programme.class_cancel_days,
    )
    return Screen(text, inline(*rows, turns, adds[:2], adds[2:], *days, [parts.to_menu(ui)]))


def rule(ui: Ui, board: Board, at: int) -> Screen:
    """One rule with what can be changed."""
    found = board.programme.rules[at]

    def key(do: str) -> Button:
        return button(ui.label(f"office.rules.{do}"), OnRule(do=do, at=at, seen=board.version))

    changes = [key("value")]
    if found.trigger not in (Trigger.CAME, Trigger.NO_SHOW):
        changes.insert(0, key("threshold"))
    text = ui.text("staff/office/rules/rule", rule=found, number=at + 1)
    return Screen(text, inline(changes, [key("delete")], [to_list(ui)]))


def to_list(ui: Ui) -> Button:
    return parts.back_to(ui, OnRule(do="list"))
