"""Levels: the merchant's ladder. Levels follow turnover, never the balance."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.money import BASIS, MAX_MONEY


class Metric(enum.StrEnum):
    """What thresholds count: billed, really paid (both minor units), or visits that came."""

    SOLD = "sold"
    PAID = "paid"
    VISITS = "visits"


@dataclass(frozen=True, slots=True)
class Turnover:
    """What a customer has bought so far: money in minor units, and visits that came."""

    sold: int = 0
    paid: int = 0
    visits: int = 0

    def of(self, metric: Metric) -> int:
        return int(getattr(self, metric.value))


@dataclass(frozen=True, slots=True)
class Level:
    """A rung: reached from ``threshold`` on. Percents in basis points; None leaves the programme's own."""

    name: str
    threshold: int
    accrual_percent: int | None = None
    redemption_share: int | None = None
    discount: int = 0

    def __post_init__(self) -> None:
        shares = (self.accrual_percent, self.redemption_share, self.discount)
        if not 1 <= len(self.name.strip()) <= 32 or not _within(self.threshold, MAX_MONEY):
            raise ValueError("a level has a name and a threshold")
        if not all(one is None or _within(one, BASIS) for one in shares):
            raise ValueError("a level's percents are between 0 and 100")


def _within(value: object, high: int) -> bool:
    return type(value) is int and 0 <= value <= high


def ladder_is_sound(levels: Sequence[Level]) -> bool:
    """Thresholds rise strictly and no name stands twice."""
    thresholds = [level.threshold for level in levels]
    names = {level.name.casefold() for level in levels}
    return thresholds == sorted(set(thresholds)) and len(names) == len(levels)


def level_of(levels: Sequence[Level], metric: Metric, turnover: Turnover) -> Level | None:
    """The highest level whose threshold is reached; "from N" means at least N."""
    reached = [level for level in levels if turnover.of(metric) >= level.threshold]
    return max(reached, key=lambda level: level.threshold, default=None)


def next_level(levels: Sequence[Level], metric: Metric, turnover: Turnover) -> tuple[Level, int] | None:
    """The next level and what is left to it, in the metric's units; None on the top of the ladder."""
    ahead = [level for level in levels if turnover.of(metric) < level.threshold]
    if not ahead:
        return None
    following = min(ahead, key=lambda level: level.threshold)
    return following, following.threshold - turnover.of(metric)
