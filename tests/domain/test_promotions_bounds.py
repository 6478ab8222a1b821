"""Promotions at their bounds: what may be kept, when hours begin and end, which of nearly equal ones stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.basket import Basket, Discount, DiscountSource, Line, Offer, Terms
from core.domain.errors import InvalidOffer
from core.domain.programme import Kind, Programme
from core.domain.promotions import (
    BOUNDS,
    MIN_PURCHASE,
    NAME_LENGTH,
    Benefit,
    Conditions,
    Gives,
    check,
    conditions_from_json,
    conditions_to_json,
    stands_in,
    what_they_gave,
    with_offers,
)
from core.domain.quote import quote

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PROMOTION, COUPON = DiscountSource.PROMOTION, DiscountSource.COUPON
COFFEE, TEA = frozenset({7}), frozenset({8})


def gives(benefit: Benefit, amount: int, number: int = 1, **conditions: Any) -> Gives:
    return Gives(PROMOTION, number, f"No {number}", benefit, amount, Conditions(**conditions))


def test_the_agreed_bounds() -> None:
    assert BOUNDS == {
        Benefit.FACTOR: (110, 1000),
        Benefit.POINTS: (1_00, 100_000_00),
        Benefit.PERCENT: (1, 10_000),
        Benefit.AMOUNT: (1_00, 1_000_000_00),
    }
    assert MIN_PURCHASE == (0, 100_000_000_00)
    assert NAME_LENGTH == 64
    assert {benefit for benefit in Benefit if benefit.is_discount} == {Benefit.PERCENT, Benefit.AMOUNT}


@pytest.mark.parametrize(
    "conditions",
    [
        {"weekdays": frozenset(range(7))},
        {"hours": (0, 1439)},
        {"hours": (1439, 0)},
        {"min_purchase": 0},
        {"min_purchase": 100_000_000_00},
    ],
)
def test_conditions_within_their_bounds_are_taken(conditions: dict[str, Any]) -> None:
    assert all(getattr(Conditions(**conditions), name) == value for name, value in conditions.items())


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        ({"weekdays": frozenset({0, 7})}, "weekdays"),
        ({"weekdays": frozenset({-1})}, "weekdays"),
        ({"hours": (0, 1440)}, "hours"),
        ({"hours": (1440, 0)}, "hours"),
        ({"hours": (-1, 60)}, "hours"),
        ({"hours": (60, 60)}, "hours"),
        ({"min_purchase": -1}, "least purchase"),
        ({"min_purchase": 100_000_000_01}, "least purchase"),
    ],
)
def test_conditions_out_of_their_bounds_are_refused(conditions: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Conditions(**conditions)


def test_what_is_empty_does_not_bind() -> None:
    free = Conditions()
    assert free.hold_at(NOW, "Europe/Moscow")
    assert free.hold_in(1)
    assert free.are_met_by(Basket.of_total(1))
    assert (free.first_only, free.min_purchase) == (False, 0)


@pytest.mark.parametrize(
    ("hours", "begin", "end"),
    [((9 * 60, 17 * 60 + 30), (9, 0), (17, 30)), ((22 * 60, 2 * 60), (22, 0), (2, 0)), ((0, 1), (0, 0), (0, 1))],
)
def test_hours_begin_with_their_first_minute_and_end_before_their_last(
    hours: tuple[int, int], begin: tuple[int, int], end: tuple[int, int]
) -> None:
    def holds(moment: datetime) -> bool:
        return Conditions(hours=hours).hold_at(moment, "UTC")

    since, until = (NOW.replace(hour=hour, minute=minute) for hour, minute in (begin, end))
    assert [holds(since - MINUTE), holds(since)] == [False, True]
    assert [holds(until - MINUTE), holds(until)] == [True, False]


def test_a_line_for_nothing_is_nothing_bought() -> None:
    given_away = Basket((Line(0, category_id=7), Line(100_00)))
    assert not Conditions(category_ids=COFFEE).are_met_by(given_away)
    assert not Conditions(product_ids=frozenset({1})).are_met_by(given_away)
    assert Conditions().are_met_by(given_away)
    assert Conditions(product_ids=frozenset({1})).are_met_by(Basket((Line(1, product_id=1),)))


def test_what_is_given_carries_its_conditions() -> None:
    conditions = {"product_ids": frozenset({1}), "category_ids": COFFEE}
    some = gives(Benefit.PERCENT, 500, 3, min_purchase=100_00, first_only=True, **conditions)
    offer = Offer(PROMOTION, 3, "No 3", min_purchase=100_00, first_only=True, **conditions)
    assert some.offer == offer
    assert some.discount == Discount(PROMOTION, percent=500, amount=0, by=offer, **conditions)
    off = replace(some, benefit=Benefit.AMOUNT)
    assert off.discount == Discount(PROMOTION, percent=0, amount=500, by=offer, **conditions)
    points = replace(some, benefit=Benefit.POINTS)
    assert points.discount == Discount(PROMOTION, percent=0, amount=0, by=offer, **conditions)


def test_of_equal_offers_the_first_stands() -> None:
    basket = Basket.of_total(1000_00)
    for benefit, amount in ((Benefit.FACTOR, 200), (Benefit.POINTS, 30_00), (Benefit.AMOUNT, 50_00)):
        terms = with_offers(Terms(), basket, [gives(benefit, amount, 1), gives(benefit, amount, 2)])
        assert [offer.id for offer in terms.offers(PROMOTION)] == [1], benefit
        again = with_offers(terms, basket, [gives(benefit, amount, 3)])
        assert [again.factor_by, again.extra_by] == [terms.factor_by, terms.extra_by], benefit


def test_a_factor_stands_by_what_it_adds() -> None:
    """Three times on 10.00 adds 20.00 to what is counted, one and a tenth on 200.01 adds a little more."""
    basket = Basket((Line(10_00, category_id=7), Line(200_01, category_id=8), Line(500_00)))
    threefold = gives(Benefit.FACTOR, 300, 1, category_ids=COFFEE)
    a_tenth_more = gives(Benefit.FACTOR, 110, 2, category_ids=TEA)
    for order in ([threefold, a_tenth_more], [a_tenth_more, threefold]):
        assert with_offers(Terms(), basket, order).factor_by == a_tenth_more.offer
    assert with_offers(Terms(), basket, [threefold]).factor == 300, "a little is more than nothing"
    a_kopeck_less = replace(basket, lines=(basket.lines[0], Line(199_99, category_id=8)))
    assert with_offers(Terms(), a_kopeck_less, [threefold, a_tenth_more]).factor_by == threefold.offer


def test_a_factor_that_brings_nothing_does_not_stand() -> None:
    terms = with_offers(Terms(), Basket.of_total(100), [gives(Benefit.FACTOR, 200, category_ids=COFFEE)])
    assert terms == Terms()


def test_a_discount_stands_from_the_first_kopeck() -> None:
    tenth_of_a_percent = gives(Benefit.PERCENT, 10)
    kopeck = with_offers(Terms(), Basket.of_total(10_00), [tenth_of_a_percent])
    assert kopeck.discounts == (tenth_of_a_percent.discount,)
    assert with_offers(Terms(), Basket.of_total(1), [tenth_of_a_percent]) == Terms()


def test_it_stands_where_something_of_its_source_does() -> None:
    basket = Basket.of_total(100_00)
    assert not stands_in(basket, Terms(), PROMOTION)
    for benefit, amount in ((Benefit.FACTOR, 200), (Benefit.POINTS, 30_00), (Benefit.AMOUNT, 50_00)):
        terms = with_offers(Terms(), basket, [gives(benefit, amount)])
        assert (stands_in(basket, terms, PROMOTION), stands_in(basket, terms, COUPON)) == (True, False), benefit


def test_a_discount_that_does_not_stand_gave_nothing() -> None:
    basket = Basket.of_total(1000_00)
    level = Discount(DiscountSource.LEVEL, 1000)
    terms = with_offers(
        Terms(discounts=(level,)), basket, [gives(Benefit.PERCENT, 500), gives(Benefit.FACTOR, 200, 2)]
    )
    priced = quote(Programme(), basket, available=0, terms=terms)
    assert {offer.id: sums for offer, sums in what_they_gave(Programme(), basket, terms, priced).items()} == {
        2: (0, 45_00)
    }


def test_what_one_offer_gave_in_several_ways_is_counted_together() -> None:
    basket, offer = Basket.of_total(1000_00), Offer(PROMOTION, 1, "No 1")
    discount = Discount(PROMOTION, amount=100_00, by=offer)
    terms = Terms(discounts=(discount,), factor=200, factor_by=offer, extra_points=30_00, extra_by=offer)
    priced = quote(Programme(), basket, available=0, terms=terms)
    assert what_they_gave(Programme(), basket, terms, priced) == {offer: (100_00, 45_00 + 30_00)}


def test_where_nothing_is_earned_only_the_discount_was_given() -> None:
    basket, programme = Basket.of_total(1000_00), Programme(status_on=False)
    terms = with_offers(Terms(), basket, [gives(Benefit.PERCENT, 500), gives(Benefit.FACTOR, 200, 2)])
    priced = quote(programme, basket, available=0, terms=terms)
    gave = what_they_gave(programme, basket, terms, priced)
    assert {offer.id: sums for offer, sums in gave.items()} == {1: (50_00, 0), 2: (0, 0)}


@pytest.mark.parametrize(("name", "is_taken"), [("", False), ("а", True), ("а" * 64, True), ("а" * 65, False)])
def test_a_name_has_up_to_64_letters(name: str, is_taken: bool) -> None:
    some = replace(gives(Benefit.FACTOR, 200), name=name)
    if is_taken:
        check(some, NOW, None, NOW, Kind.BONUS)
        return
    with pytest.raises(InvalidOffer) as refusal:
        check(some, NOW, None, NOW, Kind.BONUS)
    assert refusal.value.data == {"reason": "name", "low": 1, "high": 64}


@pytest.mark.parametrize("starts", [NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)])
def test_an_offer_ends_after_it_begins_and_after_now(starts: datetime) -> None:
    some, last = gives(Benefit.FACTOR, 200), max(starts, NOW)
    check(some, starts, last + timedelta(seconds=1), NOW, Kind.BONUS)
    with pytest.raises(InvalidOffer) as refusal:
        check(some, starts, last, NOW, Kind.BONUS)
    assert refusal.value.data == {"reason": "dates"}


@pytest.mark.parametrize("benefit", Benefit)
@pytest.mark.parametrize("kind", Kind)
def test_a_programme_of_discounts_gives_no_points(kind: Kind, benefit: Benefit) -> None:
    some = gives(benefit, 200_00 if benefit in (Benefit.POINTS, Benefit.AMOUNT) else 200)
    if kind is not Kind.DISCOUNT or benefit in (Benefit.PERCENT, Benefit.AMOUNT):
        check(some, NOW, None, NOW, kind)
        return
    with pytest.raises(InvalidOffer) as refusal:
        check(some, NOW, None, NOW, kind)
    assert refusal.value.data == {"reason": "no_points"}


def test_conditions_are_kept_without_what_does_not_bind() -> None:
    every = Conditions(frozenset({6, 0}), (60, 0), frozenset({2, 1}), frozenset({3}), frozenset({4}), True, 5)
    kept = {
        "weekdays": [0, 6],
        "branches": [1, 2],
        "product_ids": [3],
        "category_ids": [4],
        "hours": [60, 0],
        "first_only": True,
        "min_purchase": 5,
    }
    assert conditions_to_json(every) == kept
    assert conditions_from_json(kept) == every
    assert conditions_to_json(Conditions()) == {}
    assert conditions_from_json({}) == Conditions()
