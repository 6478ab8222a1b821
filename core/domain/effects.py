"""What a campaign changed: the told against the control group, with 95 % intervals. Pure.

Floats are for estimates only; no money is moved by them.
"""

import math
from dataclasses import dataclass

Z95 = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""
LEAST_PEOPLE = 30
"""From so many in each group on a difference of shares is told."""
LEAST_BUYERS = 10
"""From so many buyers in each group on a difference of sums is told: sums are skewed, and Welch's interval rests
on means of many."""


@dataclass(frozen=True, slots=True)
class Group:
    """What people bought. ``total`` in minor units, ``squares`` the sum of the squares of each person's sum."""

    people: int
    buyers: int
    total: int
    squares: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference, told less control, with the bounds of its 95 % interval."""

    difference: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether it leaves out that there is no difference."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Effect:
    """The difference of the shares of buyers (0 to 1), and of the sums a person (minor units).

    Each is None where the groups are too small to tell.
    """

    share: Interval | None
    sums: Interval | None


def effect(told: Group, control: Group) -> Effect:
    """Both differences, or what can be told of them."""
    people = min(told.people, control.people) >= LEAST_PEOPLE
    buyers = min(told.buyers, control.buyers) >= LEAST_BUYERS
    return Effect(
        newcombe(told.buyers, told.people, control.buyers, control.people) if people else None,
        welch(told, control) if people and buyers else None,
    )


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927), without a correction for continuity; 0 < ``of``."""
    share = hits / of
    middle = (hits + Z95**2 / 2) / (of + Z95**2)
    reach = Z95 / (of + Z95**2) * math.sqrt(hits * (of - hits) / of + Z95**2 / 4)
    return min(share, middle - reach), max(share, middle + reach)


def newcombe(hits: int, of: int, other_hits: int, other_of: int) -> Interval:
    """The difference of two shares: Newcombe's hybrid score interval, method 10 of Newcombe (1998)."""
    first, second = hits / of, other_hits / other_of
    (low, high), (other_low, other_high) = wilson(hits, of), wilson(other_hits, other_of)
    difference = first - second
    return Interval(
        difference,
        difference - math.hypot(first - low, other_high - second),
        difference + math.hypot(high - first, second - other_low),
    )


def welch(told: Group, control: Group) -> Interval:
    """The difference of the mean sums a person: Welch's interval, degrees of freedom by Satterthwaite.

    Both groups have two people at least.
    """
    difference = told.total / told.people - control.total / control.people
    parts = [_of_mean(told), _of_mean(control)]
    spread = sum(parts)
    if spread == 0:
        return Interval(difference, difference, difference)
    freedom = spread**2 / (parts[0] ** 2 / (told.people - 1) + parts[1] ** 2 / (control.people - 1))
    reach = student95(freedom) * math.sqrt(spread)
    return Interval(difference, difference - reach, difference + reach)


def _of_mean(group: Group) -> float:
    """The variance of a group's mean."""
    about = max(0.0, group.squares - group.total**2 / group.people)
    return about / (group.people - 1) / group.people


def student95(freedom: float) -> float:
    """The 97.5 % quantile of Student's t: the expansion in 1/n of Abramowitz and Stegun 26.7.5.

    Right to four digits from 10 degrees of freedom on.
    """
    z = Z95
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / freedom ** (power + 1) for power, term in enumerate(terms))
