"""How a sale is made and paid, where the programme asks for it: some pairs earn, others don't."""

from dataclasses import dataclass, replace

from core.actors import StaffActor
from core.deps import Deps
from core.domain.basket import Payment
from core.domain.eligibility import PAYMENT_METHODS, SALE_TYPES
from core.domain.people import Right
from core.repricing import lock_draft, reprice
from core.sales import SaleView
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
                part = basket.payments[0].amount if basket.payments else None
                basket = replace(basket, payments=(Payment(method, part),))
            return await reprice(self.deps, sale, basket)

        return await run_in_transaction(work)
