"""Medians, percentiles, and figures for people."""

import statistics
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 don't exceed, by nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1000:.2f} ms"


def spaced(number: int) -> str:
    """A count with its thousands apart."""
    return f"{number:_}".replace("_", " ")


def ratio_of_rounds(ours: Sequence[float], floor: Sequence[float]) -> float:
    """The median of the rounds' own ratios: what disturbs the machine for a while disturbs both sides of it."""
    return median([mine / theirs for mine, theirs in zip(ours, floor, strict=True)])
