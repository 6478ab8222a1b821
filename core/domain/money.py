"""Money: integers of minor units (kopecks). No float ever touches it."""

from collections.abc import Sequence

from core.domain.amounts import parse_hundredths

MAX_MONEY = 100_000_000_00
"""The largest sum a till takes, in minor units: a typing slip of more zeros is refused."""

BASIS = 10_000
"""Basis points in a whole: 5 % is 500."""


def parse_money(text: str) -> int:
    """Read a purchase's sum as minor units, from one kopeck to MAX_MONEY. Raises InvalidAmount."""
    return parse_hundredths(text, low=1, high=MAX_MONEY)


def share(amount: int, basis_points: int) -> int:
    """The share of an amount, rounded down: ``share(8000, 500) == 400``."""
    return amount * basis_points // BASIS


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Spread ``total`` over ``weights`` by largest remainder; the parts sum to ``total`` exactly.

    All are non-negative; no part exceeds its weight when ``total`` does not exceed their sum.
    Without any weight nothing can be spread, so ``total`` must then be 0.
    """
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("nothing to spread over")
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in remainders[: total - sum(parts)]:
        parts[index] += 1
    return parts
