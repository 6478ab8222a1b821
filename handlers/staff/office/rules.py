"""«Правила»: discounts, classes and categories that come by themselves, and the absence that ends them."""

from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.rules import CLASSES, MAX_DAYS, TURNOVER, Effect, Rule, Trigger
from core.domain.settings import plain
from handlers.callbacks import OnRule
from handlers.parse import parse_label
from handlers.rendering import Renderer
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office import rule_screens
from handlers.staff.office.following import (
    board_of,
    parse_count,
    parse_percent,
    parse_threshold,
    save,
    show_progress,
)
from handlers.staff.office.guard import OwnersOnly
from handlers.staff.states import Following
from handlers.ui import Screen

DAYS = ("discount_cancel_days", "class_cancel_days")


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-rules")
    router.message.middleware(OwnersOnly())
    router.callback_query.middleware(OwnersOnly())
    press = router.callback_query.register
    press(listed, OnRule.filter(F.do == "list"))
    press(opened, OnRule.filter(F.do == "open"))
    press(ask_trigger, OnRule.filter((F.do == "add") & F.word.in_(set(Effect))))
    press(trigger_chosen, OnRule.filter(F.do == "trigger"))
    press(class_chosen, OnRule.filter((F.do == "class") & F.word.in_(set(CLASSES))), Following.rule_value)
    press(ask_threshold, OnRule.filter(F.do == "threshold"))
    press(ask_value, OnRule.filter(F.do == "value"))
    press(delete, OnRule.filter(F.do == "delete"))
    press(ask_days, OnRule.filter((F.do == "days") & F.word.in_(set(DAYS))))
    press(never, OnRule.filter((F.do == "never") & F.word.in_(set(DAYS))))
    router.message.register(threshold_typed, Following.rule_threshold, ANSWER)
    router.message.register(value_typed, Following.rule_value, ANSWER)
    router.message.register(days_typed, Following.rule_days, ANSWER)
    return router


async def listed(press: CallbackQuery, callback_data: OnRule, desk: Desk) -> None:
    """A page of rules; ``at`` is the page."""
    await desk.open(None)
    await desk.show(rule_screens.rules(desk.ui, await board_of(desk), callback_data.at))


async def opened(press: CallbackQuery, callback_data: OnRule, desk: Desk) -> None:
    """One rule; one that is gone shows the list."""
    await desk.open(None)
    board = await board_of(desk)
    if callback_data.at < len(board.programme.rules):
        await desk.show(rule_screens.rule(desk.ui, board, callback_data.at))
    else:
        await desk.show(rule_screens.rules(desk.ui, board, 0))


async def ask_trigger(press: CallbackQuery, callback_data: OnRule, desk: Desk) -> None:
    """What shall make the new rule match: discounts and classes follow turnover alone."""
    effect = Effect(callback_data.word)
    triggers = TURNOVER if effect in (Effect.DISCOUNT, Effect.CLASS) else tuple(Trigger)
    rows = []
    for one in triggers:
        to = OnRule(do="trigger", word=f"{effect.value}.{one.value}", seen=callback_data.seen)
        rows.append([button(desk.ui.label(f"office.trigger.{one.value}"), to)])
    text = desk.ui.text("staff/office/rules/ask", what="trigger")
    await desk.show(Screen(text, inline(*rows, [rule_screens.to_list(desk.ui)])))


async def trigger_chosen(press: CallbackQuery, callback_data: OnRule, desk: Desk) -> None:
    """Ask for the threshold, where there is one, and then for what the rule gives."""
    effect, _, trigger = callback_data.word.partition(".")
    new = {"effect": effect, "trigger": trigger, "threshold": 0, "percent": 0, "name": ""}
    if trigger in (Trigger.CAME, Trigger.NO_SHOW):
        await _ask_value(desk, {"rule": new, "at": None, "seen": callback_data.seen})
    else:
        await _ask_threshold(desk, {"rule": new, "at": None, "seen": callback_data.seen})


async def ask_threshold(press: CallbackQuery, callback_data: OnRule, desk: Desk) -> None:
    await _edit(desk, callback_data, _ask_threshold)


async def ask_value(press: CallbackQuery, callback_data: OnRule, desk: Desk) -> None:
    await _edit(desk, callback_data, _ask_value)


async def _edit(desk: Desk, pressed: OnRule, ask: Any) -> None:
    board = await board_of(desk)
    if pressed.at >= len(board.programme.rules):
        await desk.show(rule_screens.rules(desk.ui, board, 0))
        return
    await ask(desk, {"rule": plain(board.programme.rules[pressed.at]), "at": pressed.at, "seen": pressed.seen})


