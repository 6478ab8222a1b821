"""Points: integers of hundredths of a point; worth is money per whole point in minor units."""

from core.domain.amounts import parse_hundredths

POINT = 100
"""Hundredths in a point."""

MAX_POINTS = 100_000_000_00


def parse_points(text: str) -> int:
    """Read points as hundredths, from 0.01 to MAX_POINTS. Raises InvalidAmount."""
    return parse_hundredths(text, low=1, high=MAX_POINTS)


def floor_to(points: int, step: int) -> int:
    """Round down to the programme's precision: ``step`` is 100 (whole points) or 1 (hundredths)."""
    return points - points % step


def worth(points: int, point_worth: int) -> int:
    """What points pay, in minor units, rounded down; ``point_worth`` is minor units per whole point."""
    return points * point_worth // POINT


def without_waste(points: int, point_worth: int, step: int) -> int:
    """The fewest points, in steps, that pay as much as ``points`` do: a fraction that buys nothing stays."""
    fewest = -(-worth(points, point_worth) * POINT // point_worth)
    return -(-fewest // step) * step


def most_points(money: int, point_worth: int, step: int) -> int:
    """The most points, in steps, whose worth does not exceed ``money``."""
    # The largest p with p * worth // 100 <= money is the last one before the next minor unit begins.
    return floor_to(((money + 1) * POINT - 1) // point_worth, step)
