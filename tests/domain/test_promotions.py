"""Promotions and coupons: when they hold, and which of several stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.basket import Basket, Discount, DiscountSource, Line, Offer, Terms, terms_from_json, terms_to_json
from core.domain.errors import InvalidOffer
from core.domain.programme import Kind, Programme
from core.domain.promotions import (
    BOUNDS,
    Benefit,
    Conditions,
    Gives,
    check,
    conditions_from_json,
    conditions_to_json,
    holding,
    stands_in,
    what_they_gave,
    with_offers,
)
from core.domain.quote import quote

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
PROMOTION, COUPON = DiscountSource.PROMOTION, DiscountSource.COUPON


def gives(
    benefit: Benefit, amount: int, number: int = 1, source: DiscountSource = PROMOTION, **conditions
) -> Gives:
    return Gives(source, number, f"No {number}", benefit, amount, Conditions(**conditions))


def priced(found: list[Gives], basket: Basket, programme: Programme | None = None, terms: Terms | None = None):
    terms = with_offers(terms or Terms(), basket, found)
    return terms, quote(programme or Programme(), basket, available=0, terms=terms)


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        ("2026-03-06 21:59", False),  # Friday
        ("2026-03-06 22:00", True),
        ("2026-03-07 01:59", True),  # Friday's night goes on
        ("2026-03-07 02:00", False),
        ("2026-03-07 22:00", False),  # Saturday's does not begin
        ("2026-03-06 01:00", False),  # and Thursday's was none
    ],
)
def test_hours_that_cross_midnight_belong_to_the_day_they_begin_on(at, holds):
    night = Conditions(weekdays=frozenset({4}), hours=(22 * 60, 2 * 60))
    moment = datetime.fromisoformat(at).replace(tzinfo=MOSCOW)
    assert night.hold_at(moment, "Europe/Moscow") is holds


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), False),  # 01:59, and the next minute is 03:00
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 1, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 2, 0, tzinfo=UTC), False),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), False),  # 02:30, twice
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), False),
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), True),
    ],
)
def test_hours_are_those_on_the_branchs_clocks_when_these_are_changed(at, holds):
    assert Conditions(hours=(3 * 60, 4 * 60)).hold_at(at, "Europe/Berlin") is holds


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 7 * 24 * 60))
def test_hours_and_the_rest_of_the_day_never_hold_together(since, until, minutes):
    if since == until:
        with pytest.raises(ValueError, match="hours"):
            Conditions(hours=(since, until))
        return
    at = NOW + timedelta(minutes=minutes)
    one, other = Conditions(hours=(since, until)), Conditions(hours=(until, since))
    assert one.hold_at(at, "Europe/Berlin") is not other.hold_at(at, "Europe/Berlin")


def test_conditions_are_all_to_be_met():
    basket = Basket((Line(300_00, category_id=7), Line(200_00)))
    there = {"branch_id": 1, "time_zone": "Europe/Moscow", "at": NOW, "basket": basket, "is_first": False}
    met = gives(
        Benefit.FACTOR, 200, weekdays=frozenset({0}), branches=frozenset({1}), category_ids=frozenset({7}),
        min_purchase=500_00,
    )  # fmt: skip
    assert holding([met], **there) == [met]
    broken = ({"weekdays": frozenset({1})}, {"branches": frozenset({2})}, {"category_ids": frozenset({8})},
              {"min_purchase": 500_01}, {"hours": (0, 60)}, {"first_only": True})  # fmt: skip
    for one in broken:
        assert holding([replace(met, conditions=replace(met.conditions, **one))], **there) == []
    first = replace(met, conditions=replace(met.conditions, first_only=True))
    assert holding([first], **(there | {"is_first": True})) == [first]
    excluded = Basket((Line(300_00, eligible=False, category_id=7), Line(200_00)))
    assert holding([met], **(there | {"basket": excluded})) == []


def test_the_largest_discount_stands_and_none_is_added():
    basket = Basket.of_total(1000_00)
    own = Terms(discounts=(Discount(DiscountSource.LEVEL, 700),))
    five, fixed = gives(Benefit.PERCENT, 500), gives(Benefit.AMOUNT, 100_00, 2)
    terms, found = priced([five], basket, terms=own)
    assert (found.discount, found.discount_source) == (70_00, DiscountSource.LEVEL)
    assert not stands_in(basket, terms, PROMOTION)
    terms, found = priced([five, fixed], basket, terms=own)
    assert (found.discount, found.discount_source) == (100_00, PROMOTION)
    assert [offer.id for offer in terms.offers(found.discount_source)] == [2]
    coupon = gives(Benefit.PERCENT, 1000, 3, COUPON)
    terms, found = priced([coupon], basket, terms=terms)
    assert found.discount_source is PROMOTION, "the first of equals, so that a coupon is not wasted"
    assert not stands_in(basket, terms, COUPON)


def test_factors_are_never_multiplied_and_extra_points_never_added_up():
    basket = Basket.of_total(1000_00)
    doubled, tripled = gives(Benefit.FACTOR, 200), gives(Benefit.FACTOR, 300, 2)
    some, more = gives(Benefit.POINTS, 30_00, 3), gives(Benefit.POINTS, 70_00, 4)
    for order in ([doubled, tripled, some, more], [more, some, tripled, doubled]):
        assert priced(order, basket)[1].accrual == 3 * 50_00 + 70_00


def test_a_factor_is_for_its_lines_only_and_the_one_that_brings_most_stands():
    coffee = Basket((Line(100_00, category_id=7), Line(900_00)))
    fivefold = gives(Benefit.FACTOR, 500, category_ids=frozenset({7}))
    assert priced([fivefold], coffee)[1].accrual == (5 * 100 + 900) * 5
    on_all = gives(Benefit.FACTOR, 150, 2)
    assert priced([fivefold, on_all], coffee)[1].accrual == 75_00
    assert priced([on_all, fivefold], Basket((Line(900_00, category_id=7), Line(100_00))))[1].accrual == 230_00


def test_what_earns_nothing_gets_no_extra_points():
    basket = Basket((Line(100_00, category_id=7), Line(900_00)))
    extra = gives(Benefit.POINTS, 50_00, category_ids=frozenset({7}))
    assert priced([extra], basket)[1].accrual == 100_00
    assert priced([extra], basket, Programme(status_on=False))[1].accrual == 0
    assert priced([extra], basket, Programme(min_purchase=2000_00))[1].accrual == 0
    free = Terms(discounts=(Discount(DiscountSource.RULE, amount=100_00, category_ids=frozenset({7})),))
    assert priced([extra], basket, terms=free)[1].accrual == 45_00, "the line was given away"


def test_what_each_of_them_gave():
    basket = Basket((Line(400_00, category_id=7), Line(600_00)))
    found = [
        gives(Benefit.FACTOR, 300, category_ids=frozenset({7})),
        gives(Benefit.POINTS, 30_00, 2),
        gives(Benefit.PERCENT, 1000, 3, COUPON),
    ]
    terms, result = priced(found, basket)
    gave = {offer.id: sums for offer, sums in what_they_gave(Programme(), basket, terms, result).items()}
    assert gave == {1: (0, 36_00), 2: (0, 30_00), 3: (100_00, 0)}
    assert result.accrual == 45_00 + 36_00 + 30_00


benefits = st.sampled_from(Benefit)


@st.composite
def offers(draw: st.DrawFn) -> Gives:
    benefit = draw(benefits)
    low, high = BOUNDS[benefit]
    return gives(
        benefit,
        draw(st.integers(low, high)),
        draw(st.integers(1, 5)),
        draw(st.sampled_from([PROMOTION, COUPON])),
        category_ids=draw(st.sampled_from([frozenset(), frozenset({1}), frozenset({1, 2})])),
        min_purchase=draw(st.sampled_from([0, 100_00, 500_00])),
    )


lines = st.builds(
    Line, st.integers(0, 1_000_000), st.booleans(), category_id=st.sampled_from([None, 1, 2, 3])
)  # fmt: skip
baskets = st.lists(lines, min_size=1, max_size=5).filter(lambda found: any(one.amount for one in found)).map(
    lambda found: Basket(tuple(found))
)  # fmt: skip


@given(st.lists(offers(), max_size=5), baskets, st.sampled_from(list(Kind)), st.booleans())
def test_any_offers_together_take_no_more_than_the_largest_and_give_no_less_than_none(found, basket, kind, gross):
    programme = Programme(kind=kind, accrue_on_gross=gross)
    terms, together = priced(found, basket, programme)
    alone = [priced([one], basket, programme)[1] for one in found]
    assert together.discount == max([one.discount for one in alone], default=0)
    assert together.payable == together.subtotal - together.discount >= 0
    assert together.accrual % programme.step == 0
    without = quote(programme, basket, available=0, terms=replace(terms, factor=100, extra_points=0))
    assert together.accrual >= without.accrual
    gave = what_they_gave(programme, basket, terms, together)
    assert sum(points for _, points in gave.values()) == together.accrual - without.accrual
    assert all(discount >= 0 and points >= 0 for discount, points in gave.values())
    assert terms_from_json(terms_to_json(terms)) == terms


@given(offers())
def test_conditions_come_back_as_they_were_kept(found):
    assert conditions_from_json(conditions_to_json(found.conditions)) == found.conditions


def test_terms_of_older_purchases_are_read():
    old = terms_to_json(Terms(factor=200)) | {"promotion_id": None}
    old = {name: value for name, value in old.items() if name not in ("factor_by", "extra_by")}
    assert terms_from_json(old) == Terms(factor=200)
    assert Offer(PROMOTION, 1, "a").takes(Line(1)) is True


@pytest.mark.parametrize("benefit", Benefit)
def test_bounds_are_told(benefit):
    low, high = BOUNDS[benefit]
    for amount in (low, high):
        check(gives(benefit, amount), NOW, None, NOW, Kind.BONUS)
    for amount in (low - 1, high + 1):
        with pytest.raises(InvalidOffer) as refusal:
            check(gives(benefit, amount), NOW, None, NOW, Kind.BONUS)
        assert refusal.value.data == {"reason": benefit.value, "low": low, "high": high}


def test_what_else_can_not_be_saved():
    one = gives(Benefit.FACTOR, 200)
    for starts, ends in ((NOW, NOW), (NOW - timedelta(days=2), NOW), (NOW + timedelta(days=2), NOW)):
        with pytest.raises(InvalidOffer, match="invalid_offer") as refusal:
            check(one, starts, ends, NOW, Kind.BONUS)
        assert refusal.value.data["reason"] == "dates"
    with pytest.raises(InvalidOffer) as refusal:
        check(one, NOW, None, NOW, Kind.DISCOUNT)
    assert refusal.value.data["reason"] == "no_points"
    with pytest.raises(InvalidOffer):
        check(replace(one, name=""), NOW, None, NOW, Kind.BONUS)
    for broken in ({"weekdays": frozenset({7})}, {"hours": (0, 1440)}, {"min_purchase": -1}):
        with pytest.raises(ValueError, match=r"are|begin|is a sum"):
            Conditions(**broken)
