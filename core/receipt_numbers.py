"""Typing the receipt's number of a quote."""

from dataclasses import dataclass, replace

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import PurchaseClosed, PurchaseUnknown
from core.domain.people import Right
from core.receipts import check, read_number
from core.requoting import as_it_stands
from core.sale_views import SaleView
from core.store import purchases, receipts
from core.store.transactions import run_in_transaction


@dataclass(frozen=True, slots=True)
class ReceiptNumbers:
    """Numbers of receipts at the till."""

    deps: Deps

    async def put(self, actor: StaffActor, purchase_id: int, number: str) -> SaleView:
        """Keep the number of a draft's receipt; another one takes its place.

        Raises InvalidReceipt, ReceiptTaken with the sum and time of the sale that has it, PurchaseClosed,
        PurchaseUnknown.
        """
        actor.require(Right.SELL)

        async def work() -> SaleView:
            row = await purchases.get(purchase_id, locked=True)
            if row is None or not actor.may_touch(row.branch_id):
                raise PurchaseUnknown
            if row.status != "draft":
                raise PurchaseClosed(status=row.status)
            row = replace(row, receipt_number=read_number(number))
            await check(row, self.deps.clock.now())
            await receipts.put(purchase_id, row.receipt_number)
            return await as_it_stands(self.deps, row)

        return await run_in_transaction(work)
