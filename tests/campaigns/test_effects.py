"""Intervals of a campaign's effect against published figures, and by simulation with a fixed seed."""

from random import Random

import pytest

from core.domain.effects import Group, effect, newcombe, student95, welch, wilson


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
