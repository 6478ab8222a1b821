"""Purchases that were made, priced again by other settings: what a change would have cost. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from core.domain.basket import Basket, DiscountSource, Payment, Terms, shares
from core.domain.expiry import Expiry, expires_at
from core.domain.ladder import Turnover
from core.domain.points import MAX_POINTS, floor_to, worth
from core.domain.programme import Programme
from core.domain.quote import Quote, quote
from core.domain.rules import Metrics
from core.domain.standing import terms_of, with_eligibility

OFFERED = (DiscountSource.PROMOTION, DiscountSource.COUPON, DiscountSource.NTH_GIFT)
"""Discounts that a purchase had whatever the settings were."""
PODIUM = 10


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase as it was: ``terms`` that priced it, ``points`` spent in it, money in minor units."""

    at: datetime
    branch_id: int
    basket: Basket
    terms: Terms
    points: int
    sold: int
    paid: int


@dataclass(frozen=True, slots=True)
class Course:
    """A customer's purchases, oldest first, and the turnover that they had before the first of these."""

    customer_id: int
    before: Turnover
    purchases: Sequence[Bought]


@dataclass(frozen=True, slots=True)
class Place:
    """A branch: its settings as they are and as they would be. Where ``counted`` is false nothing is summed up."""

    now: Programme
    changed: Programme
    time_zone: str
    counted: bool = True


@dataclass(slots=True)
class Figures:
    """Points issued (hundredths), what they and the discounts are worth, and how much of the points could have
    been spent by somebody who always spends all they may (minor units)."""

    points: int = 0
    worth: int = 0
    discount: int = 0
    spendable: int = 0


@dataclass(slots=True)
class Tally:
    """The figures of all purchases so far, by both settings, and who gains or loses most: (customer, money)."""

    purchases: int = 0
    customers: int = 0
    before: Figures = field(default_factory=Figures)
    after: Figures = field(default_factory=Figures)
    winners: list[tuple[int, int]] = field(default_factory=list)
    losers: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Tally":
        """What ``dataclasses.asdict`` made of one."""
        return cls(
            purchases=found["purchases"],
            customers=found["customers"],
            before=Figures(**found["before"]),
            after=Figures(**found["after"]),
            winners=[(who, gain) for who, gain in found["winners"]],
            losers=[(who, gain) for who, gain in found["losers"]],
        )


def replay(tally: Tally, courses: Sequence[Course], places: Mapping[int, Place]) -> Tally:
    """Add customers' purchases to a tally; every purchase of a customer has to be in one course."""
    for course in courses:
        counted = sum(places[each.branch_id].counted for each in course.purchases)
        if not counted:
            continue
        before = _Side(tally.before, {branch: place.now for branch, place in places.items()})
        after = _Side(tally.after, {branch: place.changed for branch, place in places.items()})
        turnover = course.before
        last_at: datetime | None = None
        for bought in course.purchases:
            metrics = Metrics(turnover, last_at, bought.at)
            place = places[bought.branch_id]
            for side in (before, after):
                side.take(bought, metrics, place)
            last_at = bought.at
            turnover = Turnover(turnover.sold + bought.sold, turnover.paid + bought.paid, turnover.visits + 1)
        tally.purchases += counted
        tally.customers += 1
        _rank(tally, course.customer_id, after.benefit - before.benefit)
    return tally


def _rank(tally: Tally, customer_id: int, gain: int) -> None:
    """Keep the ten who gain most and the ten who lose most."""
    if gain > 0:
        tally.winners = sorted([*tally.winners, (customer_id, gain)], key=lambda one: -one[1])[:PODIUM]
    elif gain < 0:
        tally.losers = sorted([*tally.losers, (customer_id, gain)], key=lambda one: one[1])[:PODIUM]


class _Side:
    """One customer under one set of settings: what they got, and the points that they could spend."""

    def __init__(self, figures: Figures, programmes: Mapping[int, Programme]) -> None:
        self._figures = figures
        self._programmes = programmes
        self._lots: list[_Lot] = []
        self.benefit = 0

    def take(self, bought: Bought, metrics: Metrics, place: Place) -> None:
        programme = self._programmes[bought.branch_id]
        most, priced = _priced(programme, bought, metrics)
        spent = self._spend(programme, bought.at, most)
        self._earn(programme, bought.at, priced.accrual, place.time_zone)
        if place.counted:
            cost = worth(priced.accrual, programme.point_worth)
            self._figures.points += priced.accrual
            self._figures.worth += cost
            self._figures.discount += priced.discount
            self._figures.spendable += worth(spent, programme.point_worth)
            self.benefit += cost + priced.discount

    def _spend(self, programme: Programme, at: datetime, most: int) -> int:
        """Spend as much as there is and as the receipt takes, the soonest to expire first."""
        self._lots = [lot for lot in self._lots if lot.points and (lot.expires is None or lot.expires > at)]
        active = [lot for lot in self._lots if lot.activates <= at]
        wanted = spent = min(most, floor_to(sum(lot.points for lot in active), programme.step))
        # No branch sets an expiry of its own, so that either all of them expire or none does.
        for lot in sorted(active, key=lambda one: one.expires or one.activates):
            drawn = min(lot.points, wanted)
            lot.points -= drawn
            wanted -= drawn
        return spent

    def _earn(self, programme: Programme, at: datetime, points: int, time_zone: str) -> None:
        if programme.expiry is Expiry.INACTIVITY:
            for lot in self._lots:
                lot.expires = max(lot.activates, at) + timedelta(days=programme.expiry_days)
        if points:
            activates = at + timedelta(hours=programme.activation_delay_hours)
            expires = expires_at(programme.expiry, programme.expiry_days, activates, time_zone)
            self._lots.append(_Lot(activates, expires, points))


@dataclass(slots=True)
class _Lot:
    activates: datetime
    expires: datetime | None
    points: int


def _priced(programme: Programme, bought: Bought, metrics: Metrics) -> tuple[int, Quote]:
    """The most points that the receipt takes, and its price with the points that were spent then, if it takes
    as many."""
    standing = terms_of(programme, metrics)
    offers = tuple(one for one in bought.terms.discounts if one.source in OFFERED)
    terms = replace(
        standing,
        discounts=standing.discounts + offers,
        factor=bought.terms.factor,
        extra_points=bought.terms.extra_points,
        factor_by=bought.terms.factor_by,
        extra_by=bought.terms.extra_by,
    )
    basket = with_eligibility(programme, bought.basket)
    parts = any(payment.amount is not None for payment in basket.payments)
    # How much the parts may come to is known only when it is known what is to pay.
    asked = replace(basket, payments=()) if parts else basket
    priced = quote(programme, asked, available=MAX_POINTS, terms=terms)
    most = priced.points_limit
    points = min(floor_to(bought.points, programme.step), most)
    if points or parts:
        if parts:
            due = priced.payable - worth(points, programme.point_worth)
            basket = replace(basket, payments=_fitting(basket.payments, due))
        priced = quote(programme, basket, available=MAX_POINTS, points=points, terms=terms)
    return most, priced


def _fitting(payments: Sequence[Payment], due: int) -> tuple[Payment, ...]:
    """Part payments cut to what would be to pay."""
    fitting = []
    for method, part in shares(payments, due):
        amount = min(part, due)
        fitting.append(Payment(method, amount))
        due -= amount
    return tuple(fitting)
