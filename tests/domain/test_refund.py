"""Refunds: however a refund is split, it comes to the same; never negative, never above what was bought."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.basket import Basket, Discount, DiscountSource, Line, Offer, Payment, Terms
from core.domain.errors import PointsNotEnough, RefundAboveRest
from core.domain.programme import Kind, Programme
from core.domain.quote import PLAIN, quote
from core.domain.refund import WHOLE, Sold, SoldLine, Totals, Wanted, parts, totals, with_parts

LINES = st.lists(
    st.builds(Line, st.integers(0, 30_000), st.booleans(), category_id=st.sampled_from([None, 1, 2])),
    min_size=1,
    max_size=5,
)
OFFERS = st.none() | st.builds(
    Offer,
    st.just(DiscountSource.PROMOTION),
    st.just(1),
    st.just("a"),
    min_purchase=st.sampled_from([0, 10_000, 25_000]),
    category_ids=st.sampled_from([frozenset(), frozenset({1})]),
)
DEFAULTS = Programme()
PROGRAMMES = st.builds(
    Programme,
    kind=st.sampled_from([Kind.BONUS, Kind.CASHBACK]),
    accrual_percent=st.sampled_from([100, 500, 3333, 10_000]),
    min_purchase=st.sampled_from([0, 1_000, 20_000]),
    accrue_on_gross=st.booleans(),
    point_worth=st.sampled_from([100, 33]),
)
TERMS = st.builds(
    Terms,
    factor=st.sampled_from([100, 150, 500]),
    extra_points=st.sampled_from([0, 3000]),
    factor_by=OFFERS,
    extra_by=OFFERS,
    discounts=st.sampled_from(
        [(), (Discount(DiscountSource.RULE, 700),), (Discount(DiscountSource.COUPON, amount=5_000),)]
    ),
)


def sale(
    lines: list[Line],
    programme: Programme = DEFAULTS,
    terms: Terms = PLAIN,
    points: int = 0,
    payments: tuple[Payment, ...] = (),
) -> Sold:
    basket = Basket(tuple(lines), payments=payments)
    priced = quote(programme, basket, available=10**9, points=points, terms=terms)
    kept = tuple(
        SoldLine(number, line.amount, line.points_worth, line.payable, line.eligible)
        for number, line in enumerate(priced.lines, start=1)
    )
    return Sold(programme, basket, terms, kept, priced.points, priced.accrual, priced.payable, priced.paid)


@st.composite
def sales(draw: st.DrawFn) -> Sold:
    lines = draw(LINES.filter(lambda found: any(line.amount for line in found)))
    programme, terms = draw(PROGRAMMES), draw(TERMS)
    most = quote(programme, Basket(tuple(lines)), available=10**9, terms=terms).points_limit
    points = most - most * draw(st.integers(0, 3)) // 3
    try:
        return sale(lines, programme, terms, points - points % programme.step)
    except PointsNotEnough:
        return sale(lines, programme, terms)


def refund(sold: Sold, lines: tuple[SoldLine, ...], wanted: Wanted) -> tuple[SoldLine, ...]:
    return with_parts(lines, parts(lines, wanted))


@given(sales(), st.lists(st.integers(1, 20_000), max_size=6))
def test_any_split_of_a_sum_comes_to_the_same_as_one_refund(sold, splits):
    lines, whole = sold.lines, sum(line.amount for line in sold.lines)
    taken, given_back = 0, Totals()
    for split in splits:
        if taken + split > whole:
            break
        before = totals(sold, lines)
        lines, taken = refund(sold, lines, Wanted(split)), taken + split
        step = totals(sold, lines).since(before)
        assert min(step.amount, step.money, step.returned, step.taken_back, step.sold) >= 0
        given_back = Totals(*(getattr(given_back, each) + getattr(step, each) for each in Totals.__slots__))
    if taken:
        assert lines == refund(sold, sold.lines, Wanted(taken))
    assert given_back == totals(sold, lines)
    assert given_back.amount == taken


@given(sales(), st.data())
def test_lines_and_sums_in_any_order_end_where_the_whole_does(sold, data):
    lines = sold.lines
    for _ in range(4):
        open_ones = [line for line in lines if line.left]
        if not open_ones:
            break
        before = totals(sold, lines)
        line = data.draw(st.sampled_from(open_ones))
        part = data.draw(st.integers(1, line.left))
        wanted = Wanted(part) if data.draw(st.booleans()) else Wanted(lines=((line.number, part),))
        lines = refund(sold, lines, wanted)
        step = totals(sold, lines).since(before)
        assert step.amount == part
        assert min(step.money, step.returned, step.taken_back, step.sold) >= 0
    if any(line.left for line in lines):
        lines = refund(sold, lines, WHOLE)
    whole = totals(sold, lines)
    assert whole == totals(sold, refund(sold, sold.lines, WHOLE))
    assert (whole.money, whole.returned, whole.taken_back) == (sold.paid, sold.points, sold.accrual)
    assert whole.sold == sold.payable + sum(line.points_worth for line in sold.lines)


@given(sales(), st.integers(1, 150_000))
def test_nothing_above_what_was_bought_is_given_or_taken(sold, amount):
    whole = sum(line.amount for line in sold.lines)
    if amount > whole:
        with pytest.raises(RefundAboveRest) as refusal:
            parts(sold.lines, Wanted(amount))
        assert refusal.value.data == {"left": whole}
        return
    lines = refund(sold, sold.lines, Wanted(amount))
    assert all(0 <= line.refunded <= line.amount for line in lines)
    found = totals(sold, lines)
    assert 0 <= found.money <= sold.paid
    assert 0 <= found.returned <= sold.points
    assert 0 <= found.taken_back <= sold.accrual
    assert found.returned % sold.programme.step == 0
    assert found.taken_back % sold.programme.step == 0


def test_what_is_left_keeps_what_it_would_have_earned():
    sold = sale([Line(80_00)])
    lines = refund(sold, sold.lines, Wanted(30_00))
    # 5 % of 80 is 4 points, 5 % of the 50 left is 2 whole points.
    assert totals(sold, lines) == Totals(amount=30_00, money=30_00, returned=0, taken_back=2_00, sold=30_00)


def test_a_rest_under_the_minimum_earns_nothing():
    sold = sale([Line(1_000_00)], Programme(min_purchase=600_00))
    assert totals(sold, refund(sold, sold.lines, Wanted(400_00))).taken_back == 20_00
    assert totals(sold, refund(sold, sold.lines, Wanted(400_01))).taken_back == 50_00


def test_an_excluded_line_takes_nothing_back():
    sold = sale([Line(50_00), Line(30_00, eligible=False)], Programme(kind=Kind.CASHBACK))
    assert sold.accrual == 2_50
    assert totals(sold, refund(sold, sold.lines, Wanted(lines=((2, 30_00),)))).taken_back == 0
    assert totals(sold, refund(sold, sold.lines, Wanted(lines=((1, 50_00),)))).taken_back == 2_50


def test_extra_points_go_in_proportion():
    """Else a promotion's points could be kept by refunding all but a kopeck."""
    sold = sale([Line(40_00)], Programme(accrual_percent=10_000), Terms(extra_points=30_00))
    assert sold.accrual == 70_00
    assert totals(sold, refund(sold, sold.lines, Wanted(20_00))).taken_back == 35_00
    assert totals(sold, refund(sold, sold.lines, Wanted(39_99))).taken_back == 70_00


