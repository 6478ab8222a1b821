"""What a programme says as a whole: its switches, what a branch decides for itself, and what goes together."""

from typing import Any

import pytest

from core.domain.errors import InvalidSetting, LevelsUnsound, RulesContradict
from core.domain.gifts import Gift
from core.domain.ladder import Level, Metric
from core.domain.programme import (
    Kind,
    Programme,
    ReceiptNumber,
    from_json,
    refuse_merchants_own,
    to_json,
    with_changes,
)
from core.domain.rules import Effect, Rule, Trigger
from core.domain.settings import Unit, specs

SWITCHES = {
    "status_on": True,
    "accrue_when_redeeming": True,
    "accrue_on_gross": False,
    "confirm_redemption": True,
    "points_payment_on": True,
    "exclude_all": False,
    "visits_on": False,
    "part_payments_on": False,
    "referral_on": True,
    "contact_is_proof": True,
}
"""Every yes or no, and with which a new merchant starts."""

OF_A_BRANCH = {
    "status_on",
    "accrual_percent",
    "discount_percent",
    "points_payment_on",
    "eligible_pairs",
    "visits_on",
    "part_payments_on",
    "receipt_number",
}


def test_every_switch_starts_as_agreed() -> None:
    found = {spec.name: spec.default for spec in specs(Programme).values() if spec.unit is Unit.FLAG}
    assert found == SWITCHES
    assert {name: getattr(Programme(), name) for name in SWITCHES} == SWITCHES


def test_a_branch_decides_for_itself_what_the_agreed_list_says() -> None:
    assert {spec.name for spec in specs(Programme).values() if spec.branch} == OF_A_BRANCH


def test_only_a_percent_above_five_is_warned_of() -> None:
    assert {spec.name: spec.warn_above for spec in specs(Programme).values() if spec.warn_above is not None} == {
        "accrual_percent": 500
    }


def test_choices_start_with_what_changes_least() -> None:
    start = Programme()
    assert (start.receipt_number, start.level_metric) == (ReceiptNumber.OFF, Metric.SOLD)


@pytest.mark.parametrize(
    ("name", "discount"), [("bronze", 300), ("silver", 500), ("gold", 1000), ("platinum", 0), ("", 0), (None, 0)]
)
def test_a_class_gets_its_own_discount(name: str | None, discount: int) -> None:
    programme = Programme(bronze_discount=300, silver_discount=500, gold_discount=1000)
    assert programme.class_discount(name) == discount


@pytest.mark.parametrize(
    ("kind", "by_points", "count"),
    [(Kind.BONUS, True, 1), (Kind.BONUS, False, 0), (Kind.CASHBACK, True, 0), (Kind.DISCOUNT, True, 0)],
)
def test_gifts_are_for_points_of_the_kind_bonus_where_points_are_taken(
    kind: Kind, by_points: bool, count: int
) -> None:
    programme = Programme(kind=kind, points_payment_on=by_points, gifts=(Gift("Кофе", 100_00),))
    assert programme.gifts_for_points == programme.gifts[:count]


def test_a_programme_is_checked_however_it_is_made() -> None:
    with pytest.raises(InvalidSetting) as refusal:
        Programme(accrual_percent=99)
    assert refusal.value.data == {"name": "accrual_percent", "low": 100, "high": 10_000}
    with pytest.raises(LevelsUnsound):
        Programme(levels=(Level("Свой", 5), Level("Друг", 5)))


def test_the_first_rules_that_contradict_are_named() -> None:
    def rule(effect: Effect, visits: int, name: str) -> Rule:
        return Rule(effect, Trigger.VISITS, visits, name=name)

    first = (rule(Effect.REMOVE, 3, "VIP"), rule(Effect.ADD, 5, "VIP"))
    second = (rule(Effect.REMOVE, 7, "Эконом"), rule(Effect.ADD, 9, "Эконом"))
    with pytest.raises(RulesContradict) as refusal:
        Programme(rules=(Rule(Effect.DISCOUNT, Trigger.SOLD, 0, percent=500), *first, *second))
    assert {side: (rule["effect"], rule["threshold"]) for side, rule in refusal.value.data.items()} == {
        "adding": ("add", 5),
        "removing": ("remove", 3),
    }


def test_what_is_stored_is_plain() -> None:
    stored = to_json(Programme(levels=(Level("Свой", 5),), kind=Kind.CASHBACK))
    assert set(stored) == set(specs(Programme))
    assert (stored["kind"], stored["nth_purchase"]) == ("cashback", None)
    assert stored["levels"] == [
        {"name": "Свой", "threshold": 5, "accrual_percent": None, "redemption_share": None, "discount": 0}
    ]


@pytest.mark.parametrize("name", ["no_such", "welcome_points"])
def test_the_setting_that_a_branch_may_not_change_is_named(name: str) -> None:
    changes: dict[str, Any] = {"status_on": False, name: 1}
    with pytest.raises(InvalidSetting) as refusal:
        refuse_merchants_own(changes)
    assert refusal.value.data == {"name": name, "low": None, "high": None}


def test_a_change_leaves_all_else() -> None:
    before = Programme(accrual_percent=700, welcome_points=50_00)
    after = with_changes(before, {"accrual_percent": 300, "nth_purchase": 10})
    assert to_json(after) == to_json(before) | {"accrual_percent": 300, "nth_purchase": 10}


def test_a_branch_goes_before_the_merchant_only_in_what_is_known_and_its_own() -> None:
    merchant = {"accrual_percent": 300, "welcome_points": 50_00}
    there = from_json(merchant, {"accrual_percent": 700, "welcome_points": 1, "of_the_future": 1})
    assert there == Programme(accrual_percent=700, welcome_points=50_00)
    assert from_json(merchant) == Programme(accrual_percent=300, welcome_points=50_00)
