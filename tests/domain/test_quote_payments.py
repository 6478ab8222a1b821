"""A purchase paid in parts, which of them earn, and why a purchase earns nothing."""

from dataclasses import replace

import pytest

from core.domain.basket import Basket, Line, Payment
from core.domain.eligibility import Pair
from core.domain.errors import InvalidAmount
from core.domain.programme import Kind, Programme
from core.domain.quote import NoAccrual, Quote, quote, quote_fitting

CARD_HERE = Programme(kind=Kind.CASHBACK, eligible_pairs=(Pair("on_spot", "card"),))
FREE = Programme(kind=Kind.CASHBACK, redemption_share=10_000)


def paid_by(*payments: Payment, total: int = 100_00, programme: Programme = CARD_HERE) -> Quote:
    return quote(programme, Basket((Line(total),), "on_spot", payments), available=0)


def test_without_payments_all_is_paid_at_once() -> None:
    assert paid_by(programme=FREE).paid == 100_00


def test_parts_pay_what_they_name_and_the_rest_is_owed() -> None:
    found = paid_by(Payment("card", 60_00), Payment("cash", 30_00))
    assert (found.payable, found.paid) == (100_00, 90_00)


def test_parts_may_pay_everything_and_nothing() -> None:
    assert paid_by(Payment("card", 60_00), Payment("cash", 40_00)).paid == 100_00
    assert paid_by(Payment("card", 0)).paid == 0


def test_a_part_without_a_sum_pays_what_the_others_leave() -> None:
    found = paid_by(Payment("cash", 60_00), Payment("card"))
    assert (found.paid, found.accrual_base) == (100_00, 40_00)
    assert paid_by(Payment("card")).accrual_base == 100_00


def test_a_part_without_a_sum_may_find_nothing_left() -> None:
    found = paid_by(Payment("card", 100_00), Payment("cash"))
    assert (found.paid, found.accrual_base) == (100_00, 100_00)


@pytest.mark.parametrize(
    "payments",
    [
        (Payment("card", 100_01),),
        (Payment("card", 60_00), Payment("cash", 40_01)),
        (Payment("card", 100_01), Payment("cash")),
        (Payment("card", -1),),
        (Payment("card", -1), Payment("cash")),
        (Payment("card", 50_00), Payment("cash", -50_00)),
    ],
)
def test_parts_below_nothing_or_above_what_is_to_pay_are_refused(payments: tuple[Payment, ...]) -> None:
    with pytest.raises(InvalidAmount) as refusal:
        paid_by(*payments)
    assert refusal.value.data == {"reason": "payments", "low": 0, "high": 100_00}


def test_the_bound_of_the_parts_is_what_points_leave_to_pay() -> None:
    basket = Basket((Line(100_00),), "on_spot", (Payment("card", 70_01),))
    with pytest.raises(InvalidAmount) as refusal:
        quote(FREE, basket, available=30_00, points=30_00)
    assert refusal.value.data["high"] == 70_00


def test_only_what_is_paid_in_a_way_that_takes_part_earns() -> None:
    found = paid_by(Payment("card", 60_00), Payment("cash", 40_00))
    assert (found.accrual_base, found.accrual, found.no_accrual) == (60_00, 3_00, None)
    owed = paid_by(Payment("card", 60_00))
    assert (owed.accrual_base, owed.accrual) == (60_00, 3_00)


def test_of_what_is_owed_nothing_earns_yet_though_every_way_takes_part() -> None:
    found = paid_by(Payment("cash", 60_00), programme=FREE)
    assert (found.accrual_base, found.accrual) == (60_00, 3_00)


def test_where_the_way_of_paying_matters_one_that_is_not_told_earns_nothing() -> None:
    assert paid_by().no_accrual is NoAccrual.NOT_ELIGIBLE


def test_a_line_that_is_excluded_adds_not_one_kopeck_to_the_base() -> None:
    found = quote(FREE, Basket((Line(100_00), Line(300_00, eligible=False))), available=0)
    assert (found.accrual_base, found.accrual) == (100_00, 5_00)


def test_when_points_pay_everything_that_is_why_nothing_is_earned() -> None:
    free = quote(FREE, Basket.of_total(50_00), available=50_00, points=50_00)
    assert (free.payable, free.no_accrual) == (0, NoAccrual.ALL_BY_POINTS)
    under = replace(FREE, min_purchase=10_00)
    found = quote(under, Basket.of_total(50_00), available=50_00, points=50_00)
    assert found.no_accrual is NoAccrual.ALL_BY_POINTS


def test_where_points_earn_too_paying_everything_by_them_is_no_reason() -> None:
    gross = replace(FREE, accrue_on_gross=True)
    found = quote(gross, Basket.of_total(1), available=1, points=1)
    assert (found.payable, found.accrual_base, found.no_accrual) == (0, 1, None)


def test_one_kopeck_paid_for_what_is_excluded_is_not_all_by_points() -> None:
    found = quote(FREE, Basket((Line(10_00, eligible=False),)), available=9_99, points=9_99)
    assert (found.payable, found.no_accrual) == (1, NoAccrual.NOT_ELIGIBLE)


def test_one_kopeck_paid_for_what_takes_part_is_a_base() -> None:
    found = quote(FREE, Basket.of_total(10_00), available=9_99, points=9_99)
    assert (found.payable, found.accrual_base, found.no_accrual) == (1, 1, None)


@pytest.mark.parametrize(
    ("cash", "kept"), [(60_00, True), (100_00, True), (100_01, False)], ids=["less", "all of it", "more"]
)
def test_a_changed_basket_is_priced_with_the_parts_that_still_fit(cash: int, kept: bool) -> None:
    typed = Basket((Line(100_00),), "on_spot", (Payment("card"), Payment("cash", cash)))
    whole = replace(typed, payments=(Payment("card"),), parts_dropped=True)
    basket, found = quote_fitting(CARD_HERE, typed, available=0)
    assert basket == (typed if kept else whole)
    assert found == quote(CARD_HERE, basket, available=0)
    assert found.accrual_base == (100_00 - cash if kept else 100_00)
