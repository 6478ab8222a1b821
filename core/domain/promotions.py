"""Promotions: what they give, when they hold, and which of several stands. Pure.

Of several, one stands of each benefit: the largest discount of all there are, the factor that brings most, the
most extra points. Factors are never multiplied with each other, extra points never added up.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.basket import Basket, Discount, DiscountSource, Offer, Terms, largest_discount
from core.domain.errors import InvalidOffer
from core.domain.money import BASIS, MAX_MONEY
from core.domain.points import POINT
from core.domain.programme import Kind, Programme
from core.domain.quote import Quote, earned, earning_value, extra, find_bases

DAY = 24 * 60
"""Minutes in a day."""


class Benefit(enum.StrEnum):
    """What is given: a factor on what is earned, extra points, a discount in percent or a sum off."""

    FACTOR = "factor"
    POINTS = "points"
    PERCENT = "percent"
    AMOUNT = "amount"

    @property
    def is_discount(self) -> bool:
        return self in (Benefit.PERCENT, Benefit.AMOUNT)


BOUNDS: Mapping[Benefit, tuple[int, int]] = {
    Benefit.FACTOR: (110, 1000),
    Benefit.POINTS: (POINT, 100_000 * POINT),
    Benefit.PERCENT: (1, BASIS),
    Benefit.AMOUNT: (1_00, 1_000_000_00),
}
"""Of amounts, both ends included: hundredths of a factor or of a point, basis points, minor units."""
MIN_PURCHASE = (0, MAX_MONEY)
NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Conditions:
    """When an offer holds; what is empty doesn't bind.

    ``weekdays`` count from 0, Monday. ``hours`` are minutes of the branch's day, the end left out; an end before
    the beginning is the next day's, and the weekday is that of the beginning. ``min_purchase`` in minor units of
    the receipt before discounts.
    """

    weekdays: frozenset[int] = frozenset()
    hours: tuple[int, int] | None = None
    branches: frozenset[int] = frozenset()
    product_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] = frozenset()
    first_only: bool = False
    min_purchase: int = 0

    def __post_init__(self) -> None:
        if not self.weekdays <= set(range(7)):
            raise ValueError("weekdays are 0 to 6")
        if self.hours is not None and (
            self.hours[0] == self.hours[1] or not all(0 <= minute < DAY for minute in self.hours)
        ):
            raise ValueError("hours begin and end at different minutes of a day")
        if not MIN_PURCHASE[0] <= self.min_purchase <= MIN_PURCHASE[1]:
            raise ValueError("a least purchase is a sum")

    def hold_at(self, at: datetime, time_zone: str) -> bool:
        """Whether weekday and hours are right, by the branch's clocks, whatever these were changed by."""
        local = at.astimezone(ZoneInfo(time_zone))
        day, minute = local.date(), local.hour * 60 + local.minute
        if self.hours is not None:
            since, until = self.hours
            if since < until:
                inside = since <= minute < until
            else:
                inside = minute >= since or minute < until
                day -= timedelta(days=1 if minute < until else 0)
            if not inside:
                return False
        return not self.weekdays or day.weekday() in self.weekdays

    def hold_in(self, branch_id: int) -> bool:
        return not self.branches or branch_id in self.branches

    def are_met_by(self, basket: Basket) -> bool:
        """Whether the receipt is large enough and has a line of what the offer is for."""
        offer = Offer(
            DiscountSource.PROMOTION, 0, "", product_ids=self.product_ids, category_ids=self.category_ids
        )
        taken = any(line.amount and offer.takes(line) for line in basket.lines)
        return basket.subtotal >= self.min_purchase and taken


@dataclass(frozen=True, slots=True)
class Gives:
    """What a promotion or a coupon gives, and by which conditions. ``amount`` in the benefit's units (BOUNDS)."""

    source: DiscountSource
    id: int
    name: str
    benefit: Benefit
    amount: int
    conditions: Conditions = Conditions()

    @property
    def offer(self) -> Offer:
        return Offer(
            self.source,
            self.id,
            self.name,
            self.conditions.min_purchase,
            self.conditions.first_only,
            self.conditions.product_ids,
            self.conditions.category_ids,
        )

    @property
    def discount(self) -> Discount:
        """As a discount; nothing off for other benefits."""
        return Discount(
            self.source,
            percent=self.amount if self.benefit is Benefit.PERCENT else 0,
            amount=self.amount if self.benefit is Benefit.AMOUNT else 0,
            product_ids=self.conditions.product_ids,
            category_ids=self.conditions.category_ids,
            by=self.offer,
        )


