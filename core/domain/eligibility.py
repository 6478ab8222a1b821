"""Which sales and products take part: sale type x payment method pairs, and exclusions."""

from collections.abc import Collection
from dataclasses import dataclass

SALE_TYPES = ("on_spot", "takeaway", "delivery")
PAYMENT_METHODS = ("cash", "card", "online")


@dataclass(frozen=True, slots=True)
class Pair:
    """A sale type and a payment method that take part together."""

    sale_type: str
    payment: str

    def __post_init__(self) -> None:
        if self.sale_type not in SALE_TYPES or self.payment not in PAYMENT_METHODS:
            raise ValueError("no such sale type or payment method")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A product category or a single product, by id."""

    kind: str
    id: int

    def __post_init__(self) -> None:
        if self.kind not in ("category", "product") or type(self.id) is not int:
            raise ValueError("an exclusion is of a category or a product")


def pair_is_eligible(pairs: Collection[Pair] | None, sale_type: str | None, payment: str | None) -> bool:
    """Whether a sale of this type, paid so, earns; None as pairs means that all do."""
    return pairs is None or any(pair.sale_type == sale_type and pair.payment == payment for pair in pairs)


def line_is_eligible(
    listed: Collection[Exclusion], all_but_listed: bool, product_id: int | None, category_id: int | None
) -> bool:
    """Whether a line earns and takes a percent discount.

    ``listed`` are the exclusions, or with ``all_but_listed`` ("select all", then unticked) those left in. A line
    without a product is a typed sum: it earns unless everything is excluded.
    """
    found = any(
        (one.kind == "product" and one.id == product_id) or (one.kind == "category" and one.id == category_id)
        for one in listed
    )
    return found if all_but_listed else not found
