"""Refunds at their bounds: the least and the last kopeck, lines for nothing, and what was paid in other ways."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.domain.basket import Basket, Discount, DiscountSource, Line, Offer, Payment, Terms
from core.domain.errors import RefundAboveRest
from core.domain.programme import Kind, Programme
from core.domain.quote import PLAIN, quote
from core.domain.refund import WHOLE, Sold, SoldLine, Totals, Wanted, parts, totals, with_parts

DEFAULTS = Programme()
ALL_BY_POINTS = Programme(redemption_share=10_000)


def line(number: int, amount: int, refunded: int = 0) -> SoldLine:
    return SoldLine(number, amount, 0, amount, True, refunded)


def sale(
    *lines: Line,
    programme: Programme = DEFAULTS,
    terms: Terms = PLAIN,
    points: int = 0,
    payments: tuple[Payment, ...] = (),
) -> Sold:
    basket = Basket(lines, payments=payments)
    priced = quote(programme, basket, available=10**9, points=points, terms=terms)
    kept = tuple(
        SoldLine(number, each.amount, each.points_worth, each.payable, each.eligible)
        for number, each in enumerate(priced.lines, start=1)
    )
    return Sold(programme, basket, terms, kept, priced.points, priced.accrual, priced.payable, priced.paid)


def after(sold: Sold, wanted: Wanted) -> Totals:
    return totals(sold, with_parts(sold.lines, parts(sold.lines, wanted)))


def test_nothing_is_refunded_unless_it_is_wanted() -> None:
    assert Wanted() == WHOLE == Wanted(amount=None, lines=())
    assert line(1, 100).refunded == 0
    assert SoldLine(1, 100, 0, 100, eligible=True).left == 100
    assert Totals() == Totals(amount=0, money=0, returned=0, taken_back=0, sold=0)
    sold = sale(Line(80_00))
    assert totals(sold, sold.lines) == Totals()


def test_a_refund_is_between_a_kopeck_and_all_that_is_left() -> None:
    lines = (line(1, 50_00, refunded=20_00), line(2, 30_00))
    assert sum(parts(lines, Wanted(1)).values()) == 1
    assert parts(lines, Wanted(60_00)) == parts(lines, WHOLE) == {1: 30_00, 2: 30_00}
    for amount in (-1, 0, 60_01):
        with pytest.raises(RefundAboveRest) as refusal:
            parts(lines, Wanted(amount))
        assert refusal.value.data == {"left": 60_00}


def test_of_what_is_refunded_whole_nothing_is_left() -> None:
    with pytest.raises(RefundAboveRest) as refusal:
        parts((line(1, 50_00, refunded=50_00),), WHOLE)
    assert refusal.value.data == {"left": 0}


def test_a_line_is_refunded_between_a_kopeck_and_all_that_is_left_of_it() -> None:
    lines = (line(1, 50_00, refunded=20_00), line(2, 30_00))
    assert parts(lines, Wanted(lines=((1, 1),))) == {1: 1}
    assert parts(lines, Wanted(lines=((1, 30_00), (2, 30_00)))) == {1: 30_00, 2: 30_00}
    for number, part, left in ((1, 0, 30_00), (1, 30_01, 30_00), (2, -1, 30_00), (3, 1, 0), (3, 0, 0)):
        with pytest.raises(RefundAboveRest) as refusal:
            parts(lines, Wanted(lines=((2, 1), (number, part))))
        assert refusal.value.data == {"left": left}


def test_lines_that_a_sum_does_not_touch_are_left_out() -> None:
    assert parts((line(1, 0), line(2, 50_00)), Wanted(10_00)) == {2: 10_00}
    assert parts((line(1, 50_00, refunded=49_00), line(2, 50_00)), Wanted(10_00)) == {2: 10_00}


@pytest.mark.parametrize(
    ("amount", "taken"),
    [
        (1, {2: 1}),  # a third is less than a half
        (2, {1: 1, 2: 1}),  # a half is less than two thirds
        (3, {1: 1, 2: 2}),
        (4, {1: 2, 2: 2}),  # both would be whole: the first of equals
        (5, {1: 2, 2: 3}),
    ],
)
def test_kopecks_come_one_by_one_from_the_line_of_the_least_share(amount: int, taken: dict[int, int]) -> None:
    assert parts((line(1, 2), line(2, 3)), Wanted(amount)) == taken


def test_the_shares_of_the_largest_lines_are_told_apart() -> None:
    largest = 100_000_000_00
    lines = (line(1, largest - 1), line(2, largest))
    assert parts(lines, Wanted(1)) == {2: 1}
    assert parts(lines, Wanted(largest - 1)) == {1: largest // 2 - 1, 2: largest // 2}
    assert parts(lines, Wanted(2 * largest - 3)) == {1: largest - 2, 2: largest - 1}
    three = (line(1, largest), line(2, largest - 1), line(3, largest - 1))
    assert parts(three, Wanted(3 * largest - 5)) == {1: largest - 1, 2: largest - 2, 3: largest - 2}
    assert parts(three, Wanted(3 * largest - 6)) == {1: largest - 2, 2: largest - 2, 3: largest - 2}
    assert parts(three, Wanted(3 * largest - 7)) == {1: largest - 2, 2: largest - 2, 3: largest - 3}
    three = (line(1, largest), line(2, largest), line(3, largest - 1))
    assert parts(three, Wanted(3 * largest - 5)) == {1: largest - 1, 2: largest - 2, 3: largest - 2}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=5), st.data())
def test_a_sum_goes_over_lines_as_if_kopeck_by_kopeck(sizes: list[tuple[int, int]], data: st.DataObject) -> None:
    lines = [line(number, max(pair), min(pair)) for number, pair in enumerate(sizes)]
    open_ones = sorted(
        (Fraction(unit, each.amount), each.number)
        for each in lines
        for unit in range(each.refunded + 1, each.amount + 1)
    )
    assume(open_ones)
    amount = data.draw(st.integers(1, len(open_ones)))
    assert parts(lines, Wanted(amount)) == Counter(number for _, number in open_ones[:amount])


def test_what_was_refunded_before_counts_in_a_share() -> None:
    lines = (line(1, 100, refunded=50), line(2, 100))
    assert parts(lines, Wanted(50)) == {2: 50}
    assert parts(lines, Wanted(52)) == {1: 1, 2: 51}


def test_what_all_by_points_was_paid_brings_no_money() -> None:
    sold = sale(Line(100_00), programme=ALL_BY_POINTS, points=100_00)
    assert after(sold, Wanted(30_00)) == Totals(amount=30_00, returned=30_00, sold=30_00)
    assert after(sold, WHOLE) == Totals(amount=100_00, returned=100_00, sold=100_00)


def test_points_come_back_by_what_they_paid_and_whole() -> None:
    sold = sale(Line(99_00), points=40_00)
    assert after(sold, Wanted(33_00)) == Totals(
        amount=33_00, money=19_66, returned=13_00, taken_back=1_00, sold=32_99
    )


def test_a_line_for_nothing_changes_nothing() -> None:
    for lines in ((Line(0), Line(100_00)), (Line(100_00), Line(0)), (Line(100_00),)):
        sold = sale(*lines)
        assert after(sold, Wanted(50_00)) == Totals(amount=50_00, money=50_00, taken_back=3_00, sold=50_00)
        assert after(sold, WHOLE) == Totals(amount=100_00, money=100_00, taken_back=5_00, sold=100_00)


def test_a_discount_is_not_given_back() -> None:
    sold = sale(Line(100_00), terms=Terms(discounts=(Discount(DiscountSource.RULE, 1000),)))
    assert after(sold, Wanted(50_00)) == Totals(amount=50_00, money=45_00, taken_back=2_00, sold=45_00)


def test_on_gross_the_points_part_earns_until_it_is_refunded() -> None:
    sold = sale(Line(100_00), programme=Programme(accrue_on_gross=True), points=50_00)
    assert sold.accrual == 5_00
    assert after(sold, Wanted(20_00)) == Totals(
        amount=20_00, money=10_00, returned=10_00, taken_back=1_00, sold=20_00
    )


def test_what_earned_less_than_its_rest_would_keeps_all_of_it() -> None:
    held_back = replace(sale(Line(100_00)), accrual=2_00)
    assert after(held_back, Wanted(50_00)).taken_back == 0
    assert after(held_back, Wanted(80_00)).taken_back == 1_00
    assert after(held_back, WHOLE).taken_back == 2_00


@pytest.mark.parametrize(("kind", "taken_back"), [(Kind.BONUS, 16_00), (Kind.CASHBACK, 15_50)])
def test_extra_points_stay_in_the_programmes_precision(kind: Kind, taken_back: int) -> None:
    promotion = Offer(DiscountSource.PROMOTION, 1, "a", category_ids=frozenset({7}))
    sold = sale(
        Line(40_00, category_id=7),
        Line(60_00),
        programme=Programme(kind=kind, accrual_percent=1000),
        terms=Terms(extra_points=31_00, extra_by=promotion),
    )
    assert sold.accrual == 10_00 + 31_00
    half = Wanted(lines=((1, 20_00),))
    assert after(sold, half).taken_back == 2_00 + taken_back
    assert after(sold, Wanted(lines=((2, 60_00),))).taken_back == 6_00, "its own line is all there"
    assert after(sold, Wanted(lines=((1, 40_00),))).taken_back == 4_00 + 31_00


def test_a_promotion_of_what_was_not_bought_takes_nothing_back() -> None:
    elsewhere = Offer(DiscountSource.PROMOTION, 1, "a", category_ids=frozenset({9}))
    sold = sale(Line(100_00), terms=Terms(extra_points=30_00, extra_by=elsewhere))
    assert (sold.accrual, after(sold, Wanted(20_00)).taken_back) == (5_00, 1_00)


def test_the_smallest_line_keeps_its_share_of_extra_points() -> None:
    promotion = Offer(DiscountSource.PROMOTION, 1, "a", category_ids=frozenset({7}))
    sold = sale(
        Line(1_00, category_id=7),
        Line(99_00),
        programme=Programme(kind=Kind.CASHBACK),
        terms=Terms(extra_points=30_00, extra_by=promotion),
    )
    assert after(sold, Wanted(lines=((1, 50),))).taken_back == 3 + 15_00


def test_what_came_since_an_earlier_refund() -> None:
    earlier = Totals(amount=10, money=9, returned=8, taken_back=7, sold=6)
    later = Totals(amount=100, money=90, returned=80, taken_back=70, sold=60)
    assert later.since(earlier) == Totals(amount=90, money=81, returned=72, taken_back=63, sold=54)
    assert replace(later, money=8).since(earlier).money == 0, "money that was given out never comes back"
    assert replace(later, money=10).since(earlier).money == 1
