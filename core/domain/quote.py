"""Arithmetic of a purchase: pure, no I/O, no clock."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.basket import Basket, DiscountSource, Line, Offer, Terms, largest_discount, shares
from core.domain.eligibility import pair_is_eligible
from core.domain.errors import InvalidAmount, PointsNotEnough, RedemptionOff
from core.domain.money import MAX_MONEY, share, spread
from core.domain.parts import fitting
from core.domain.points import floor_to, most_points, without_waste, worth
from core.domain.programme import Kind, Programme


class NoAccrual(enum.StrEnum):
    """Why a purchase earns nothing."""

    OFF = "off"
    DISCOUNT_KIND = "discount_kind"
    BELOW_MINIMUM = "below_minimum"
    REDEEMED = "redeemed"
    ALL_BY_POINTS = "all_by_points"
    NOT_ELIGIBLE = "not_eligible"


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
    """What the purchase will cost and bring. Money in minor units, points in hundredths.

    ``paid`` is what is paid at once: less than ``payable`` when the rest is owed.
    """

    subtotal: int
    discount: int
    discount_source: DiscountSource | None
    points: int
    points_worth: int
    points_limit: int
    payable: int
    paid: int
    accrual_base: int
    accrual: int
    no_accrual: NoAccrual | None
    lines: tuple[LineQuote, ...]


PLAIN = Terms()


def quote(programme: Programme, basket: Basket, *, available: int, points: int = 0, terms: Terms = PLAIN) -> Quote:
    """Price a purchase.

    ``available`` is what the customer may spend now, ``points`` what is wanted, both in hundredths; ``terms`` is
    what their level, promotions and coupons change. Raises InvalidAmount for an empty or boundless receipt or for
    part payments above what is to pay, RedemptionOff, and PointsNotEnough when more is wanted than
    ``points_limit``: it is never silently lowered.
    """
    subtotal = basket.subtotal
    if not 1 <= subtotal <= MAX_MONEY or any(line.amount < 0 for line in basket.lines):
        raise InvalidAmount(reason="bounds", low=1, high=MAX_MONEY)
    source, cuts = largest_discount(basket.lines, terms.discounts)
    discount = sum(cuts)
    limit = _points_limit(programme, terms, subtotal - discount, available)
    if points and not programme.points_payment_on:
        raise RedemptionOff
    if not 0 <= points <= limit or points % programme.step:
        raise PointsNotEnough(limit=limit, wanted=points, step=programme.step)
    paid_by_points = worth(points, programme.point_worth)
    lines = _spread_lines(basket.lines, cuts, paid_by_points)
    payable = subtotal - discount - paid_by_points
    paid = _paid(basket, payable)
    values = [earning_value(programme, line.payable, line.points_worth, line.eligible) for line in lines]
    bases = find_bases(programme, basket, terms, values, payable, paid)
    base = bases.whole
    no_accrual = _why_not(programme, payable, points, base)
    brings = earned(programme, terms, bases, subtotal) + extra(programme, terms, bases, subtotal)
    accrual = 0 if no_accrual else brings
    return Quote(
        subtotal=subtotal,
        discount=discount,
        discount_source=source,
        points=points,
        points_worth=paid_by_points,
        points_limit=limit,
        payable=payable,
        paid=paid,
        accrual_base=0 if no_accrual else base,
        accrual=accrual,
        no_accrual=no_accrual,
        lines=lines,
    )


def quote_fitting(
    programme: Programme, basket: Basket, *, available: int, terms: Terms = PLAIN
) -> tuple[Basket, Quote]:
    """A changed basket as ``fitting`` leaves it, and its price without points. Raises InvalidAmount."""
    if any(each.amount for each in basket.payments):
        whole = quote(programme, replace(basket, payments=()), available=available, terms=terms)
        basket = fitting(basket, whole.payable)
    return basket, quote(programme, basket, available=available, terms=terms)


def _points_limit(programme: Programme, terms: Terms, after_discount: int, available: int) -> int:
    """The most points that may pay: the balance, the share of the receipt, and none that buy nothing."""
    if not programme.points_payment_on:
        return 0
    basis = programme.redemption_share if terms.redemption_share is None else terms.redemption_share
    by_share = most_points(share(after_discount, basis), programme.point_worth, programme.step)
    most = max(0, min(floor_to(available, programme.step), by_share))
    return without_waste(most, programme.point_worth, programme.step)


def _spread_lines(lines: Sequence[Line], cuts: Sequence[int], paid_by_points: int) -> tuple[LineQuote, ...]:
    """Take each line's discount off and spread points over all, so that sums match to the kopeck."""
    left = [line.amount - cut for line, cut in zip(lines, cuts, strict=True)]
    points_parts = spread(paid_by_points, left)
    return tuple(
        LineQuote(line.amount, cut, by_points, due - by_points, line.eligible)
        for line, cut, due, by_points in zip(lines, cuts, left, points_parts, strict=True)
    )


