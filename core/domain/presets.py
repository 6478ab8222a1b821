"""Settings to begin with, by kind of business. Each sets the same names, so that one replaces another whole."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from core.domain.expiry import Expiry
from core.domain.points import POINT
from core.domain.programme import Kind

_DAY = 24

_COMMON: dict[str, Any] = {
    "kind": Kind.BONUS.value,
    "accrual_percent": 500,
    "min_purchase": 0,
    "accrue_when_redeeming": True,
    "activation_delay_hours": 0,
    "redemption_share": 5000,
    "expiry": Expiry.INACTIVITY.value,
    "expiry_days": 180,
    "welcome_points": 0,
    "birthday_points": 0,
    "birthday_before_days": 3,
    "birthday_expiry_days": 14,
    "referral_inviter_points": 0,
    "referral_friend_points": 0,
    "daily_accruals": 10,
    "weekly_pair_accruals": 30,
}

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        # Goods come back within two weeks, so their points wait as long.
        "shop": _COMMON
        | {
            "accrual_percent": 300,
            "activation_delay_hours": 14 * _DAY,
            "redemption_share": 3000,
            "expiry": Expiry.AFTER_DAYS.value,
            "expiry_days": 365,
            "birthday_points": 200 * POINT,
        },
        # Small receipts and frequent guests: points at once, and half of the bill by points.
        "cafe": _COMMON
        | {
            "expiry_days": 90,
            "welcome_points": 50 * POINT,
            "birthday_points": 200 * POINT,
            "birthday_expiry_days": 7,
        },
        # Few, dear visits: points on what is really paid, and a reward for friends.
        "salon": _COMMON
        | {
            "accrue_when_redeeming": False,
            "activation_delay_hours": _DAY,
            "redemption_share": 3000,
            "birthday_points": 500 * POINT,
            "birthday_before_days": 7,
            "referral_inviter_points": 300 * POINT,
            "referral_friend_points": 300 * POINT,
        },
        # Repairs and workshops: rare visits, so points live for a year.
        "service": _COMMON
        | {
            "kind": Kind.CASHBACK.value,
            "accrual_percent": 300,
            "min_purchase": 500_00,
            "activation_delay_hours": _DAY,
            "redemption_share": 2000,
            "expiry": Expiry.AFTER_DAYS.value,
            "expiry_days": 365,
        },
        # An order has to be worth the ride; the next one is due soon.
        "delivery": _COMMON
        | {
            "kind": Kind.CASHBACK.value,
            "min_purchase": 700_00,
            "activation_delay_hours": _DAY,
            "redemption_share": 3000,
            "expiry_days": 60,
            "welcome_points": 100 * POINT,
            "referral_inviter_points": 200 * POINT,
            "referral_friend_points": 200 * POINT,
        },
    }
)
"""Plain JSON values by setting, by preset."""
