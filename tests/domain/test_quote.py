"""Arithmetic of a purchase: example tables and properties that hold for every receipt."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.basket import Basket, Discount, DiscountSource, Line, Payment
from core.domain.eligibility import Pair
from core.domain.errors import InvalidAmount, PointsNotEnough, RedemptionOff
from core.domain.money import MAX_MONEY
from core.domain.points import worth
from core.domain.programme import Kind, Programme
from core.domain.quote import NoAccrual, _spread_lines, quote

CASHBACK = Programme(kind=Kind.CASHBACK)


def priced(total: int, *, available: int = 0, points: int = 0, **settings: Any) -> Any:
    return quote(Programme(**settings), Basket.of_total(total), available=available, points=points)


def test_half_of_a_receipt_may_be_paid_by_points() -> None:
    offer = priced(1000_00, available=700_00)
    assert (offer.points_limit, offer.points, offer.payable, offer.accrual) == (500_00, 0, 1000_00, 50_00)
    lowered = priced(1000_00, available=700_00, points=300_00)
    assert (lowered.points_worth, lowered.payable, lowered.accrual) == (300_00, 700_00, 35_00)
    assert priced(1000_00, available=700_00, points=500_00).payable == 500_00
    with pytest.raises(PointsNotEnough) as refusal:
        priced(1000_00, available=700_00, points=501_00)
    assert refusal.value.data == {"limit": 500_00, "wanted": 501_00, "step": 100}


def test_the_balance_bounds_it_too() -> None:
    assert priced(1000_00, available=120_99).points_limit == 120_00
    assert quote(CASHBACK, Basket.of_total(1000_00), available=120_99).points_limit == 120_99
    for points in (-1, -100_00, 50, 120_50):
        with pytest.raises(PointsNotEnough):
            priced(1000_00, available=120_99, points=points)


def test_five_percent_of_eighty_is_four() -> None:
    assert quote(CASHBACK, Basket.of_total(80_00), available=0).accrual == 4_00
    assert priced(80_00).accrual == 4_00
    assert quote(CASHBACK, Basket.of_total(80_19), available=0).accrual == 4_00
    assert quote(CASHBACK, Basket.of_total(80_20), available=0).accrual == 4_01
    assert priced(99_99).accrual == 4_00
    assert priced(100_00).accrual == 5_00


def test_one_kopeck_under_the_minimum_earns_nothing() -> None:
    under, at = priced(99_99, min_purchase=100_00), priced(100_00, min_purchase=100_00)
    assert (under.accrual, under.accrual_base, under.no_accrual) == (0, 0, NoAccrual.BELOW_MINIMUM)
    assert (at.accrual, at.no_accrual) == (5_00, None)
    paid_down = priced(150_00, available=51_00, points=51_00, min_purchase=100_00)
    assert paid_down.no_accrual is NoAccrual.BELOW_MINIMUM


def test_no_accrual_when_redeeming_if_the_merchant_says_so() -> None:
    assert priced(100_00, available=10_00, accrue_when_redeeming=False).accrual == 5_00
    spent = priced(100_00, available=10_00, points=10_00, accrue_when_redeeming=False)
    assert (spent.accrual, spent.no_accrual) == (0, NoAccrual.REDEEMED)


def test_the_money_part_earns_unless_gross() -> None:
    assert priced(100_00, available=40_00, points=40_00).accrual == 3_00
    assert priced(100_00, available=40_00, points=40_00, accrue_on_gross=True).accrual == 5_00


def test_switched_off_stops_earning_but_not_spending() -> None:
    off = priced(100_00, available=40_00, points=40_00, status_on=False)
    assert (off.accrual, off.no_accrual) == (0, NoAccrual.OFF)
    assert (off.points_limit, off.payable) == (40_00, 60_00)


def test_points_payment_off_stops_spending_but_not_earning() -> None:
    off = priced(100_00, available=40_00, points_payment_on=False)
    assert (off.points_limit, off.accrual) == (0, 5_00)
    with pytest.raises(RedemptionOff):
        priced(100_00, available=40_00, points=1_00, points_payment_on=False)


def test_a_discount_programme_earns_nothing() -> None:
    assert priced(100_00, kind=Kind.DISCOUNT).no_accrual is NoAccrual.DISCOUNT_KIND


def test_worth_of_a_point() -> None:
    half = priced(100_00, available=1000_00, point_worth=50)
    assert (half.points_limit, worth(half.points_limit, 50)) == (100_00, 50_00)
    tenfold = priced(100_00, available=1000_00, points=5_00, point_worth=1000)
    assert (tenfold.points_limit, tenfold.points_worth, tenfold.payable) == (5_00, 50_00, 50_00)


def test_everything_may_be_paid_by_points_when_the_share_is_whole() -> None:
    free = priced(100_00, available=100_00, points=100_00, redemption_share=10_000)
    assert (free.payable, free.accrual) == (0, 0)
    assert priced(100_00, available=100_00, redemption_share=0).points_limit == 0


@pytest.mark.parametrize("lines", [(), (0,), (0, 0), (-1, 100), (MAX_MONEY + 1,), (MAX_MONEY, 1)])
def test_receipts_that_are_none(lines: tuple[int, ...]) -> None:
    with pytest.raises(InvalidAmount):
        quote(Programme(), Basket(tuple(Line(amount) for amount in lines)), available=0)


def test_the_smallest_and_the_largest_receipt() -> None:
    assert (priced(1).payable, priced(MAX_MONEY).payable) == (1, MAX_MONEY)
    with pytest.raises(InvalidAmount) as refusal:
        priced(0)
    assert refusal.value.data == {"reason": "bounds", "low": 1, "high": MAX_MONEY}


def test_there_is_never_less_than_nothing_to_pay_with() -> None:
    for kind in (Kind.BONUS, Kind.CASHBACK):
        assert priced(100_00, available=-1_00, kind=kind).points_limit == 0
        with pytest.raises(PointsNotEnough):
            priced(100_00, available=10_00, points=-1, kind=kind)


def test_a_discount_is_spread_over_eligible_lines_and_points_over_what_is_left() -> None:
    lines = (Line(100), Line(300, eligible=False), Line(200))
    cuts = Discount(DiscountSource.RULE, amount=60).off(lines)
    found = _spread_lines(lines, cuts, 270)
    assert [(line.discount, line.points_worth, line.payable) for line in found] == [
        (20, 40, 40),
        (0, 150, 150),
        (40, 80, 80),
    ]
    assert [line.eligible for line in found] == [True, False, True]
    assert Discount(DiscountSource.RULE, amount=1).off((Line(5, eligible=False), Line(1))) == [0, 1]


def test_what_earns_nothing_has_no_base() -> None:
    for settings_ in ({"status_on": False}, {"kind": Kind.DISCOUNT}, {"min_purchase": 100_01}):
        found = priced(100_00, **settings_)
        assert (found.accrual, found.accrual_base) == (0, 0)
    card_only = Programme(eligible_pairs=(Pair("delivery", "card"),))
    outside = quote(card_only, Basket((Line(100_00),)), available=0)
    assert (outside.accrual, outside.accrual_base) == (0, 0)


def test_ineligible_lines_and_sales_earn_nothing() -> None:
    mixed = Basket((Line(100_00), Line(300_00, eligible=False)))
    assert quote(Programme(), mixed, available=0).accrual == 5_00
    cash = replace(mixed, sale_type="delivery", payments=(Payment("cash"),))
    card_only = Programme(eligible_pairs=(Pair("delivery", "card"),))
    assert quote(card_only, cash, available=0).no_accrual is NoAccrual.NOT_ELIGIBLE


def test_points_that_buy_nothing_are_not_taken() -> None:
    cheap = replace(CASHBACK, point_worth=1)  # a point is a kopeck: hundredths of it are nothing
    assert quote(cheap, Basket.of_total(100_00), available=1_99).points_limit == 1_00
    assert quote(cheap, Basket.of_total(100_00), available=99).points_limit == 0
    assert quote(replace(cheap, redemption_share=0), Basket.of_total(1_00), available=5_00).points_limit == 0
    half = replace(CASHBACK, point_worth=50)
    assert quote(half, Basket.of_total(100_00), available=1_01).points_limit == 1_00


settings = st.builds(
    Programme,
    kind=st.sampled_from(Kind),
    status_on=st.booleans(),
    accrual_percent=st.integers(100, 10_000),
    min_purchase=st.integers(0, 10_000_00),
    accrue_when_redeeming=st.booleans(),
    accrue_on_gross=st.booleans(),
    point_worth=st.sampled_from([1, 3, 33, 50, 99, 100, 101, 1000]) | st.integers(1, 1_000_000),
    redemption_share=st.integers(0, 10_000),
    points_payment_on=st.booleans(),
)
lines = st.builds(Line, amount=st.integers(0, 1_000_000_00), eligible=st.booleans())
baskets = (
    st.lists(lines, min_size=1, max_size=8)
    .filter(lambda found: 0 < sum(line.amount for line in found) <= MAX_MONEY)
    .map(lambda found: Basket(tuple(found)))
)


@given(settings, baskets, st.integers(0, 10_000_000_00), st.data())
def test_every_quote_matches_to_the_kopeck(
    programme: Programme, basket: Basket, available: int, data: st.DataObject
) -> None:
    limit = quote(programme, basket, available=available).points_limit
    points = data.draw(st.integers(0, limit // programme.step)) * programme.step
    found = quote(programme, basket, available=available, points=points)
    assert found.points_limit == limit <= available
    assert not limit or worth(limit - programme.step, programme.point_worth) < worth(limit, programme.point_worth)
    assert found.payable == found.subtotal - found.discount - found.points_worth >= 0
    assert found.points_worth == worth(points, programme.point_worth)
    for column, total in (
        ("amount", found.subtotal),
        ("discount", found.discount),
        ("points_worth", found.points_worth),
        ("payable", found.payable),
    ):
        assert sum(getattr(line, column) for line in found.lines) == total
    for line in found.lines:
        assert line.payable == line.amount - line.discount - line.points_worth >= 0
    assert found.points_worth * 10_000 <= (found.subtotal - found.discount) * programme.redemption_share
    assert found.accrual % programme.step == 0
    assert 0 <= found.accrual <= found.accrual_base <= found.subtotal
    assert (found.accrual_base == 0) == (found.no_accrual is not None)


@given(settings, baskets, st.integers(0, 10_000_000_00), st.integers(1, 10**6))
def test_more_than_the_limit_is_refused_and_never_lowered(
    programme: Programme, basket: Basket, available: int, more: int
) -> None:
    limit = quote(programme, basket, available=available).points_limit
    with pytest.raises((PointsNotEnough, RedemptionOff)):
        quote(programme, basket, available=available, points=limit + more * programme.step)
    if programme.step > 1:
        with pytest.raises((PointsNotEnough, RedemptionOff)):
            quote(programme, basket, available=available, points=limit - 1 if limit else 1)
