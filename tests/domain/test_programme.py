"""Settings: bounds of each, changes, and what older or newer releases wrote."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidSetting
from core.domain.expiry import Expiry
from core.domain.programme import Kind, Programme, from_json, refuse_merchants_own, to_json, with_changes
from core.domain.reminders import DaysBefore
from core.domain.settings import Unit, specs

FIELDS = {each.name: each for each in dataclasses.fields(Programme)}
BOUNDED = [name for name, each in FIELDS.items() if each.metadata["low"] is not None]
LISTS = [name for name in BOUNDED if specs(Programme)[name].unit is Unit.LIST]
NUMBERS = [name for name in BOUNDED if not isinstance(FIELDS[name].default, str) and name not in LISTS]
TEXTS = [name for name in BOUNDED if isinstance(FIELDS[name].default, str)]
SWITCHES = [name for name, each in FIELDS.items() if isinstance(each.default, bool)]


def test_a_new_merchant_starts_with_the_agreed_settings() -> None:
    start = Programme()
    assert (start.status_on, start.kind, start.accrual_percent) == (True, Kind.BONUS, 500)
    assert (start.activation_delay_hours, start.point_worth, start.redemption_share) == (0, 100, 5000)
    assert (start.confirm_redemption, start.accrue_when_redeeming, start.accrue_on_gross) == (True, True, False)
    assert (start.expiry, start.refund_grace_days, start.code_length) == (Expiry.NEVER, 14, 4)
    assert start.contact_is_proof
    assert start.points_payment_on


# Default, least and most of every number: money in kopecks, points in hundredths, percents in basis points.
AGREED = {
    "accrual_percent": (500, 100, 10_000),
    "min_purchase": (0, 0, 10**10),
    "activation_delay_hours": (0, 0, 8760),
    "discount_percent": (0, 0, 10_000),
    "point_worth": (100, 1, 1_000_000),
    "redemption_share": (5000, 0, 10_000),
    "expiry_days": (365, 1, 3650),
    "eligible_pairs": (None, 0, 64),
    "exclusions": ((), 0, 500),
    "levels": ((), 0, 10),
    "rules": ((), 0, 100),
    "discount_cancel_days": (None, 1, 3650),
    "class_cancel_days": (None, 1, 3650),
    "bronze_discount": (0, 0, 10_000),
    "silver_discount": (0, 0, 10_000),
    "gold_discount": (0, 0, 10_000),
    "gifts": ((), 0, 50),
    "nth_purchase": (None, 2, 1000),
    "nth_category": (None, 1, 2**63 - 1),
    "nth_limit": (None, 1, 10**10),
    "welcome_points": (0, 0, 10**10),
    "birthday_points": (0, 0, 10**10),
    "birthday_before_days": (0, 0, 60),
    "birthday_expiry_days": (14, 1, 365),
    "referral_inviter_points": (0, 0, 10**10),
    "referral_friend_points": (0, 0, 10**10),
    "referral_min_purchase": (0, 0, 10**10),
    "referral_wait_days": (0, 0, 365),
    "referral_month_limit": (30, 1, 10_000),
    "topics": ((), 0, 64),
    "expiry_soon_days": ((DaysBefore(7), DaysBefore(1)), 0, 5),
    "discount_ends_days": (7, 1, 60),
    "win_back": ((), 0, 6),
    "quiet_from": (21, 0, 23),
    "quiet_to": (9, 0, 23),
    "marketing_cap": (1, 1, 100),
    "marketing_cap_days": (7, 1, 90),
    "review_hours": (None, 1, 336),
    "review_pause_days": (14, 1, 365),
    "sms_daily_budget": (1_000_00, 0, 10**10),
    "sms_code_share": (3000, 0, 10_000),
    "sms_price": (6_00, 1, 100_00),
    "sms_low_balance": (300_00, 1, 10**10),
    "sms_sender": ("", 0, 11),
    "refund_grace_days": (14, 1, 365),
    "undo_minutes": (15, 1, 1440),
    "refund_days": (90, 1, 3650),
    "largest_accrual": (None, 1, 10**10),
    "daily_accruals": (None, 1, 1000),
    "weekly_pair_accruals": (None, 1, 1000),
    "manual_limit": (500_00, 0, 10**10),
    "code_length": (4, 3, 8),
    "name": ("", 0, 64),
    "description": ("", 0, 1000),
    "terms": ("", 0, 3000),
    "currency": ("RUB", 3, 3),
}


def test_settings_and_their_bounds_are_the_agreed_ones() -> None:
    found = {name: (getattr(Programme(), name), *_bounds(name)) for name in BOUNDED}
    assert found == AGREED
    assert Programme().referral_on


def _bounds(name: str) -> tuple[int, int]:
    return FIELDS[name].metadata["low"], FIELDS[name].metadata["high"]


@pytest.mark.parametrize("name", NUMBERS)
def test_bounds_are_inclusive(name: str) -> None:
    low, high = FIELDS[name].metadata["low"], FIELDS[name].metadata["high"]
    for value in (low, high):
        assert getattr(with_changes(Programme(), {name: value}), name) == value
    for value in (low - 1, high + 1, -(10**30), 10**30):
        with pytest.raises(InvalidSetting) as refusal:
            with_changes(Programme(), {name: value})
        assert refusal.value.data == {"name": name, "low": low, "high": high}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_are_bounded_by_length(name: str) -> None:
    low, high = FIELDS[name].metadata["low"], FIELDS[name].metadata["high"]
    assert getattr(with_changes(Programme(), {name: "ы" * high}), name) == "ы" * high
    for text in ["ы" * (high + 1)] + (["ы" * (low - 1)] if low else []):
        with pytest.raises(InvalidSetting):
            with_changes(Programme(), {name: text})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [True, 5.0, "5", [], {}, float("nan")])
def test_a_number_is_nothing_else(name: str, value: Any) -> None:
    with pytest.raises(InvalidSetting):
        with_changes(Programme(), {name: value})


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", [1, 0, "yes", None])
def test_a_switch_is_yes_or_no(name: str, value: Any) -> None:
    with pytest.raises(InvalidSetting):
        with_changes(Programme(), {name: value})


def test_only_what_may_be_empty_is_emptied() -> None:
    nullable = {name for name, spec in specs(Programme).items() if spec.nullable}
    assert with_changes(Programme(nth_purchase=5), {"nth_purchase": None}).nth_purchase is None
    assert len(nullable) == 13
    for name in set(FIELDS) - nullable:
        with pytest.raises(InvalidSetting):
            with_changes(Programme(), {name: None})


def test_unknown_names_and_kinds_are_refused() -> None:
    for changes in ({"no_such": 1}, {"__class__": 1}, {"step": 1}, {"kind": "lottery"}, {"kind": 1}):
        with pytest.raises(InvalidSetting):
            with_changes(Programme(), changes)
    assert with_changes(Programme(), {"kind": "cashback"}).kind is Kind.CASHBACK


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("value", [True, 5, "5", {}, [5], [{"no": 1}], [None]])
def test_a_list_holds_its_own_things(name: str, value: Any) -> None:
    with pytest.raises(InvalidSetting):
        with_changes(Programme(), {name: value})


def test_every_setting_says_what_it_is_in_both_languages() -> None:
    for spec in specs(Programme).values():
        for language in ("ru", "en"):
            assert spec.title(language)
            assert spec.help(language)
            assert len(spec.title(language)) <= 40
    titles = [spec.title("ru") for spec in specs(Programme).values()]
    assert len(titles) == len(set(titles))


def test_points_are_whole_except_for_cashback() -> None:
    assert [Programme(kind=kind).step for kind in Kind] == [1, 100, 100]


programmes = st.builds(
    Programme,
    name=st.text(max_size=64),
    kind=st.sampled_from(Kind),
    status_on=st.booleans(),
    accrual_percent=st.integers(100, 10_000),
    expiry=st.sampled_from(Expiry),
    expiry_days=st.integers(1, 3650),
    point_worth=st.integers(1, 1_000_000),
)


@given(programmes)
def test_what_is_stored_is_read_back(programme: Programme) -> None:
    assert from_json(json.loads(json.dumps(to_json(programme)))) == programme


@given(programmes, st.integers(100, 10_000))
def test_a_branch_overrides_only_what_is_its_own(programme: Programme, percent: int) -> None:
    overrides = {"accrual_percent": percent, "status_on": False, "welcome_points": 777, "newer": 1}
    there = from_json(to_json(programme), overrides)
    assert (there.accrual_percent, there.status_on) == (percent, False)
    assert there.welcome_points == programme.welcome_points
    assert there == with_changes(programme, {"accrual_percent": percent, "status_on": False})


def test_older_and_newer_releases_are_understood() -> None:
    assert from_json({}) == Programme()
    assert from_json({"accrual_percent": 700, "of_the_future": {"a": 1}}).accrual_percent == 700


def test_a_branch_may_not_decide_for_the_merchant() -> None:
    refuse_merchants_own({"status_on": False, "accrual_percent": 100, "points_payment_on": False})
    for name in ("welcome_points", "kind", "code_length", "no_such"):
        with pytest.raises(InvalidSetting):
            refuse_merchants_own({name: 1})
