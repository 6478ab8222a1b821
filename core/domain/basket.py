"""What is bought, how it is paid, and what a customer's standing, promotions and coupons change of its price."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.domain.money import share, spread


@dataclass(frozen=True, slots=True)
class Line:
    """One position of the receipt; ``amount`` in minor units. An ineligible one earns nothing.

    ``quantity`` is in thousandths (a weight, or 1000 for one piece).
    """

    amount: int
    eligible: bool = True
    title: str = ""
    product_id: int | None = None
    category_id: int | None = None
    quantity: int = 1000


@dataclass(frozen=True, slots=True)
class Payment:
    """A part paid in one way; ``amount`` in minor units, None for all that is to pay."""

    method: str
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Basket:
    """What is bought: lines, the sale's type, and how it is paid (empty: all at once, in a way unasked)."""

    lines: tuple[Line, ...]
    sale_type: str | None = None
    payments: tuple[Payment, ...] = ()

    @classmethod
    def of_total(cls, total: int) -> "Basket":
        """The total typed by the cashier: one eligible line."""
        return cls(lines=(Line(total),))

    @property
    def subtotal(self) -> int:
        return sum(line.amount for line in self.lines)


class DiscountSource(enum.StrEnum):
    """Where a discount comes from; the largest applies, never their sum."""

    MEMBER = "member"
    LEVEL = "level"
    RULE = "rule"
    CLASS = "class"
    PROMOTION = "promotion"
    COUPON = "coupon"
    NTH_GIFT = "nth_gift"


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount that may apply: ``percent`` in basis points, or ``amount`` in minor units.

    Only on eligible lines, and on ``product_ids`` or ``category_ids`` when given; ``up_to`` bounds it. A gift is
    no percent discount: ``any_line`` lets it take lines that are excluded from the programme.
    """

    source: DiscountSource
    percent: int = 0
    amount: int = 0
    up_to: int | None = None
    product_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] = frozenset()
    any_line: bool = False

    def takes(self, line: Line) -> bool:
        """Whether a line takes this discount."""
        if not (line.eligible or self.any_line):
            return False
        if not self.product_ids and not self.category_ids:
            return True
        return line.product_id in self.product_ids or line.category_id in self.category_ids

    def off(self, lines: Sequence[Line]) -> list[int]:
        """What it takes off each line, in minor units."""
        weights = [line.amount if self.takes(line) else 0 for line in lines]
        most = sum(weights)
        total = min(most, share(most, self.percent) + self.amount)
        return spread(total if self.up_to is None else min(total, self.up_to), weights)


def largest_discount(
    lines: Sequence[Line], discounts: Sequence[Discount]
) -> tuple[DiscountSource | None, list[int]]:
    """The discount that takes most off the receipt, and what it takes off each line; the first of equals."""
    best: tuple[DiscountSource | None, list[int]] = (None, [0] * len(lines))
    for discount in discounts:
        cuts = discount.off(lines)
        if sum(cuts) > sum(best[1]):
            best = (discount.source, cuts)
    return best


@dataclass(frozen=True, slots=True)
class Terms:
    """What a customer's level, rules, promotions and coupon change of the programme for one purchase.

    Percents in basis points, None for the programme's own. ``factor`` multiplies what is earned, in hundredths
    (200 doubles); ``extra_points`` (hundredths) come on top of it.
    """

    accrual_percent: int | None = None
    redemption_share: int | None = None
    discounts: tuple[Discount, ...] = ()
    factor: int = 100
    extra_points: int = 0
    level: str | None = None
    promotion_id: int | None = None
    coupon_id: int | None = None


def basket_to_json(basket: Basket) -> dict[str, Any] | None:
    """A basket as plain JSON; None for a typed total without anything special, the usual sale."""
    if basket == Basket.of_total(basket.subtotal):
        return None
    return asdict(basket)


def basket_from_json(found: Mapping[str, Any] | None, subtotal: int) -> Basket:
    """What ``basket_to_json`` wrote; None is a typed total."""
    if found is None:
        return Basket.of_total(subtotal)
    return Basket(
        lines=tuple(Line(**line) for line in found["lines"]),
        sale_type=found["sale_type"],
        payments=tuple(Payment(**payment) for payment in found["payments"]),
    )


def terms_to_json(terms: Terms) -> dict[str, Any] | None:
    """A customer's terms as plain JSON; None for the programme's own."""
    if terms == Terms():
        return None
    discounts = [
        asdict(one) | {"product_ids": sorted(one.product_ids), "category_ids": sorted(one.category_ids)}
        for one in terms.discounts
    ]
    return asdict(terms) | {"discounts": discounts}


def terms_from_json(found: Mapping[str, Any] | None) -> Terms:
    """What ``terms_to_json`` wrote."""
    if found is None:
        return Terms()
    discounts = tuple(
        Discount(
            **{
                **one,
                "source": DiscountSource(one["source"]),
                "product_ids": frozenset(one["product_ids"]),
                "category_ids": frozenset(one["category_ids"]),
            }
        )
        for one in found["discounts"]
    )
    return Terms(**{**found, "discounts": discounts})
