"""Arithmetic of a purchase (domain rules §3): pure, no I/O, no clock."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.errors import InvalidAmount, PointsNotEnough, RedemptionOff
from core.domain.money import MAX_MONEY, share, spread
from core.domain.points import floor_to, most_points, without_waste, worth
from core.domain.programme import Kind, Programme


class NoAccrual(enum.StrEnum):
    """Why a purchase earns nothing."""

    OFF = "off"
    DISCOUNT_KIND = "discount_kind"
    BELOW_MINIMUM = "below_minimum"
    REDEEMED = "redeemed"
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True, slots=True)
class Line:
    """One position of the receipt; ``amount`` in minor units. An ineligible one earns nothing."""

    amount: int
    eligible: bool = True
    title: str = ""


@dataclass(frozen=True, slots=True)
class Basket:
    """What is bought: lines, and whether its sale type and payment methods take part."""

    lines: tuple[Line, ...]
    sale_eligible: bool = True

    @classmethod
    def of_total(cls, total: int) -> "Basket":
        """The total typed by the cashier: one eligible line."""
        return cls(lines=(Line(total),))

    @property
    def subtotal(self) -> int:
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class LineQuote:
    """A line's part of the discount, of the points' worth, and what is left to pay for it."""

    amount: int
    discount: int
    points_worth: int
    payable: int
    eligible: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """What the purchase will cost and bring. Money in minor units, points in hundredths."""

    subtotal: int
    discount: int
    points: int
    points_worth: int
    points_limit: int
    payable: int
    accrual_base: int
    accrual: int
    no_accrual: NoAccrual | None
    lines: tuple[LineQuote, ...]


def quote(programme: Programme, basket: Basket, *, available: int, points: int = 0) -> Quote:
    """Price a purchase.

    ``available`` is what the customer may spend now, ``points`` what is wanted, both in hundredths.
    Raises InvalidAmount for an empty or boundless receipt, RedemptionOff, and PointsNotEnough when
    more is wanted than ``points_limit``: it is never silently lowered.
    """
    subtotal = basket.subtotal
    if not 1 <= subtotal <= MAX_MONEY or any(line.amount < 0 for line in basket.lines):
        raise InvalidAmount(reason="bounds", low=1, high=MAX_MONEY)
    discount = 0
    limit = _points_limit(programme, subtotal - discount, available)
    if points and not programme.points_payment_on:
        raise RedemptionOff
    if not 0 <= points <= limit or points % programme.step:
        raise PointsNotEnough(limit=limit, wanted=points, step=programme.step)
    paid_by_points = worth(points, programme.point_worth)
    lines = _spread_lines(basket.lines, discount, paid_by_points)
    payable = subtotal - discount - paid_by_points
    base = _accrual_base(programme, basket, lines)
    no_accrual = _why_not(programme, payable, points, base)
    accrual = 0 if no_accrual else floor_to(share(base, programme.accrual_percent), programme.step)
    return Quote(
        subtotal=subtotal,
        discount=discount,
        points=points,
        points_worth=paid_by_points,
        points_limit=limit,
        payable=payable,
        accrual_base=0 if no_accrual else base,
        accrual=accrual,
        no_accrual=no_accrual,
        lines=lines,
    )


def _points_limit(programme: Programme, after_discount: int, available: int) -> int:
    """The most points that may pay: the balance, the share of the receipt, and none that buy nothing."""
    if not programme.points_payment_on:
        return 0
    by_share = most_points(
        share(after_discount, programme.redemption_share), programme.point_worth, programme.step
    )
    most = max(0, min(floor_to(available, programme.step), by_share))
    return without_waste(most, programme.point_worth, programme.step)


def _spread_lines(lines: Sequence[Line], discount: int, paid_by_points: int) -> tuple[LineQuote, ...]:
    """Spread discount over eligible lines and points over all, so that sums match to the kopeck."""
    discounts = spread(discount, [line.amount if line.eligible else 0 for line in lines])
    left = [line.amount - part for line, part in zip(lines, discounts, strict=True)]
    points_parts = spread(paid_by_points, left)
    return tuple(
        LineQuote(line.amount, cut, by_points, due - by_points, line.eligible)
        for line, cut, due, by_points in zip(lines, discounts, left, points_parts, strict=True)
    )


def _accrual_base(programme: Programme, basket: Basket, lines: Sequence[LineQuote]) -> int:
    """What earns, in minor units: the money part of eligible lines, or with ``gross`` the points part too."""
    if not basket.sale_eligible:
        return 0
    gross = programme.accrue_on_gross
    return sum(line.payable + (line.points_worth if gross else 0) for line in lines if line.eligible)


def _why_not(programme: Programme, payable: int, points: int, base: int) -> NoAccrual | None:
    if not programme.status_on:
        return NoAccrual.OFF
    if programme.kind is Kind.DISCOUNT:
        return NoAccrual.DISCOUNT_KIND
    if payable < programme.min_purchase:
        return NoAccrual.BELOW_MINIMUM
    if points and not programme.accrue_when_redeeming:
        return NoAccrual.REDEEMED
    return None if base else NoAccrual.NOT_ELIGIBLE