def test_a_promotions_points_go_with_its_lines_and_its_least_purchase():
    coffee = Offer(DiscountSource.PROMOTION, 1, "a", min_purchase=80_00, category_ids=frozenset({7}))
    terms = Terms(factor=300, factor_by=coffee, extra_points=30_00, extra_by=coffee)
    sold = sale([Line(40_00, category_id=7), Line(60_00)], Programme(accrual_percent=1000), terms)
    assert sold.accrual == 12_00 + 6_00 + 30_00
    other = refund(sold, sold.lines, Wanted(lines=((2, 10_00),)))
    assert totals(sold, other).taken_back == 1_00, "the promotion's lines are all there"
    half = refund(sold, sold.lines, Wanted(lines=((1, 20_00),)))
    assert totals(sold, half).taken_back == 6_00 + 15_00
    under = refund(sold, half, Wanted(lines=((2, 1),)))
    assert totals(sold, under).taken_back == sold.accrual - 7_00, "79.99 is less than the promotion asks for"


def test_points_come_back_in_proportion_and_the_last_refund_brings_the_rest():
    sold = sale([Line(300_00)], points=100_00)
    lines, given_back = sold.lines, []
    for _ in range(3):
        before = totals(sold, lines)
        lines = refund(sold, lines, Wanted(100_00))
        given_back.append(totals(sold, lines).since(before))
    assert [one.returned for one in given_back] == [33_00, 33_00, 34_00]
    assert sum(one.money for one in given_back) == 200_00


def test_of_a_bill_paid_in_part_only_what_was_paid_comes_back():
    sold = sale([Line(1_000_00)], payments=(Payment("cash", 400_00),))
    assert totals(sold, refund(sold, sold.lines, Wanted(500_00))).money == 200_00
    assert totals(sold, refund(sold, sold.lines, WHOLE)).money == 400_00


@pytest.mark.parametrize("wanted", [Wanted(0), Wanted(-1), Wanted(lines=((1, 0),)), Wanted(lines=((2, 1),))])
def test_nothing_and_what_is_not_there_are_refused(wanted):
    with pytest.raises(RefundAboveRest):
        parts(sale([Line(10_00)]).lines, wanted)


def test_a_sum_goes_over_large_lines_to_the_kopeck():
    sold = sale([Line(33_333_333_33), Line(33_333_333_34), Line(1)])
    taken = parts(sold.lines, Wanted(50_000_000_00))
    assert sum(taken.values()) == 50_000_000_00
    assert abs(taken[1] - taken[2]) <= 1
