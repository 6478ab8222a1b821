"""How a sale is made and paid, where the programme asks for it: some pairs earn, others don't."""

from dataclasses import dataclass, replace

from core.actors import StaffActor
from core.deps import Deps
from core.domain.asking import how_paid
from core.domain.basket import Basket, Payment
from core.domain.eligibility import PAYMENT_METHODS, SALE_TYPES
from core.domain.errors import InvalidAmount, PaymentUnasked
from core.domain.parts import paid_in
from core.domain.people import Right
from core.repricing import lock_draft, reprice
from core.sale_views import SaleView
from core.store.transactions import run_in_transaction


@dataclass(frozen=True, slots=True)
class PayWays:
    """Sale types and payment methods of drafts."""

    deps: Deps

    async def choose(
        self, actor: StaffActor, purchase_id: int, *, sale_type: str | None = None, method: str | None = None
    ) -> SaleView:
        """Say how a draft is sold, or paid; what is None stays. A part that was to be paid at once stays too.

        Raises ValueError for what is neither of SALE_TYPES and PAYMENT_METHODS, PurchaseClosed, PurchaseUnknown.
        """
        actor.require(Right.SELL)
        if sale_type not in (None, *SALE_TYPES) or method not in (None, *PAYMENT_METHODS):
            raise ValueError("no such sale type or payment method")

        async def work() -> SaleView:
            sale = await lock_draft(actor, purchase_id)
            basket = sale.row.basket
            if sale_type is not None:
                basket = replace(basket, sale_type=sale_type)
            if method is not None:
                basket = paid_in(basket, Payment(method, _at_once(basket)))
            return await reprice(self.deps, sale, basket)

        return await run_in_transaction(work)

    async def split(self, actor: StaffActor, purchase_id: int, method: str, amount: int) -> SaleView:
        """Say that so many minor units of what is paid at once are paid in another way than the one chosen.

        0 leaves that way out. The rest stays in the way chosen, whatever it comes to. Raises ValueError as
        ``choose`` does, PaymentUnasked before a way is chosen, InvalidAmount, PurchaseClosed, PurchaseUnknown.
        """
        actor.require(Right.SELL)
        if method not in PAYMENT_METHODS:
            raise ValueError("no such payment method")

        async def work() -> SaleView:
            sale = await lock_draft(actor, purchase_id)
            basket, whole = sale.row.basket, sale.row.paid
            main = how_paid(basket)[1]
            if main is None or main == method:
                raise PaymentUnasked
            others = [each for each in basket.payments[1:] if each.method != method]
            most = whole - sum(each.amount or 0 for each in others)
            if not 0 <= amount <= most:
                raise InvalidAmount(reason="bounds", low=0, high=most)
            others += [Payment(method, amount)] if amount else []
            part = _at_once(basket)
            rest = None if part is None else part - sum(each.amount or 0 for each in others)
            return await reprice(self.deps, sale, paid_in(basket, Payment(main, rest), *others))

        return await run_in_transaction(work)


def _at_once(basket: Basket) -> int | None:
    """How much is paid at once, in minor units; None for all of it."""
    amounts = [each.amount for each in basket.payments]
    return sum(each or 0 for each in amounts) if amounts and None not in amounts else None
