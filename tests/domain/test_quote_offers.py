"""What a level's discount, a promotion's factor and a coupon's extra points change of a purchase."""

from typing import Any

import pytest

from core.domain.basket import Basket, Discount, DiscountSource, Line, Offer, Terms
from core.domain.programme import Kind, Programme
from core.domain.quote import NoAccrual, Quote, quote

CASHBACK = Programme(kind=Kind.CASHBACK)
COFFEE, CAKE = 1, 2


def offer(**asks: Any) -> Offer:
    return Offer(DiscountSource.PROMOTION, 7, "Осень", **asks)


def priced(
    terms: Terms, *lines: Line, programme: Programme = CASHBACK, available: int = 0, points: int = 0
) -> Quote:
    return quote(programme, Basket(lines or (Line(100_00),)), available=available, points=points, terms=terms)


def test_a_discount_lowers_what_is_to_pay_what_points_may_pay_and_what_earns() -> None:
    terms = Terms(discounts=(Discount(DiscountSource.LEVEL, percent=1000),))
    found = priced(terms, available=500_00, points=45_00)
    assert (found.subtotal, found.discount, found.discount_source) == (100_00, 10_00, DiscountSource.LEVEL)
    assert (found.points_limit, found.payable, found.accrual_base) == (45_00, 45_00, 45_00)


def test_the_percent_of_a_level_goes_before_the_programmes() -> None:
    assert priced(Terms(accrual_percent=700)).accrual == 7_00
    assert priced(Terms(accrual_percent=0)).accrual == 0
    assert priced(Terms(redemption_share=2000), available=500_00).points_limit == 20_00
    assert priced(Terms(redemption_share=0), available=500_00).points_limit == 0


def test_a_factor_multiplies_what_is_earned() -> None:
    assert priced(Terms(factor=200)).accrual == 10_00
    assert priced(Terms(factor=150)).accrual == 7_50
    assert priced(Terms(factor=150), programme=Programme()).accrual == 7_00


def test_a_factor_is_for_the_lines_of_its_offer() -> None:
    terms = Terms(factor=300, factor_by=offer(product_ids=frozenset({COFFEE})))
    assert priced(terms, Line(40_00, product_id=COFFEE), Line(60_00, product_id=CAKE)).accrual == 2_00 * 3 + 3_00
    assert priced(terms, Line(100_00, product_id=CAKE)).accrual == 5_00


@pytest.mark.parametrize(("total", "accrual"), [(99_99, 4_99), (100_00, 10_00), (100_01, 10_00)])
def test_a_factor_comes_from_its_least_receipt_on(total: int, accrual: int) -> None:
    assert priced(Terms(factor=200, factor_by=offer(min_purchase=100_00)), Line(total)).accrual == accrual


def test_a_factor_whose_receipt_is_too_small_changes_nothing() -> None:
    terms = Terms(factor=200, factor_by=offer(min_purchase=100_01))
    assert priced(terms).accrual == 5_00
    # 33.33 % of 3 kopecks is just under a hundredth of a point.
    third = Programme(kind=Kind.CASHBACK, accrual_percent=3333)
    assert priced(terms, Line(3), programme=third).accrual == 0


def test_an_offers_least_receipt_is_of_all_that_is_bought_before_discounts_and_points() -> None:
    terms = Terms(
        discounts=(Discount(DiscountSource.LEVEL, percent=1000),),
        factor=200,
        factor_by=offer(min_purchase=100_00, product_ids=frozenset({COFFEE})),
    )
    lines = (Line(40_00, product_id=COFFEE), Line(60_00, product_id=CAKE))
    assert priced(terms, *lines, available=20_00, points=20_00).accrual == 4_90  # 5 % of 42.00 and twice 28.00


def test_extra_points_come_on_top() -> None:
    assert priced(Terms(extra_points=30_50)).accrual == 35_50
    assert priced(Terms(factor=200, extra_points=30_00)).accrual == 40_00
    assert priced(Terms(extra_points=30_50), programme=Programme()).accrual == 35_00


@pytest.mark.parametrize(("total", "accrual"), [(99_99, 4_99), (100_00, 35_00)])
def test_extra_points_come_from_their_least_receipt_on(total: int, accrual: int) -> None:
    assert priced(Terms(extra_points=30_00, extra_by=offer(min_purchase=100_00)), Line(total)).accrual == accrual


def test_extra_points_come_when_something_they_are_for_is_bought() -> None:
    terms = Terms(extra_points=30_00, extra_by=offer(product_ids=frozenset({COFFEE})))
    assert priced(terms, Line(20, product_id=COFFEE), Line(99_80, product_id=CAKE)).accrual == 35_00
    assert priced(terms, Line(100_00, product_id=CAKE)).accrual == 5_00
    excluded = Line(50_00, product_id=COFFEE, eligible=False)
    assert priced(terms, Line(100_00, product_id=CAKE), excluded).accrual == 5_00


def test_what_earns_nothing_brings_no_extra_points_either() -> None:
    found = priced(Terms(factor=200, extra_points=30_00), programme=Programme(min_purchase=100_01))
    assert (found.accrual, found.no_accrual) == (0, NoAccrual.BELOW_MINIMUM)
