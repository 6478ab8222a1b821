"""The programme's settings: one typed place for every rule that the merchant sets (domain rules §2)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from core.domain.errors import InvalidSetting
from core.domain.money import BASIS, MAX_MONEY
from core.domain.points import MAX_POINTS, POINT


class Kind(enum.StrEnum):
    """How the programme rewards."""

    CASHBACK = "cashback"
    BONUS = "bonus"
    DISCOUNT = "discount"


def _setting(default: Any, low: int | None = None, high: int | None = None, *, branch: bool = False) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "branch": branch})


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Settings in force. Money in minor units, points in hundredths, percents in basis points.

    A field marked ``branch`` may be overridden by a branch; bounds are inclusive.
    """

    name: str = _setting("", 0, 64)
    description: str = _setting("", 0, 1000)
    terms: str = _setting("", 0, 3000)
    currency: str = _setting("RUB", 3, 3)
    kind: Kind = _setting(Kind.BONUS)
    status_on: bool = _setting(True, branch=True)
    accrual_percent: int = _setting(500, 100, BASIS, branch=True)
    min_purchase: int = _setting(0, 0, MAX_MONEY)
    accrue_when_redeeming: bool = _setting(True)
    accrue_on_gross: bool = _setting(False)
    activation_delay_hours: int = _setting(0, 0, 24 * 365)
    point_worth: int = _setting(100, 1, 1_000_000)
    redemption_share: int = _setting(5000, 0, BASIS)
    confirm_redemption: bool = _setting(True)
    points_payment_on: bool = _setting(True, branch=True)
    expiry_days: int | None = _setting(None, 1, 3650)
    refund_grace_days: int = _setting(14, 1, 365)
    undo_minutes: int = _setting(15, 1, 24 * 60)
    welcome_points: int = _setting(0, 0, MAX_POINTS)
    referral_on: bool = _setting(True)
    referral_inviter_points: int = _setting(0, 0, MAX_POINTS)
    referral_friend_points: int = _setting(0, 0, MAX_POINTS)
    contact_is_proof: bool = _setting(True)
    code_length: int = _setting(4, 3, 8)

    def __post_init__(self) -> None:
        for each in fields(self):
            _check(each.name, each.metadata["low"], each.metadata["high"], getattr(self, each.name))

    @property
    def step(self) -> int:
        """The programme's precision in hundredths of a point: whole points, hundredths for cashback."""
        return 1 if self.kind is Kind.CASHBACK else POINT


def _check(name: str, low: int | None, high: int | None, value: Any) -> None:
    """Refuse a value out of its bounds; texts are bounded by their length."""
    if low is None or high is None or value is None:
        return
    size = len(value) if isinstance(value, str) else value
    if not low <= size <= high:
        raise InvalidSetting(name=name, low=low, high=high)


def to_json(programme: Programme) -> dict[str, Any]:
    """The settings as plain JSON values."""
    return {each.name: _plain(getattr(programme, each.name)) for each in fields(programme)}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, enum.Enum) else value


def with_changes(programme: Programme, changes: Mapping[str, Any]) -> Programme:
    """The programme with some settings changed. Raises InvalidSetting for a bad name or value."""
    return replace(programme, **{name: _typed(name, value) for name, value in changes.items()})


def _typed(name: str, value: Any) -> Any:
    declared = {each.name: each for each in fields(Programme)}.get(name)
    if declared is None:
        raise InvalidSetting(name=name, low=None, high=None)
    low, high = declared.metadata["low"], declared.metadata["high"]
    if name == "kind":
        if value not in set(Kind):
            raise InvalidSetting(name=name, low=low, high=high)
        return Kind(value)
    wanted = type(declared.default) if declared.default is not None else int
    nullable = declared.default is None and value is None
    # bool is an int to Python, and yes is not a number of hours to people.
    if not nullable and type(value) is not wanted:
        raise InvalidSetting(name=name, low=low, high=high)
    return value


def refuse_merchants_own(changes: Mapping[str, Any]) -> None:
    """Raise InvalidSetting when a change is not one that a branch may make for itself."""
    branch = {each.name for each in fields(Programme) if each.metadata["branch"]}
    for name in changes:
        if name not in branch:
            raise InvalidSetting(name=name, low=None, high=None)


def from_json(values: Mapping[str, Any], branch: Mapping[str, Any] | None = None) -> Programme:
    """The settings in force: the merchant's values, then what the branch overrides.

    Unknown names are ignored, so that an older release can read what a newer one wrote.
    """
    known = {each.name: each.metadata["branch"] for each in fields(Programme)}
    merged = {name: value for name, value in values.items() if name in known}
    merged |= {name: value for name, value in (branch or {}).items() if known.get(name)}
    return with_changes(Programme(), merged)
