"""Sums as people type them, and shares that match to the kopeck."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidAmount
from core.domain.money import BASIS, MAX_MONEY, parse_money, share, spread
from core.domain.points import MAX_POINTS, floor_to, most_points, parse_points, worth

READ = {
    "1500": 1500_00,
    "0,01": 1,
    "0.5": 50,
    "1 500": 1500_00,
    "1 500,50": 1500_50,
    "1\u00a0000,50": 1000_50,
    "1\u2009000,50": 1000_50,
    "1\u202f234\u202f567.89": 1_234_567_89,
    "  80  ": 80_00,
    "\u00a080\u00a0": 80_00,
    "80 ₽": 80_00,
    "80р": 80_00,
    "80 руб.": 80_00,
    "80 RUB": 80_00,
    "007": 7_00,
    "100000000": MAX_MONEY,
}

REFUSED = [
    "",
    " ",
    "\u00a0",
    "0",
    "0,00",
    "-5",
    "−5",
    "+5",
    "1e5",
    "1E5",
    "NaN",
    "inf",
    "Infinity",
    "0x10",
    "1_000",
    "1,000,000",
    "1.000",
    "1 00",
    "1 0000",
    "12 34",
    "1,5,0",
    "1,",
    ",5",
    "1,505",
    "5 %",
    "₽",
    "₽ 80",
    "80 $",
    "١٢٣",
    "१२३",
    "\uff11\uff12\uff13",
    "½",
    "٫5",
    "1\x00",
    "\x00",
    "<b>1</b>",
    "{{7*7}}",
    "=1+1",
    "@SUM(1)",
    "\u202e005",
    "👨‍👩‍👧‍👦",
    "сто",
    "1\n000",
    "80\n80",
    "100000000,01",
    "9" * 12,
    "9" * 13,
    "9" * 10_000,
    " " * 10_000 + "1",
]


@pytest.mark.parametrize(("text", "kopecks"), READ.items())
def test_sums_that_are_read(text: str, kopecks: int) -> None:
    assert parse_money(text) == kopecks


@pytest.mark.parametrize("text", REFUSED)
def test_sums_that_are_refused_with_their_bounds(text: str) -> None:
    for parse, high in ((parse_money, MAX_MONEY), (parse_points, MAX_POINTS)):
        with pytest.raises(InvalidAmount) as refusal:
            parse(text)
        assert refusal.value.data == {"reason": refusal.value.data["reason"], "low": 1, "high": high}
        assert refusal.value.data["reason"] in ("format", "bounds")


@given(st.text(max_size=40))
def test_any_text_is_a_sum_within_bounds_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidAmount):
        assert 1 <= parse_money(text) <= MAX_MONEY


def test_the_largest_amounts_are_these() -> None:
    assert (parse_money("100000000"), parse_points("100000000")) == (10**10, 10**10)
    for parse in (parse_money, parse_points):
        with pytest.raises(InvalidAmount):
            parse("100000000.01")


def test_a_text_of_32_characters_is_read_and_no_longer_one() -> None:
    assert parse_money("5" + " " * 31) == 5_00
    with pytest.raises(InvalidAmount):
        parse_money("5" + " " * 32)


@given(st.integers(1, MAX_MONEY), st.sampled_from([" ", "\u00a0", "\u2009", "\u202f", ""]), st.sampled_from(",."))
def test_what_is_written_is_read_back(kopecks: int, space: str, point: str) -> None:
    whole = f"{kopecks // 100:,}".replace(",", space)
    assert parse_money(f"{whole}{point}{kopecks % 100:02}") == kopecks


@given(st.integers(0, MAX_MONEY), st.integers(0, BASIS))
def test_a_share_is_rounded_down(amount: int, percent: int) -> None:
    part = share(amount, percent)
    assert part * BASIS <= amount * percent < (part + 1) * BASIS
    assert 0 <= part <= amount


weights = st.lists(st.integers(0, MAX_MONEY), min_size=1, max_size=12)


@given(weights, st.data())
def test_a_spread_matches_to_the_kopeck(parts: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(parts)))
    shares = spread(total, parts)
    assert sum(shares) == total
    assert all(0 <= got <= weight for got, weight in zip(shares, parts, strict=True))
    for got, weight in zip(shares, parts, strict=True):
        assert abs(got * sum(parts) - total * weight) < sum(parts) or not sum(parts)


def test_a_spread_gives_the_odd_kopecks_to_the_largest_remainders() -> None:
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(10, [333, 333, 334]) == [3, 3, 4]
    assert spread(5, [10, 0, 10]) == [3, 0, 2]
    assert spread(1, [0, 1, 2]) == [0, 0, 1]
    assert spread(3, [0, 2, 5]) == [0, 1, 2]
    assert spread(0, [0, 0]) == [0, 0]
    assert spread(0, []) == []
    with pytest.raises(ValueError, match="nothing to spread"):
        spread(1, [0, 0])


@given(st.integers(0, 10**9), st.integers(1, 1_000_000), st.sampled_from([1, 100]))
def test_the_most_points_for_a_sum_fit_and_one_more_step_does_not(money: int, point_worth: int, step: int) -> None:
    most = most_points(money, point_worth, step)
    assert most % step == 0
    assert worth(most, point_worth) <= money < worth(most + step, point_worth)


@given(st.integers(0, MAX_POINTS), st.sampled_from([1, 100]))
def test_points_are_floored_to_the_step(points: int, step: int) -> None:
    assert 0 <= points - floor_to(points, step) < step
    assert floor_to(points, step) % step == 0
