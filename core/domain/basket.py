"""What is bought, how it is paid, and what a customer's standing, promotions and coupons change of its price."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.domain.money import share, spread


@dataclass(frozen=True, slots=True)
class Line:
    """One position of the receipt; ``amount`` in minor units. An ineligible one earns nothing.

    ``quantity`` is in thousandths (a weight, or 1000 for one piece), ``price`` what one costs, where it is known.
    """

    amount: int
    eligible: bool = True
    title: str = ""
    product_id: int | None = None
    category_id: int | None = None
    quantity: int = 1000
    price: int | None = None


UNASKED = "unasked"
"""The method of a payment that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A part paid in one way; ``amount`` in minor units, None for all that the others leave to pay."""

    method: str
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Basket:
    """What is bought: lines, the sale's type, and how it is paid (empty: all at once, in a way unasked).

    ``parts_dropped``: parts that had been typed were more than a new price, and nobody has typed others since.
    ``scans``: the requests that counted a piece up, the newest last, so that none counts twice.
    """

    lines: tuple[Line, ...]
    sale_type: str | None = None
    payments: tuple[Payment, ...] = ()
    parts_dropped: bool = False
    scans: tuple[str, ...] = ()

    @classmethod
    def of_total(cls, total: int) -> "Basket":
        """The total typed by the cashier: one eligible line."""
        return cls(lines=(Line(total),))

    @property
    def subtotal(self) -> int:
        return sum(line.amount for line in self.lines)


def shares(payments: Sequence[Payment], paid: int) -> list[tuple[str, int]]:
    """What is paid in which way of ``paid`` minor units in all."""
    named = sum(each.amount or 0 for each in payments)
    rest = max(0, paid - named)
    return [(each.method, rest if each.amount is None else each.amount) for each in payments]


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
class Offer:
    """The promotion or coupon that something comes from, and what it asks of a receipt.

    It is for eligible lines, and for ``product_ids`` or ``category_ids`` when given; for receipts of at least
    ``min_purchase`` minor units; with ``first_only`` for a customer's first purchase.
    """

    source: DiscountSource
    id: int
    name: str
    min_purchase: int = 0
    first_only: bool = False
    product_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] = frozenset()

    def takes(self, line: Line) -> bool:
        """Whether a line is one of those that the offer is for."""
        return line.eligible and _is_of(line, self.product_ids, self.category_ids)


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount that may apply: ``percent`` in basis points, or ``amount`` in minor units.

    Only on eligible lines, and on ``product_ids`` or ``category_ids`` when given; ``up_to`` bounds it. A gift is
    no percent discount: ``any_line`` lets it take lines that are excluded from the programme. ``by`` is the
    promotion or coupon that gives it.
    """

    source: DiscountSource
    percent: int = 0
    amount: int = 0
    up_to: int | None = None
    product_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] = frozenset()
    any_line: bool = False
    by: Offer | None = None

    def takes(self, line: Line) -> bool:
        """Whether a line takes this discount."""
        return (line.eligible or self.any_line) and _is_of(line, self.product_ids, self.category_ids)

    def off(self, lines: Sequence[Line]) -> list[int]:
        """What it takes off each line, in minor units."""
        weights = [line.amount if self.takes(line) else 0 for line in lines]
        most = sum(weights)
        total = min(most, share(most, self.percent) + self.amount)
        return spread(total if self.up_to is None else min(total, self.up_to), weights)


def _is_of(line: Line, product_ids: frozenset[int], category_ids: frozenset[int]) -> bool:
    """Whether a line is of these products or categories; without any, every line is."""
    if not product_ids and not category_ids:
        return True
    return line.product_id in product_ids or line.category_id in category_ids


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
    (200 doubles); ``extra_points`` (hundredths) come on top of it. ``factor_by`` and ``extra_by`` are the
    promotion or coupon that gives them; without one they are for the whole receipt. ``coupon_id`` is the coupon
    that was entered, whatever of it stands.
    """

    accrual_percent: int | None = None
    redemption_share: int | None = None
    discounts: tuple[Discount, ...] = ()
    factor: int = 100
    extra_points: int = 0
    level: str | None = None
    coupon_id: int | None = None
    factor_by: Offer | None = None
    extra_by: Offer | None = None

    def offers(self, discount_source: str | None) -> tuple[Offer, ...]:
        """The promotions and the coupon that stand, each once; ``discount_source`` is the discount that does."""
        cut = [one.by for one in self.discounts if one.source == discount_source]
        standing = (*cut, self.factor_by, self.extra_by)
        return tuple(dict.fromkeys(one for one in standing if one is not None))


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
        parts_dropped=found.get("parts_dropped", False),
        scans=tuple(found.get("scans", ())),
    )


def terms_to_json(terms: Terms) -> dict[str, Any] | None:
    """A customer's terms as plain JSON; None for the programme's own."""
    if terms == Terms():
        return None
    plain: dict[str, Any] = _plain(asdict(terms))
    return plain


def _plain(value: Any) -> Any:
    """Sets as sorted lists, wherever they stand."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def terms_from_json(found: Mapping[str, Any] | None) -> Terms:
    """What ``terms_to_json`` wrote."""
    if found is None:
        return Terms()
    # Purchases of before promotions could be made had a place for one, always empty.
    values = {name: value for name, value in found.items() if name != "promotion_id"}
    values |= {name: _offer(values.get(name)) for name in ("factor_by", "extra_by")}
    discounts = tuple(Discount(**{**_typed(one), "by": _offer(one.get("by"))}) for one in found["discounts"])
    return Terms(**{**values, "discounts": discounts})


def _typed(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **found,
        "source": DiscountSource(found["source"]),
        "product_ids": frozenset(found["product_ids"]),
        "category_ids": frozenset(found["category_ids"]),
    }


def _offer(found: Mapping[str, Any] | None) -> Offer | None:
    return None if found is None else Offer(**_typed(found))
