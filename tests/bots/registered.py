"""Everything that a dispatcher would answer: its handlers by name, each with the ways into it.

A way is ``press s:accrue``, ``/shift``, ``/start ref``, ``word staff_menu.shift``, or ``""`` where only the
kind of message and the open question choose the handler.
"""

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from aiogram import Dispatcher
from aiogram.dispatcher.event.handler import FilterObject
from aiogram.filters import Command, CommandStart
from aiogram.filters.callback_data import CallbackData, CallbackQueryFilter
from aiogram.filters.logic import _OrFilter
from magic_filter import MagicFilter

from handlers import callbacks
from handlers.parse import PayloadKind
from handlers.rendering import Renderer
from tests.bots.recording import name_of

OBSERVED = {"message", "callback_query", "my_chat_member"}
CHOICES = ("do", "to")
"""The fields of a button that choose between handlers."""


def registered(dispatcher: Dispatcher, renderer: Renderer, labels: Iterable[str]) -> set[tuple[str, str]]:
    """Pairs of a handler and a way into it. ``labels`` are the menu words that are known by their key."""
    words = {frozenset(renderer.labels(label)): label for label in labels}
    found = set()
    for router in dispatcher.chain_tail:
        for event, observer in router.observers.items():
            if event == "update" or not observer.handlers:
                continue  # the dispatcher's own, which passes updates on
            assert event in OBSERVED, f"{event} is not asked of Telegram, yet {router.name} handles it"
            for handler in observer.handlers:
                ways = {way for each in handler.filters or () for way in _ways(each, words)}
                found |= {(name_of(handler.callback), way) for way in ways or {""}}
    return found


def prefixes() -> dict[str, type[CallbackData]]:
    """The kinds of buttons by their prefix."""
    kinds = (each for each in vars(callbacks).values() if isinstance(each, type))
    return {kind.__prefix__: kind for kind in kinds if issubclass(kind, CallbackData) and kind is not CallbackData}


def way_of(send: str) -> str:
    """The way that a row of the table takes."""
    verb, _, rest = send.partition(" ")
    if verb == "press":
        prefix, *fields = rest.split(":")
        kind = prefixes().get(prefix)
        chooses = kind is not None and next(iter(kind.model_fields)) in CHOICES
        return f"press {prefix}:{fields[0]}" if chooses else f"press {prefix}"
    if verb == "/start":
        return f"/start {rest.partition('_')[0]}".strip()
    return send if verb == "word" else verb if verb.startswith("/") else ""


def _ways(each: FilterObject, words: dict[frozenset[str], str]) -> Iterator[str]:
    chosen = each.magic if each.magic is not None else each.callback
    if isinstance(chosen, CallbackQueryFilter):
        yield from _presses(chosen)
    elif isinstance(chosen, CommandStart):
        yield from () if chosen.deep_link else ("/start",)
        yield from (f"/start {kind}" for kind in get_args(PayloadKind))
    elif isinstance(chosen, Command):
        yield from (f"/{command}" for command in chosen.commands)
    elif isinstance(chosen, _OrFilter):
        for target in chosen.targets:
            yield from _ways(target, words)
    elif isinstance(chosen, MagicFilter):
        field, values = _compared(chosen)
        if field == "text" and values:
            yield f"word {words.get(frozenset(values), '|'.join(sorted(values)))}"


def _presses(chosen: CallbackQueryFilter) -> Iterator[str]:
    prefix = chosen.callback_data.__prefix__
    if next(iter(chosen.callback_data.model_fields)) not in CHOICES:
        yield f"press {prefix}"
        return
    field, values = _compared(chosen.rule) if chosen.rule is not None else ("", ())
    assert field in CHOICES, f"a filter of {prefix} names no {CHOICES} first: teach this walk to read it"
    assert values, f"a filter of {prefix} compares in a way that this walk can't read"
    yield from (f"press {prefix}:{value}" for value in values)


def _compared(rule: MagicFilter) -> tuple[str, tuple[Any, ...]]:
    """The field that a filter begins with, and the values that it takes there."""
    first, second, *_ = (*rule._operations, None, None)
    if hasattr(second, "comparator"):
        return first.name, (second.right,)
    if getattr(getattr(second, "function", None), "__name__", "") == "in_op":
        return first.name, tuple(second.args[0])
    return getattr(first, "name", ""), ()
