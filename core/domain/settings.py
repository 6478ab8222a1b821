"""What a setting is: its unit, bounds, default, screen and words, and how values are checked and written.

The settings themselves are the fields of ``core.domain.programme.Programme``; screens, validation, audit rows
and docs are made from these declarations. Their words stand beside them, unlike all others, so that a setting
is added in one place.
"""

import enum
import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from typing import Any

from core.domain.errors import InvalidSetting


class Unit(enum.StrEnum):
    """What a value is counted in, which decides how it is typed and shown."""

    FLAG = "flag"
    TEXT = "text"
    CHOICE = "choice"
    PERCENT = "percent"  # basis points: 5 % is 500
    MONEY = "money"  # minor units
    POINTS = "points"  # hundredths of a point
    HOURS = "hours"
    DAYS = "days"
    MINUTES = "minutes"
    COUNT = "count"
    LIST = "list"  # has a screen of its own


class Section(enum.StrEnum):
    """The screens that settings are shown on, in this order."""

    MAIN = "main"
    ACCRUAL = "accrual"
    REDEMPTION = "redemption"
    EXPIRY = "expiry"
    ELIGIBILITY = "eligibility"
    LEVELS = "levels"
    RULES = "rules"
    GIFTS = "gifts"
    REFERRAL = "referral"
    REMINDERS = "reminders"
    SMS = "sms"
    REFUNDS = "refunds"
    SAFETY = "safety"
    REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class Spec:
    """A setting's declaration. Bounds are inclusive, of a number, a text's length or a list's.

    ``ru`` and ``en`` are (title, help). ``warn_above`` is the value above which the screen warns. ``holds`` is the
    value's type, for a list its items' type.
    """

    name: str
    unit: Unit
    section: Section
    default: Any
    low: int | None
    high: int | None
    branch: bool
    nullable: bool
    choices: tuple[str, ...]
    warn_above: int | None
    holds: Any
    ru: tuple[str, str]
    en: tuple[str, str]

    def title(self, language: str) -> str:
        return (self.ru if language == "ru" else self.en)[0]

    def help(self, language: str) -> str:
        return (self.ru if language == "ru" else self.en)[1]


def setting(
    unit: Unit,
    section: Section,
    default: Any,
    bounds: tuple[int, int] | None,
    *,
    ru: str,
    en: str,
    branch: bool = False,
    warn_above: int | None = None,
) -> Any:
    """Declare a setting; ``ru`` and ``en`` are ``title | help``."""
    low, high = bounds or (None, None)
    words = {"ru": _words(ru), "en": _words(en)}
    how = {"unit": unit, "section": section, "low": low, "high": high, "branch": branch, "warn_above": warn_above}
    return field(default=default, metadata=how | words)


def _words(text: str) -> tuple[str, str]:
    title, _, explanation = text.partition("|")
    return title.strip(), explanation.strip()


@cache
def specs(declared: type) -> Mapping[str, Spec]:
    """The declarations of a class of settings, by name, in the order of their screens' lines."""
    hints = typing.get_type_hints(declared)
    return {
        each.name: _spec(each.name, each.default, hints[each.name], each.metadata) for each in fields(declared)
    }


def _spec(name: str, default: Any, hint: Any, metadata: Mapping[str, Any]) -> Spec:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    holds = next(option for option in options if option is not types.NoneType)
    if metadata["unit"] is Unit.LIST:
        holds = typing.get_args(holds)[0]  # tuple[Level, ...] holds Levels
    choices = tuple(holds) if metadata["unit"] is Unit.CHOICE else ()
    nullable = types.NoneType in options
    return Spec(name=name, default=default, nullable=nullable, choices=choices, holds=holds, **metadata)


def check(declared: type, name: str, value: Any) -> None:
    """Refuse a value out of its bounds; texts and lists are bounded by their length. Raises InvalidSetting."""
    spec = specs(declared)[name]
    if spec.low is None or spec.high is None or value is None:
        return
    size = len(value) if isinstance(value, (str, tuple)) else value
    if not spec.low <= size <= spec.high:
        raise InvalidSetting(name=name, low=spec.low, high=spec.high)


def typed(declared: type, name: str, value: Any) -> Any:
    """A plain JSON value as the setting's own type. Raises InvalidSetting for a bad name or value."""
    spec = specs(declared).get(name)
    if spec is None:
        raise InvalidSetting(name=name, low=None, high=None)
    refusal = InvalidSetting(name=name, low=spec.low, high=spec.high)
    if value is None and spec.nullable:
        return None
    if spec.unit is Unit.CHOICE:
        if value not in spec.choices:
            raise refusal
        return spec.holds(value)
    if spec.unit is Unit.LIST:
        return _typed_list(spec.holds, value, refusal)
    # bool is an int to Python, and yes is not a number of hours to people.
    if type(value) is not spec.holds:
        raise refusal
    return value


def _typed_list(item: Any, value: Any, refusal: InvalidSetting) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise refusal
    try:
        return tuple(one if isinstance(one, item) else _made(item, one) for one in value)
    except (TypeError, ValueError) as error:
        raise refusal from error


def _made(item: Any, one: Any) -> Any:
    """A list's item from its JSON; unknown keys are left out, as a newer release may have written them."""
    if not isinstance(one, Mapping):
        raise TypeError(f"not a {item.__name__}")
    known = {each.name for each in fields(item)}
    return item(**{key: value for key, value in one.items() if key in known})


def plain(value: Any) -> Any:
    """A setting's value as plain JSON."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(one) for name, one in asdict(value).items()}
    return value