def holding(
    found: Iterable[Gives], *, branch_id: int, time_zone: str, at: datetime, basket: Basket, is_first: bool
) -> list[Gives]:
    """Those whose conditions are met by a purchase; their dates are looked at where they are read."""
    return [
        one
        for one in found
        if one.conditions.hold_in(branch_id)
        and one.conditions.hold_at(at, time_zone)
        and one.conditions.are_met_by(basket)
        and (is_first or not one.conditions.first_only)
    ]


def with_offers(terms: Terms, basket: Basket, found: Sequence[Gives]) -> Terms:
    """The terms with what stands of promotions and a coupon, all of whose conditions are met."""
    discounts = [one.discount for one in found if one.benefit.is_discount]
    best = _largest(basket, discounts)
    terms = replace(terms, discounts=(*terms.discounts, *([best] if best else [])))
    for one in found:
        if one.benefit is Benefit.FACTOR and _brings(basket, one.amount, one.offer) > _brings(
            basket, terms.factor, terms.factor_by
        ):
            terms = replace(terms, factor=one.amount, factor_by=one.offer)
        if one.benefit is Benefit.POINTS and one.amount > terms.extra_points:
            terms = replace(terms, extra_points=one.amount, extra_by=one.offer)
    return terms


def _largest(basket: Basket, discounts: Sequence[Discount]) -> Discount | None:
    best, most = None, 0
    for one in discounts:
        taken = sum(largest_discount(basket.lines, [one])[1])
        if taken > most:
            best, most = one, taken
    return best


def _brings(basket: Basket, factor: int, offer: Offer | None) -> int:
    """How much more a factor brings on a receipt, in no particular unit."""
    taken = sum(line.amount for line in basket.lines if offer is None or offer.takes(line))
    return taken * (factor - 100)


def stands_in(basket: Basket, terms: Terms, source: DiscountSource) -> bool:
    """Whether something of a promotion (or of a coupon) stands in the terms of a purchase."""
    largest, _ = largest_discount(basket.lines, terms.discounts)
    return any(offer.source is source for offer in terms.offers(largest))


def what_they_gave(
    programme: Programme, basket: Basket, terms: Terms, priced: Quote
) -> dict[Offer, tuple[int, int]]:
    """What each offer that stands gave in a purchase: discount in minor units, points in hundredths."""
    gave = dict.fromkeys(terms.offers(priced.discount_source), (0, 0))
    for one in terms.discounts:
        if one.by in gave and one.source == priced.discount_source:
            gave[one.by] = (priced.discount, 0)
    if priced.no_accrual is not None:
        return gave
    values = [earning_value(programme, line.payable, line.points_worth, line.eligible) for line in priced.lines]
    bases = find_bases(programme, basket, terms, values, priced.payable, priced.paid)
    plain = earned(programme, replace(terms, factor=100), bases, priced.subtotal)
    points = (
        (terms.factor_by, earned(programme, terms, bases, priced.subtotal) - plain),
        (terms.extra_by, extra(programme, terms, bases, priced.subtotal)),
    )
    for offer, brought in points:
        if offer is not None:
            gave[offer] = (gave[offer][0], gave[offer][1] + brought)
    return gave


def check(gives: Gives, starts_at: datetime, ends_at: datetime | None, now: datetime, kind: Kind) -> None:
    """Raise InvalidOffer for what can't be saved: ``reason`` and the bounds."""
    low, high = BOUNDS[gives.benefit]
    if not 1 <= len(gives.name) <= NAME_LENGTH:
        raise InvalidOffer(reason="name", low=1, high=NAME_LENGTH)
    if not low <= gives.amount <= high:
        raise InvalidOffer(reason=gives.benefit.value, low=low, high=high)
    if ends_at is not None and ends_at <= max(starts_at, now):
        raise InvalidOffer(reason="dates")
    if kind is Kind.DISCOUNT and not gives.benefit.is_discount:
        raise InvalidOffer(reason="no_points")


def conditions_to_json(conditions: Conditions) -> dict[str, Any]:
    """Plain JSON without what doesn't bind."""
    plain: dict[str, Any] = {
        name: sorted(getattr(conditions, name))
        for name in ("weekdays", "branches", "product_ids", "category_ids")
        if getattr(conditions, name)
    }
    if conditions.hours is not None:
        plain["hours"] = list(conditions.hours)
    if conditions.first_only:
        plain["first_only"] = True
    if conditions.min_purchase:
        plain["min_purchase"] = conditions.min_purchase
    return plain


def conditions_from_json(found: Mapping[str, Any]) -> Conditions:
    """What ``conditions_to_json`` wrote. Raises ValueError for what makes no sense."""
    sets = ("weekdays", "branches", "product_ids", "category_ids")
    hours = found.get("hours")
    return Conditions(
        hours=(int(hours[0]), int(hours[1])) if hours else None,
        first_only=bool(found.get("first_only")),
        min_purchase=int(found.get("min_purchase", 0)),
        **{name: frozenset(found.get(name, ())) for name in sets},
    )
