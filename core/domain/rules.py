"""Rules that follow the customer: discounts, classes of importance, categories."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.ladder import Turnover
from core.domain.money import BASIS, MAX_MONEY


class Trigger(enum.StrEnum):
    """What makes a rule match: a turnover of at least its threshold, an absence, or a visit's status."""

    SOLD = "sold"
    PAID = "paid"
    VISITS = "visits"
    ABSENT = "absent"  # more than `threshold` full days without a visit
    CAME = "came"
    NO_SHOW = "no_show"


class Effect(enum.StrEnum):
    """What a matching rule gives; ``value`` is basis points, a class, or a category's name."""

    DISCOUNT = "discount"
    CLASS = "class"
    ADD = "add"
    REMOVE = "remove"


CLASSES = ("bronze", "silver", "gold")
"""Classes of importance, lowest first."""

TURNOVER = (Trigger.SOLD, Trigger.PAID, Trigger.VISITS)
MAX_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Rule:
    """A trigger with its threshold, and what it gives.

    ``percent`` (basis points) belongs to a discount, ``name`` to a class or a category.
    """

    effect: Effect
    trigger: Trigger
    threshold: int = 0
    percent: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "effect", Effect(self.effect))
        object.__setattr__(self, "trigger", Trigger(self.trigger))
        high = MAX_DAYS if self.trigger is Trigger.ABSENT else MAX_MONEY
        if type(self.threshold) is not int or not 0 <= self.threshold <= high:
            raise ValueError("a threshold out of bounds")
        if type(self.percent) is not int or type(self.name) is not str:
            raise TypeError("a rule's value is of another kind")
        if self.effect is Effect.DISCOUNT and not 1 <= self.percent <= BASIS:
            raise ValueError("a discount is between 0.01 % and 100 %")
        if self.effect is Effect.CLASS and self.name not in CLASSES:
            raise ValueError("no such class")
        if self.effect in (Effect.ADD, Effect.REMOVE) and not 1 <= len(self.name.strip()) <= 32:
            raise ValueError("a category has a name")
        if self.effect in (Effect.DISCOUNT, Effect.CLASS) and self.trigger not in TURNOVER:
            raise ValueError("discounts and classes follow turnover; absence cancels them by its own setting")

    def matches(self, metrics: "Metrics") -> bool:
        """Whether the rule holds now."""
        if self.trigger in TURNOVER:
            return int(getattr(metrics.turnover, self.trigger.value)) >= self.threshold
        if self.trigger is Trigger.ABSENT:
            return is_absent(metrics, self.threshold)
        return metrics.status == self.trigger.value


@dataclass(frozen=True, slots=True)
class Metrics:
    """What rules look at. ``status`` is what the visit being saved was set to: came, no_show, or nothing."""

    turnover: Turnover
    last_visit_at: datetime | None
    now: datetime
    status: str | None = None


def is_absent(metrics: Metrics, days: int | None) -> bool:
    """Not visited for more than ``days`` full days; who never came is not absent."""
    if days is None or metrics.last_visit_at is None:
        return False
    return (metrics.now - metrics.last_visit_at) // timedelta(days=1) > days


def rule_discount(rules: Iterable[Rule], metrics: Metrics, cancel_after_days: int | None) -> int:
    """The largest discount that matches, in basis points; 0 after the absence that cancels it."""
    if is_absent(metrics, cancel_after_days):
        return 0
    found = [rule.percent for rule in rules if rule.effect is Effect.DISCOUNT and rule.matches(metrics)]
    return max(found, default=0)


def class_of(rules: Iterable[Rule], metrics: Metrics, cancel_after_days: int | None) -> str | None:
    """The highest class that matches; none after the absence that cancels it."""
    if is_absent(metrics, cancel_after_days):
        return None
    found = [rule.name for rule in rules if rule.effect is Effect.CLASS and rule.matches(metrics)]
    return max(found, key=CLASSES.index, default=None)


def categories_after(held: Iterable[str], rules: Sequence[Rule], metrics: Metrics) -> frozenset[str]:
    """The customer's categories: all additions first, then removals. Those set by hand stay unless removed."""
    matching = [rule for rule in rules if rule.matches(metrics)]
    added = {rule.name for rule in matching if rule.effect is Effect.ADD}
    removed = {rule.name for rule in matching if rule.effect is Effect.REMOVE}
    return frozenset((set(held) | added) - removed)


def contradictions(rules: Sequence[Rule]) -> list[tuple[Rule, Rule]]:
    """Pairs of an addition and a removal where whoever is added would be removed at once.

    A removal at a higher threshold than the addition is a ladder of categories, not a contradiction.
    """
    removals = [rule for rule in rules if rule.effect is Effect.REMOVE]
    return [
        (adding, removing)
        for adding in rules
        if adding.effect is Effect.ADD
        for removing in removals
        if removing.name.casefold() == adding.name.casefold()
        and removing.trigger is adding.trigger
        and removing.threshold <= adding.threshold
    ]
