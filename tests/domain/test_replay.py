"""Past purchases priced by other settings: what could be spent, offers kept, part payments cut."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.basket import Basket, Discount, DiscountSource, Line, Payment, Terms
from core.domain.eligibility import Pair
from core.domain.expiry import Expiry
from core.domain.ladder import Level, Metric, Turnover
from core.domain.people import masked_name
from core.domain.programme import Kind, Programme
from core.domain.replay import PODIUM, Bought, Course, Figures, Place, Tally, replay
from core.domain.rules import Effect, Rule, Trigger

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def bought(day: float, total: int = 1000_00, *, basket: Basket | None = None, **values: Any) -> Bought:
    at = START + timedelta(days=day)
    return Bought(
        at,
        values.get("branch_id", 1),
        basket or Basket.of_total(total),
        values.get("terms", Terms()),
        values.get("points", 0),
        total,
        values.get("paid", total),
    )


def replayed(changed: Programme, *purchases: Bought, now: Programme | None = None) -> Tally:
    course = Course(1, Turnover(), purchases)
    return replay(Tally(), [course], {1: Place(now or Programme(), changed, "Europe/Moscow")})


def test_points_are_spent_once_and_when_they_live() -> None:
    at_once = replayed(Programme(), bought(0), bought(1, 60_00), bought(2, 60_00))
    assert at_once.after.spendable == 30_00 + 23_00  # half of each receipt; the rest of 50 + 3 the second time
    delayed = Programme(activation_delay_hours=48)
    assert replayed(delayed, bought(0), bought(1.9)).after.spendable == 0
    assert replayed(delayed, bought(0), bought(2)).after.spendable == 50_00
    dying = Programme(expiry=Expiry.AFTER_DAYS, expiry_days=10)
    assert replayed(dying, bought(0), bought(10)).after.spendable == 0
    assert replayed(dying, bought(0), bought(9.9)).after.spendable == 50_00


def test_no_more_is_spent_than_the_receipt_takes() -> None:
    found = replayed(Programme(), bought(0), bought(1, 20_00), bought(2))
    assert found.after.spendable == 10_00 + (50_00 - 10_00 + 1_00)
    # Of two lots the second is left alone as long as the first is enough.
    found = replayed(Programme(), bought(0), bought(0), bought(1, 20_00), bought(2))
    assert found.after.spendable == 50_00 + 10_00 + (50_00 - 10_00 + 1_00)


def test_what_expires_soonest_is_spent_first_wherever_it_was_earned() -> None:
    spending, earning = (Programme(expiry=Expiry.MONTH, points_payment_on=on) for on in (True, False))
    places = {1: Place(spending, spending, "Asia/Vladivostok"), 2: Place(earning, earning, "Europe/Moscow")}
    late = datetime(2026, 3, 31, 20, 30, tzinfo=UTC)  # the first of April in Vladivostok, still March in Moscow
    day = (late - START) / timedelta(days=1)
    purchases = [
        bought(day, 600_00),  # 30 points until the end of April
        bought(day, 600_00, branch_id=2),  # 30 points until midnight
        bought(day, 20_00),  # takes 10 of those that die at midnight
        bought(day + 1),  # takes all 30 of the others, and the point of the small receipt
    ]
    found = replay(Tally(), [Course(1, Turnover(), purchases)], places)
    assert found.after.spendable == 10_00 + 30_00 + 1_00


def test_a_purchase_prolongs_what_absence_would_end() -> None:
    absent = Programme(expiry=Expiry.INACTIVITY, expiry_days=10, redemption_share=100)
    kept = replayed(absent, bought(0), bought(9, 100_00), bought(18))
    assert kept.after.spendable == 1_00 + 10_00
    assert replayed(absent, bought(0), bought(10)).after.spendable == 0


def test_points_spent_then_are_spent_as_far_as_the_receipt_takes_them() -> None:
    spent = bought(0, points=400_00)
    assert replayed(Programme(), spent).after.points == 30_00
    assert replayed(Programme(redemption_share=1000), spent).after.points == 45_00
    assert replayed(Programme(points_payment_on=False), spent).after.points == 50_00
    assert replayed(Programme(accrue_when_redeeming=False), spent).after.points == 0


def test_offers_stay_what_they_were() -> None:
    offered = Terms(
        discounts=(Discount(DiscountSource.COUPON, 1000), Discount(DiscountSource.LEVEL, 9000)), factor=200
    )
    found = replayed(Programme(accrual_percent=1000), bought(0, terms=offered))
    assert found.before.discount == found.after.discount == 100_00  # the level's discount is the settings' to give
    assert (found.before.points, found.after.points) == (90_00, 180_00)


def test_part_payments_fit_what_would_be_to_pay() -> None:
    paid = Basket((Line(1000_00),), "delivery", (Payment("card", 600_00), Payment("cash", 400_00)))
    pairs = (Pair("delivery", "cash"),)
    whole = replayed(Programme(eligible_pairs=pairs), bought(0, basket=paid))
    assert whole.after.points == 20_00
    cut = Programme(kind=Kind.CASHBACK, eligible_pairs=pairs, redemption_share=5000)
    assert replayed(cut, bought(0, basket=paid, points=500_00)).after.points == 0  # the card pays it all


def test_what_is_paid_in_one_way_is_paid_so_whatever_it_comes_to() -> None:
    paid = Basket((Line(1000_00),), "delivery", (Payment("card"),))
    by_card = Programme(eligible_pairs=(Pair("delivery", "card"),))
    assert replayed(by_card, bought(0, basket=paid)).after.points == 50_00
    assert replayed(by_card, bought(0, basket=paid, points=400_00)).after.points == 30_00


def test_parts_are_cut_from_the_last() -> None:
    paid = Basket((Line(1000_00),), "delivery", (Payment("card", 600_00), Payment("cash", 400_00)))
    changed = Programme(kind=Kind.CASHBACK, eligible_pairs=(Pair("delivery", "cash"),))
    spent = replayed(changed, bought(0, basket=paid, points=300_00))
    assert spent.after.points == 5_00  # 700 are to pay: 600 by card, 100 in cash
    cheaper = Programme(kind=Kind.DISCOUNT, discount_percent=2000)
    assert replayed(cheaper, bought(0, basket=paid)).after.discount == 200_00


@pytest.mark.parametrize(
    ("metric", "threshold"), [(Metric.SOLD, 3000_00), (Metric.PAID, 1500_00), (Metric.VISITS, 3)]
)
def test_turnover_grows_as_it_did_from_where_it_stood(metric: Metric, threshold: int) -> None:
    levels = (Level("Свой", threshold, accrual_percent=1000),)
    changed = Programme(kind=Kind.CASHBACK, levels=levels, level_metric=metric)
    course = Course(1, Turnover(1000_00, 500_00, 1), [bought(day, paid=500_00) for day in range(3)])
    found = replay(Tally(), [course], {1: Place(Programme(), changed, "UTC")})
    assert found.after.points == 50_00 + 50_00 + 100_00  # the level comes with the third purchase
    assert found.before.points == 3 * 50_00


def test_an_absence_between_purchases_cancels_a_discount() -> None:
    rule = Rule(Effect.DISCOUNT, Trigger.VISITS, 1, 1000)
    changed = Programme(kind=Kind.DISCOUNT, rules=(rule,), discount_cancel_days=30)
    assert replayed(changed, bought(0), bought(30)).after.discount == 100_00
    assert replayed(changed, bought(0), bought(31)).after.discount == 0


def test_figures_are_of_what_is_counted() -> None:
    cashback, discount = Programme(kind=Kind.CASHBACK), Programme(kind=Kind.DISCOUNT, discount_percent=1000)
    doubly = Programme(kind=Kind.CASHBACK, point_worth=200)
    found = replayed(doubly, bought(0), bought(1), now=discount)
    assert asdict(found) == {
        "purchases": 2,
        "customers": 1,
        "before": {"points": 0, "worth": 0, "discount": 200_00, "spendable": 0},
        "after": {"points": 100_00, "worth": 200_00, "discount": 0, "spendable": 100_00},
        "winners": [],
        "losers": [],
    }
    places = {1: Place(cashback, cashback, "UTC"), 2: Place(cashback, cashback, "UTC", counted=False)}
    courses = [
        Course(1, Turnover(), [bought(0, branch_id=2), bought(1), bought(2, branch_id=2)]),
        Course(2, Turnover(), [bought(0, branch_id=2)]),
        Course(3, Turnover(), [bought(0), bought(1)]),
    ]
    partly = replay(Tally(), courses, places)
    assert (partly.purchases, partly.customers) == (3, 2)
    # What was earned where nothing is counted can be spent where it is.
    assert partly.after == partly.before == Figures(150_00, 150_00, 0, 50_00 + 50_00)


def test_a_tally_goes_on_from_what_was_kept() -> None:
    more, less = Programme(kind=Kind.CASHBACK, accrual_percent=1000), Programme(kind=Kind.CASHBACK)
    places = {1: Place(less, more, "UTC"), 2: Place(more, less, "UTC")}
    courses = [Course(customer, Turnover(), [bought(0, branch_id=customer)]) for customer in (1, 2)]
    found = replay(Tally(), courses, places)
    assert (found.winners, found.losers) == ([(1, 50_00)], [(2, -50_00)])
    assert Tally.of(asdict(found)) == found


def test_who_gains_and_loses_is_known_to_the_kopeck() -> None:
    less, more = Programme(kind=Kind.CASHBACK), Programme(kind=Kind.CASHBACK, accrual_percent=1000)
    up, down, same = Place(less, more, "UTC"), Place(more, less, "UTC"), Place(less, less, "UTC")
    for place, winners, losers in ((up, [(1, 1)], []), (down, [], [(1, -1)]), (same, [], [])):
        found = replay(Tally(), [Course(1, Turnover(), [bought(0, 20)])], {1: place})
        assert (found.winners, found.losers) == (winners, losers)


def test_those_come_first_to_whom_it_matters_most() -> None:
    less, more = Programme(kind=Kind.CASHBACK), Programme(kind=Kind.CASHBACK, accrual_percent=1000)
    courses = [Course(number, Turnover(), [bought(0, total)]) for number, total in ((1, 100), (2, 300), (3, 200))]
    assert [who for who, _ in replay(Tally(), courses, {1: Place(less, more, "UTC")}).winners] == [2, 3, 1]
    assert [who for who, _ in replay(Tally(), courses, {1: Place(more, less, "UTC")}).losers] == [2, 3, 1]


def test_ten_who_gain_and_ten_who_lose() -> None:
    tally = Tally()
    places = {
        1: Place(
            Programme(kind=Kind.CASHBACK),
            Programme(kind=Kind.CASHBACK, accrual_percent=1000, min_purchase=100_00),
            "UTC",
        )
    }
    for customer in range(1, 31):
        total = 100_00 * customer if customer <= 15 else 20_00 * (customer - 15) // 4
        replay(tally, [Course(customer, Turnover(), [bought(0, total)])], places)
    assert [who for who, _ in tally.winners] == list(range(15, 5, -1))
    assert len(tally.losers) == PODIUM
    assert all(gain < 0 for _, gain in tally.losers)
    assert tally.losers[0][0] == 30


def test_a_masked_name_says_little() -> None:
    assert masked_name("Анна Петрова") == "А*** П***"
    assert masked_name(None) == masked_name("") == ""
