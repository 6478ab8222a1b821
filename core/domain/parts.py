"""Parts in which a sale is paid, while its price still changes. Pure."""

from dataclasses import replace

from core.domain.basket import UNASKED, Basket, Payment


def paid_in(basket: Basket, *payments: Payment) -> Basket:
    """The basket paid so from now on."""
    return replace(basket, payments=payments, parts_dropped=False)


def fitting(basket: Basket, payable: int) -> Basket:
    """The basket with the parts of its payment when they still fit into what is to pay, in minor units.

    Else without them: all of it is paid at once, in the way chosen first, until other parts are typed.
    """
    if sum(each.amount or 0 for each in basket.payments) <= payable:
        return basket
    ways = dict.fromkeys(each.method for each in basket.payments if each.method != UNASKED)
    return replace(basket, payments=tuple(Payment(way) for way in list(ways)[:1]), parts_dropped=True)
