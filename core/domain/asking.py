"""Whether a sale's type and payment have to be asked before it can earn. Pure."""

from core.domain.basket import Basket
from core.domain.eligibility import PAYMENT_METHODS, SALE_TYPES
from core.domain.programme import Kind, Programme


def asks_how_paid(programme: Programme) -> bool:
    """Whether what a sale earns depends on how it is made and paid."""
    return bool(programme.eligible_pairs) and programme.status_on and programme.kind is not Kind.DISCOUNT


def how_paid(basket: Basket) -> tuple[str | None, str | None]:
    """The sale type and the payment method that were chosen, as far as they were."""
    method = next((each.method for each in basket.payments if each.method in PAYMENT_METHODS), None)
    return basket.sale_type if basket.sale_type in SALE_TYPES else None, method


def how_paid_is_missing(programme: Programme, basket: Basket) -> bool:
    """Whether it has to be asked, and was not answered in full."""
    return asks_how_paid(programme) and None in how_paid(basket)
