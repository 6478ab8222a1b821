"""A row of the log in people's words: what was done, and what was changed, from what to what."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.programme import Programme
from core.domain.settings import specs
from core.store.journal import LogRow
from handlers.ui import Ui

SPECS = specs(Programme)
UNTOLD = frozenset(
    {"asked_by", "conditions", "customer_id", "invite_id", "referred_by", "segment", "state", "template", "width"}
)
"""Kept for the ledger's and the machine's sake: ids, and what other screens show whole."""
WORDS = {
    "kind": "imports.kind.{}",
    "method": "payment_method.{}",
    "origin": "consent_source.{}",
    "role": "role.{}",
    "status": "log.card.{}",
}
"""Where the words of values stand that are names."""
MOMENTS = ("at", "starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was changed; ``name`` says how its values are shown."""

    title: str
    name: str
    before: Any
    after: Any


def word(ui: Ui, action: str) -> str:
    """An action in people's words; one that nobody has worded yet shows its name."""
    with suppress(KeyError):
        return ui.label(f"log.did.{action}")
    return action


def field(ui: Ui, name: str) -> str:
    """What was changed in people's words: a setting's title, or its own word, or its name."""
    with suppress(KeyError):
        return ui.label(f"log.field.{name}")
    return name


def changes(ui: Ui, row: LogRow) -> tuple[Change, ...]:
    """Everything that a row tells of, without what stayed as it was."""
    if row.action == "programme.changed":
        names = sorted({*row.before, *row.after} & SPECS.keys())
        titles = {name: SPECS[name].title(ui.language) for name in names}
        return tuple(Change(titles[name], name, row.before.get(name), row.after.get(name)) for name in names)
    before, after = _told(ui, row.before), _told(ui, row.after)
    both = before.keys() & after.keys()
    kept = (name for name in {**before, **after} if name not in both or before[name] != after[name])
    return tuple(Change(field(ui, name), name, before.get(name), after.get(name)) for name in kept)


def _told(ui: Ui, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What of it is told, with words for names and moments for their texts."""
    told = {name: _value(ui, name, value) for name, value in kept.items() if name not in UNTOLD}
    if "benefit" in told:  # of a promotion or a coupon: the amount is points, a sum, a factor or a percent by it
        told["gives"] = (told.pop("benefit"), told.pop("amount"))
    if "template" in kept:
        told["message"] = ui.label(f"message.{kept['template'].partition('/')[2]}")
    return told


def _value(ui: Ui, name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in WORDS:
        with suppress(KeyError):
            return ui.label(WORDS[name].format(value))
    if name in MOMENTS:
        return datetime.fromisoformat(value)
    if name == "language":
        return ui.renderer.label(value, "language.name")
    if name == "fields":
        return [ui.label("panel.name") if each == "name" else field(ui, each) for each in value]
    return value
