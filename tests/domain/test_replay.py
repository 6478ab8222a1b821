"""Past purchases priced by other settings: what could be spent, offers kept, part payments cut."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.basket import Basket, Discount, DiscountSource, Line, Payment, Terms
from core.domain.eligibility import Pair
from core.domain.expiry import Expiry
from core.domain.ladder import Turnover
from core.domain.people import masked_name
from core.domain.programme import Kind, Programme
from core.domain.replay import PODIUM, Bought, Course, Place, Tally, replay

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def bought(day: float, total: int = 1000_00, *, basket: Basket | None = None, **values: Any) -> Bought:
    at = START + timedelta(days=day)
    return Bought(
        at,
        1,
        basket or Basket.of_total(total),
        values.get("terms", Terms()),
        values.get("points", 0),
        total,
        total,
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
