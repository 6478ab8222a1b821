"""Intervals of a campaign's effect against published figures, and by simulation with a fixed seed."""

import math
from fractions import Fraction
from random import Random

import pytest

from core.domain.effects import Z95, Group, Interval, effect, newcombe, student95, welch, wilson


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_shares_as_newcombe_has_them(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe(*first, *second)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_one_share_as_wilson_has_it() -> None:
    # Newcombe (1998), Statistics in Medicine 17, page 857, table I, method 3: 81 of 263, and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0000, 0.1611), abs=5e-5)


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(10, 2.2281), (15, 2.1314), (30, 2.0423), (60, 2.0003), (120, 1.9799)]
)
def test_students_quantiles_as_tables_have_them(freedom: int, quantile: float) -> None:
    assert student95(freedom) == pytest.approx(quantile, abs=1e-4)


@pytest.mark.parametrize("freedom", [1, 2, 7])
def test_the_expansion_is_abramowitz_and_steguns(freedom: int) -> None:
    """Handbook of Mathematical Functions, 26.7.5: each term's divisor, and its factors by the powers of x."""
    printed: list[tuple[int, dict[int, int]]] = [
        (4, {3: 1, 1: 1}),
        (96, {5: 5, 3: 16, 1: 3}),
        (384, {7: 3, 5: 19, 3: 17, 1: -15}),
        (92160, {9: 79, 7: 776, 5: 1482, 3: -1920, 1: -945}),
    ]
    x = Fraction(Z95)
    terms = [sum(by * x**power for power, by in factors.items()) / divisor for divisor, factors in printed]
    whole = x + sum(term / Fraction(freedom) ** number for number, term in enumerate(terms, 1))
    assert student95(freedom) == pytest.approx(float(whole), rel=1e-12)


@pytest.mark.parametrize(
    ("low", "high", "sure"),
    [(0.1, 0.3, True), (0.0, 0.3, False), (-0.1, 0.3, False), (-0.3, 0.0, False), (-0.3, -0.1, True)],
)
def test_a_difference_is_sure_when_zero_is_out_of_its_bounds(low: float, high: float, sure: bool) -> None:
    assert Interval((low + high) / 2, low, high).is_sure is sure


def test_means_of_few_by_hand() -> None:
    # Two who bought for 0 and 2, three for 0, 3 and 6: variances 2 and 9, those of the means 1 and 3.
    found = welch(Group(2, 1, 2, 4.0), Group(3, 2, 9, 45.0))
    freedom = (1 + 3) ** 2 / (1**2 / 1 + 3**2 / 2)
    assert found.difference == 1 - 3
    assert found.high - found.difference == pytest.approx(2 * student95(freedom), rel=1e-12)
    assert found.difference - found.low == pytest.approx(2 * student95(freedom), rel=1e-12)


def test_a_last_digit_that_a_float_lost_is_no_spread() -> None:
    same = Group(40, 40, 40 * 500_00, math.nextafter(40 * 500_00.0**2, 0))
    found = welch(same, Group(40, 0, 0, 0.0))
    assert (found.difference, found.low, found.high) == (500_00, 500_00, 500_00)


def test_means_as_welch_has_them() -> None:
    # Means 20.82 and 23.0, variances 7.95 and 3.77, 15 each: 25 degrees of freedom, whose quantile is 2.0595.
    found = welch(_group(15, 20.82, 7.95), _group(15, 23.0, 3.77))
    assert found.difference == pytest.approx(-2.18, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((-3.9999, -0.3601), abs=2e-3)
    assert found.is_sure


def _group(people: int, mean: float, variance: float) -> Group:
    """A group with this mean and variance, in units of a thousandth so that the total is whole."""
    squares = variance * (people - 1) + people * mean**2
    return Group(people, people, people * mean, squares)  # type: ignore[arg-type]


def test_nothing_is_told_of_few() -> None:
    few, enough = Group(29, 10, 100, 1e4), Group(30, 10, 100, 1e4)
    assert (effect(few, enough).share, effect(enough, few).share) == (None, None)
    assert effect(enough, enough).share is not None
    assert effect(enough, enough).sums is not None
    assert effect(enough, Group(30, 9, 100, 1e4)).sums is None
    assert effect(Group(0, 0, 0, 0.0), Group(0, 0, 0, 0.0)).share is None


def test_equal_groups_are_never_sure() -> None:
    same = Group(1000, 200, 500_000, 9e8)
    found = effect(same, same)
    assert found.share is not None
    assert found.sums is not None
    assert not found.share.is_sure
    assert not found.sums.is_sure
    nothing = welch(Group(40, 0, 0, 0.0), Group(40, 0, 0, 0.0))
    assert (nothing.low, nothing.high) == (0.0, 0.0)


def test_about_95_of_100_intervals_hold_the_truth() -> None:
    """300 campaigns of 400 told and 100 kept out: every fourth buys, sums are skewed as receipts are."""
    random = Random(20260302)
    shares = sums = 0
    for _ in range(300):
        told, control = _campaign(random, 400, 0.30), _campaign(random, 100, 0.25)
        found = effect(told, control)
        assert found.share is not None
        assert found.sums is not None
        shares += found.share.low <= 0.05 <= found.share.high
        sums += found.sums.low <= 0.05 * _MEAN <= found.sums.high
    assert 276 <= shares <= 297
    assert 270 <= sums <= 297


_MEAN = 100_000 * 1.1331
"""The mean of the receipts below: 100 000 kopecks times the mean of the log-normal, exp(0.5² / 2)."""


def _campaign(random: Random, people: int, share: float) -> Group:
    bought = [
        round(100_000 * random.lognormvariate(0, 0.5)) if random.random() < share else 0 for _ in range(people)
    ]
    return Group(
        people, sum(1 for each in bought if each), sum(bought), float(sum(each * each for each in bought))
    )
