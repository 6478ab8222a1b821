"""Segments: whom a campaign is for. Conditions over what is known of customers, all of which must hold. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from core.domain.campaigns import SpanUnclear
from core.domain.errors import InvalidSetting
from core.domain.money import MAX_MONEY
from core.domain.points import MAX_POINTS
from core.domain.rules import MAX_DAYS

NOBODYS = ""
"""Stands for «without»: no level, no class."""
CLASSES = ("bronze", "silver", "gold", NOBODYS)
SCORES = (3, 2, 1)
MOST_CHOICES = 50
MOST_PURCHASES = 1_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """Whole numbers from ``low`` to ``high``, both of them too; None leaves a side open."""

    low: int | None = None
    high: int | None = None

    def __contains__(self, value: int) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


BOUNDS: Mapping[str, int] = MappingProxyType(
    {"bought": MAX_DAYS, "purchases": MOST_PURCHASES, "sold": MAX_MONEY, "balance": MAX_POINTS}
)
"""The conditions that are spans, and the largest number in each: days, purchases, minor units, hundredths."""


@dataclass(frozen=True, slots=True)
class Rfm:
    """Cells of recency, frequency and money: scores of 3 (best) to 1, an empty part leaves it open.

    ``much`` are the sums (minor units) from which on a customer has bought a middling sum, and a large one; they
    are taken from the merchant's average when the condition is set, and kept, so that it means the same later.
    """

    recency: tuple[int, ...] = ()
    frequency: tuple[int, ...] = ()
    money: tuple[int, ...] = ()
    much: tuple[int, int] = (1, 2)

    @property
    def days(self) -> tuple[Span, ...]:
        """Days since the last purchase."""
        return tuple(RECENCY[score] for score in self.recency)

    @property
    def purchases(self) -> tuple[Span, ...]:
        return tuple(FREQUENCY[score] for score in self.frequency)

    @property
    def sums(self) -> tuple[Span, ...]:
        """What was bought in all, in minor units."""
        middling, large = self.much
        of = {3: Span(large, None), 2: Span(middling, large - 1), 1: Span(None, middling - 1)}
        return tuple(of[score] for score in self.money)


RECENCY: Mapping[int, Span] = MappingProxyType({3: Span(0, 30), 2: Span(31, 90), 1: Span(91, None)})
FREQUENCY: Mapping[int, Span] = MappingProxyType({3: Span(5, None), 2: Span(2, 4), 1: Span(1, 1)})


def money_bounds(sold: int, customers: int) -> tuple[int, int]:
    """Where a middling and a large sum begin: half and twice what a buyer has bought on average."""
    average = sold // max(1, customers)
    middling = max(1, average // 2)
    return middling, max(middling + 1, average * 2)


@dataclass(frozen=True, slots=True)
class Segment:
    """Conditions, of which all must hold; what is empty is none. Of several choices within one, any will do.

    ``bought`` counts whole days since the last purchase (who never bought is in no span of it), ``sold`` minor
    units, ``balance`` hundredths of active points. ``birthday_months`` are 1 to 12, ``telegram`` says whether the
    customer has the bot and has not blocked it.
    """

    levels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    branches: tuple[int, ...] = ()
    bought: Span | None = None
    purchases: Span | None = None
    sold: Span | None = None
    balance: Span | None = None
    birthday_months: tuple[int, ...] = ()
    telegram: bool | None = None
    languages: tuple[str, ...] = ()
    rfm: Rfm | None = None

    @property
    def conditions(self) -> tuple[str, ...]:
        """The names of those that are set, in their order."""
        return tuple(one for one in NAMES if getattr(self, one) not in ((), None))


NAMES: tuple[str, ...] = tuple(field.name for field in fields(Segment))


def with_condition(segment: Segment, name: str, value: Any) -> Segment:
    """The segment with a condition set or (None, an empty choice) left out. Raises SpanUnclear, InvalidSetting."""
    changes: dict[str, Any]
    if name in BOUNDS:
        changes = {name: None if value is None else _checked(name, value)}
    elif name == "rfm":
        has_scores = value is not None and (value.recency or value.frequency or value.money)
        changes = {name: value if has_scores else None}
    elif name == "telegram":
        changes = {name: value}
    elif name in NAMES and len(value or ()) <= MOST_CHOICES:
        changes = {name: tuple(value or ())}
    else:
        raise InvalidSetting(name=name, low=0, high=MOST_CHOICES)
    return replace(segment, **changes)


def _checked(name: str, span: Span) -> Span:
    high = BOUNDS[name]
    given = [side for side in (span.low, span.high) if side is not None]
    if not given or any(not 0 <= side <= high for side in given) or given != sorted(given):
        raise SpanUnclear(name=name, high=high)
    return span


def to_json(segment: Segment) -> dict[str, Any]:
    """The conditions that are set, as plain JSON."""
    return {name: _plain(getattr(segment, name)) for name in segment.conditions}


def _plain(value: Any) -> Any:
    if isinstance(value, Span | Rfm):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return list(value) if isinstance(value, tuple) else value


def from_json(kept: Mapping[str, Any]) -> Segment:
    """A segment from its JSON; conditions that a newer release wrote are unknown. Raises ValueError for them,
    since leaving one out would write to people who were not meant."""
    unknown = kept.keys() - set(NAMES)
    if unknown:
        raise ValueError(f"unknown conditions: {sorted(unknown)}")
    return Segment(**{name: _read(name, value) for name, value in kept.items()})


def _read(name: str, value: Any) -> Any:
    if name in BOUNDS:
        return Span(**value)
    if name == "rfm":
        return Rfm(**{part: tuple(numbers) for part, numbers in value.items()})
    return tuple(value) if isinstance(value, list) else value
