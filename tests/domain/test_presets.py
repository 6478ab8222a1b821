"""Presets hold together, and the receipt on the screen is what the till would say."""

import pytest

from core.domain.presets import PRESETS
from core.domain.programme import Kind, Programme, with_changes
from core.domain.settings import specs
from core.domain.typical import typical


def test_there_are_five_that_set_the_same_names() -> None:
    assert list(PRESETS) == ["shop", "cafe", "salon", "service", "delivery"]
    assert len({frozenset(preset) for preset in PRESETS.values()}) == 1
    assert len({tuple(preset.items()) for preset in PRESETS.values()}) == 5


# Percents in basis points, money in kopecks, points in hundredths.
AGREED = {
    "kind": ("bonus", "bonus", "bonus", "cashback", "cashback"),
    "accrual_percent": (300, 500, 500, 300, 500),
    "min_purchase": (0, 0, 0, 500_00, 700_00),
    "accrue_when_redeeming": (True, True, False, True, True),
    "activation_delay_hours": (336, 0, 24, 24, 24),
    "redemption_share": (3000, 5000, 3000, 2000, 3000),
    "expiry": ("after_days", "inactivity", "inactivity", "after_days", "inactivity"),
    "expiry_days": (365, 90, 180, 365, 60),
    "welcome_points": (0, 50_00, 0, 0, 100_00),
    "birthday_points": (200_00, 200_00, 500_00, 0, 0),
    "birthday_before_days": (3, 3, 7, 3, 3),
    "birthday_expiry_days": (14, 7, 14, 14, 14),
    "referral_inviter_points": (0, 0, 300_00, 0, 200_00),
    "referral_friend_points": (0, 0, 300_00, 0, 200_00),
    "daily_accruals": (10, 10, 10, 10, 10),
    "weekly_pair_accruals": (30, 30, 30, 30, 30),
}
"""What a shop, a café, a salon, a service and a delivery begin with."""


def test_presets_are_the_agreed_ones() -> None:
    assert {name: tuple(preset[name] for preset in PRESETS.values()) for name in PRESETS["shop"]} == AGREED


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_sensible(name: str) -> None:
    programme = with_changes(Programme(), PRESETS[name])
    warned = specs(Programme)["accrual_percent"].warn_above
    assert warned is not None
    assert programme.accrual_percent <= warned
    assert programme.kind is not Kind.DISCOUNT
    plain, by_points = typical(programme)
    assert plain.accrual == programme.accrual_percent * 10
    assert by_points.points == programme.redemption_share * 10
    assert by_points.to_pay == 1000_00 - by_points.points


def test_the_typical_receipt_follows_the_settings() -> None:
    plain, by_points = typical(Programme())
    assert (plain.to_pay, plain.accrual, plain.points, plain.discount) == (1000_00, 50_00, 0, 0)
    assert (by_points.to_pay, by_points.accrual, by_points.points) == (500_00, 25_00, 500_00)
    discount = Programme(kind=Kind.DISCOUNT, discount_percent=700)
    assert typical(discount)[0].discount == 70_00
    assert typical(Programme(points_payment_on=False))[1].points == 0
    assert typical(Programme(exclude_all=True))[0].accrual == 0
    levels = [{"name": "Друг", "threshold": 0, "accrual_percent": 900}, {"name": "Свой", "threshold": 1}]
    assert typical(with_changes(Programme(), {"levels": levels}))[0].accrual == 90_00
    only_delivery = [{"sale_type": "delivery", "payment": "card"}]
    assert typical(with_changes(Programme(), {"eligible_pairs": only_delivery}))[0].accrual == 0
