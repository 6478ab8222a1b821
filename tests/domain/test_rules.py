"""Rules that follow the customer: what matches, which of several stands, and what contradicts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.ladder import Turnover
from core.domain.rules import (
    CLASSES,
    MAX_DAYS,
    Effect,
    Metrics,
    Rule,
    Trigger,
    categories_after,
    class_of,
    contradictions,
    is_absent,
    rule_discount,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def metrics(*, away: timedelta | None = timedelta(0), status: str | None = None, **turnover: int) -> Metrics:
    return Metrics(Turnover(**turnover), None if away is None else NOW - away, NOW, status)


def discount(percent: int, threshold: int, trigger: Trigger = Trigger.SOLD) -> Rule:
    return Rule(Effect.DISCOUNT, trigger, threshold, percent)


def class_from(name: str, threshold: int, trigger: Trigger = Trigger.SOLD) -> Rule:
    return Rule(Effect.CLASS, trigger, threshold, name=name)


def add(name: str, trigger: Trigger, threshold: int = 0) -> Rule:
    return Rule(Effect.ADD, trigger, threshold, name=name)


def remove(name: str, trigger: Trigger, threshold: int = 0) -> Rule:
    return Rule(Effect.REMOVE, trigger, threshold, name=name)


def test_what_is_stored_by_its_words_is_read_as_the_same_rule() -> None:
    assert Rule("discount", "sold", 5, 300) == discount(300, 5)  # type: ignore[arg-type]
    assert Rule("discount", "sold", 5, 300).trigger is Trigger.SOLD  # type: ignore[arg-type]
    assert CLASSES == ("bronze", "silver", "gold")
    plain = Rule(Effect.CLASS, Trigger.SOLD, name="gold")
    assert (plain.threshold, plain.percent) == (0, 0)


SOUND = {"effect": Effect.DISCOUNT, "trigger": Trigger.SOLD, "threshold": 100, "percent": 500}
CATEGORY = {"effect": Effect.ADD, "trigger": Trigger.ABSENT, "threshold": 90, "name": "Потерянные"}


@pytest.mark.parametrize(
    "values",
    [
        SOUND,
        SOUND | {"threshold": 0},
        SOUND | {"threshold": 10**10},
        SOUND | {"percent": 1},
        SOUND | {"percent": 10_000},
        SOUND | {"trigger": Trigger.VISITS},
        SOUND | {"trigger": Trigger.PAID},
        CATEGORY,
        CATEGORY | {"threshold": 3650},
        CATEGORY | {"name": "Я"},
        CATEGORY | {"name": " " + "я" * 32 + " "},
        CATEGORY | {"effect": Effect.REMOVE, "trigger": Trigger.CAME, "threshold": 0},
        {"effect": Effect.CLASS, "trigger": Trigger.PAID, "threshold": 1, "name": "gold"},
    ],
)
def test_a_rule_within_its_bounds_is_taken(values: dict[str, Any]) -> None:
    rule = Rule(**values)
    assert {name: getattr(rule, name) for name in values} == values


@pytest.mark.parametrize(
    "values",
    [
        SOUND | {"threshold": -1},
        SOUND | {"threshold": 10**10 + 1},
        SOUND | {"threshold": True},
        SOUND | {"threshold": 5.0},
        SOUND | {"percent": 0},
        SOUND | {"percent": 10_001},
        SOUND | {"percent": 5.0},
        SOUND | {"name": 5},
        SOUND | {"trigger": Trigger.ABSENT},
        SOUND | {"trigger": Trigger.CAME},
        SOUND | {"effect": "loan"},
        SOUND | {"trigger": "weather"},
        CATEGORY | {"threshold": 3651},
        CATEGORY | {"name": ""},
        CATEGORY | {"name": "   "},
        CATEGORY | {"name": "я" * 33},
        CATEGORY | {"effect": Effect.REMOVE, "name": ""},
        {"effect": Effect.CLASS, "trigger": Trigger.PAID, "threshold": 1, "name": "platinum"},
        {"effect": Effect.CLASS, "trigger": Trigger.NO_SHOW, "name": "gold"},
    ],
)
def test_a_rule_that_means_nothing_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Rule(**values)
    assert MAX_DAYS == 3650


@pytest.mark.parametrize("trigger", [Trigger.SOLD, Trigger.PAID, Trigger.VISITS])
def test_from_n_means_at_least_n_of_its_own_metric(trigger: Trigger) -> None:
    rule = discount(500, 1000, trigger)
    assert not rule.matches(metrics(**{trigger.value: 999}))
    assert rule.matches(metrics(**{trigger.value: 1000}))
    others = {name: 10**9 for name in ("sold", "paid", "visits") if name != trigger.value}
    assert not rule.matches(metrics(**others))


def test_a_status_matches_itself_alone() -> None:
    came, no_show = add("Был", Trigger.CAME), add("Не пришёл", Trigger.NO_SHOW)
    assert (came.matches(metrics(status="came")), came.matches(metrics(status="no_show"))) == (True, False)
    assert (no_show.matches(metrics(status="came")), no_show.matches(metrics(status="no_show"))) == (False, True)
    assert not came.matches(metrics())


def test_absence_is_more_than_n_full_days() -> None:
    lost = add("Потерянные", Trigger.ABSENT, 90)
    for away, gone in ((90 * DAY, False), (91 * DAY - SECOND, False), (91 * DAY, True)):
        assert lost.matches(metrics(away=away)) is gone
        assert is_absent(metrics(away=away), 90) is gone
    assert is_absent(metrics(away=None), 0) is False
    assert is_absent(metrics(away=999 * DAY), None) is False
    assert is_absent(metrics(away=DAY), 0)


def test_the_largest_discount_stands_until_absence_cancels_it() -> None:
    rules = [discount(700, 100), discount(500, 10), discount(900, 1000), class_from("gold", 0)]
    assert rule_discount(rules, metrics(sold=9), None) == 0
    assert rule_discount(rules, metrics(sold=10), None) == 500
    assert rule_discount(rules, metrics(sold=100), None) == 700
    assert rule_discount(rules, metrics(sold=100, away=60 * DAY), 60) == 700
    assert rule_discount(rules, metrics(sold=100, away=61 * DAY), 60) == 0


def test_the_highest_class_stands_until_absence_cancels_it() -> None:
    rules = [class_from("gold", 30), class_from("bronze", 10), class_from("silver", 20), discount(100, 0)]
    found = [class_of(rules, metrics(sold=sold), None) for sold in (9, 10, 20, 30)]
    assert found == [None, "bronze", "silver", "gold"]
    assert class_of(rules, metrics(sold=30, away=31 * DAY), 30) is None
    assert class_of(rules, metrics(sold=30, away=30 * DAY), 30) == "gold"


def test_additions_come_first_then_removals() -> None:
    rules = [
        remove("Новички", Trigger.VISITS, 3),
        add("Постоянные", Trigger.VISITS, 3),
        add("VIP", Trigger.SOLD, 1000),
        remove("VIP", Trigger.ABSENT, 90),
        discount(100, 0),
    ]
    assert categories_after({"Новички", "Рукой"}, rules, metrics(visits=2)) == {"Новички", "Рукой"}
    assert categories_after({"Новички", "Рукой"}, rules, metrics(visits=3)) == {"Постоянные", "Рукой"}
    assert categories_after((), rules, metrics(sold=1000)) == {"VIP"}
    assert categories_after((), rules, metrics(sold=1000, away=91 * DAY)) == frozenset()


def test_contradictions_name_the_pair() -> None:
    adding = add("VIP", Trigger.SOLD, 100)
    against = remove("vip", Trigger.SOLD, 100)
    lower = remove("VIP", Trigger.SOLD, 50)
    assert contradictions([against, adding, lower]) == [(adding, against), (adding, lower)]
    harmless = [
        remove("VIP", Trigger.SOLD, 101),
        remove("VIP", Trigger.PAID, 100),
        remove("Эконом", Trigger.SOLD, 100),
        discount(100, 0),
    ]
    assert contradictions([adding, *harmless]) == []
    assert contradictions([discount(100, 5), against]) == []