def _paid(basket: Basket, payable: int) -> int:
    """What is paid at once; a payment without an amount pays all that the others leave."""
    paid = sum(payment.amount or 0 for payment in basket.payments)
    if paid > payable or any((payment.amount or 0) < 0 for payment in basket.payments):
        raise InvalidAmount(reason="payments", low=0, high=payable)
    has_rest = any(payment.amount is None for payment in basket.payments) or not basket.payments
    return payable if has_rest else paid


@dataclass(frozen=True, slots=True)
class Bases:
    """What earns, in minor units: in the whole purchase, in the lines of the factor, in those of extra points."""

    whole: int
    of_factor: int
    of_extra: int


def earning_value(programme: Programme, payable: int, points_worth: int, eligible: bool) -> int:
    """What of a line earns: the money to pay for it, and with ``gross`` the points part too."""
    return (payable + (points_worth if programme.accrue_on_gross else 0)) if eligible else 0


def find_bases(
    programme: Programme, basket: Basket, terms: Terms, values: Sequence[int], payable: int, paid: int
) -> Bases:
    """What earns of each line's ``values``, as far as eligible payments pay it."""
    earning = earning_payments(programme, basket, paid)

    def part(of: Offer | None) -> int:
        taken = [value for value, line in zip(values, basket.lines, strict=True) if of is None or of.takes(line)]
        return earning_part(sum(taken), earning, payable)

    return Bases(part(None), part(terms.factor_by), part(terms.extra_by))


def earning_part(base: int, earning: int, payable: int) -> int:
    """As much of a base as was paid in ways that earn: all of it when points or a gift paid everything."""
    return base if payable == 0 else base * earning // payable


def earning_payments(programme: Programme, basket: Basket, paid: int) -> int:
    """How much of what is paid is paid in a way that earns; where ways matter, one that is not told does not."""
    pairs = programme.eligible_pairs
    if pairs is None:
        return paid
    return sum(
        amount
        for method, amount in shares(basket.payments, paid)
        if pair_is_eligible(pairs, basket.sale_type, method)
    )


def earned(programme: Programme, terms: Terms, bases: Bases, subtotal: int) -> int:
    """Base x percent, the lines of a factor multiplied by it, rounded down once; without extra points."""
    percent = programme.accrual_percent if terms.accrual_percent is None else terms.accrual_percent
    more = bases.of_factor * (terms.factor - 100) if stands(terms.factor_by, subtotal) else 0
    return floor_to(share(bases.whole * 100 + more, percent) // 100, programme.step)


def stands(offer: Offer | None, subtotal: int) -> bool:
    """Whether a receipt is large enough for an offer."""
    return offer is None or subtotal >= offer.min_purchase


def extra(programme: Programme, terms: Terms, bases: Bases, subtotal: int) -> int:
    """Extra points: they come when something of what they are for is bought and earns."""
    comes = bases.of_extra and stands(terms.extra_by, subtotal)
    return floor_to(terms.extra_points, programme.step) if comes else 0


def _why_not(programme: Programme, payable: int, points: int, base: int) -> NoAccrual | None:
    if not programme.status_on:
        return NoAccrual.OFF
    if programme.kind is Kind.DISCOUNT:
        return NoAccrual.DISCOUNT_KIND
    if points and payable == 0 and base == 0:
        return NoAccrual.ALL_BY_POINTS
    if payable < programme.min_purchase:
        return NoAccrual.BELOW_MINIMUM
    if points and not programme.accrue_when_redeeming:
        return NoAccrual.REDEEMED
    return None if base else NoAccrual.NOT_ELIGIBLE