async def _ask_threshold(desk: Desk, data: dict[str, Any]) -> None:
    text = desk.ui.text("staff/office/rules/ask", what=data["rule"]["trigger"])
    await desk.ask(Following.rule_threshold, Screen(text, inline([rule_screens.to_list(desk.ui)])), **data)


async def _ask_value(desk: Desk, data: dict[str, Any]) -> None:
    """A percent or a category's name is typed, a class is pressed."""
    text = desk.ui.text("staff/office/rules/ask", what=data["rule"]["effect"])
    rows = []
    if data["rule"]["effect"] == Effect.CLASS:
        rows = [[button(desk.ui.label(f"class.{one}"), OnRule(do="class", word=one))] for one in CLASSES]
    keys = inline(*rows, [rule_screens.to_list(desk.ui)])
    await desk.ask(Following.rule_value, Screen(text, keys), **data)


async def threshold_typed(message: Message, desk: Desk) -> None:
    data = await desk.data()
    rule = data["rule"]
    if rule["trigger"] == Trigger.ABSENT:
        rule["threshold"] = parse_count(desk.typed, low=1, high=MAX_DAYS)
    else:
        rule["threshold"] = parse_threshold(desk.typed, money=rule["trigger"] != Trigger.VISITS)
    if data["at"] is None:
        await _ask_value(desk, {"rule": rule, "at": None, "seen": data["seen"]})
    else:
        await _save(desk, rule, data["at"], data["seen"])


async def value_typed(message: Message, desk: Desk) -> None:
    """What the rule gives; somebody's phone is the next customer, and never a category by mistake."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    rule = data["rule"]
    if rule["effect"] == Effect.DISCOUNT:
        rule["percent"] = parse_percent(desk.typed, low=1)
    elif rule["effect"] == Effect.CLASS:
        await desk.say("staff/office/rules/press_class")
        return
    else:
        rule["name"] = parse_label(desk.typed)
    await _save(desk, rule, data["at"], data["seen"])


async def class_chosen(press: CallbackQuery, callback_data: OnRule, desk: Desk) -> None:
    data = await desk.data()
    if data["rule"]["effect"] == Effect.CLASS:
        await _save(desk, data["rule"] | {"name": callback_data.word}, data["at"], data["seen"])


async def delete(press: CallbackQuery, callback_data: OnRule, desk: Desk) -> None:
    rules = (await board_of(desk)).programme.rules
    await _save_all(desk, [one for at, one in enumerate(rules) if at != callback_data.at], callback_data.seen)


async def ask_days(press: CallbackQuery, callback_data: OnRule, desk: Desk) -> None:
    """Ask after how many days without a visit discounts or classes are taken away."""
    word, seen = callback_data.word, callback_data.seen
    text = desk.ui.text("staff/office/rules/ask", what=word)
    off = button(desk.ui.label("office.rules.never"), OnRule(do="never", word=word, seen=seen))
    screen = Screen(text, inline([off], [rule_screens.to_list(desk.ui)]))
    await desk.ask(Following.rule_days, screen, name=word, seen=seen)


async def days_typed(message: Message, desk: Desk) -> None:
    data = await desk.data()
    await _set(desk, {data["name"]: parse_count(desk.typed, low=1, high=MAX_DAYS)}, data["seen"])


async def never(press: CallbackQuery, callback_data: OnRule, desk: Desk) -> None:
    await _set(desk, {callback_data.word: None}, callback_data.seen)


async def _save(desk: Desk, rule: dict[str, Any], at: int | None, seen: int) -> None:
    """Put a rule at its place, or after the others; a category is written as it was before."""
    rules: list[Any] = list((await board_of(desk)).programme.rules)
    names = {one.name.casefold(): one.name for one in rules if one.effect in (Effect.ADD, Effect.REMOVE)}
    made = Rule(**(rule | {"name": names.get(rule["name"].casefold(), rule["name"])}))
    if at is None:
        rules.append(made)
    elif at < len(rules):
        rules[at] = made
    await _save_all(desk, rules, seen)


async def _save_all(desk: Desk, rules: list[Any], seen: int) -> None:
    await _set(desk, {"rules": [plain(one) for one in rules]}, seen)


async def _set(desk: Desk, changes: dict[str, Any], seen: int) -> None:
    await save(desk, changes, seen)
    await desk.show(rule_screens.rules(desk.ui, await board_of(desk), 0))
    await show_progress(desk)
