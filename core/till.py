"""The cashier's verbs of a sale: quote, complete without points, look, drop."""

from dataclasses import dataclass

from core.actors import StaffActor
from core.deps import Deps
from core.domain.basket import Basket, basket_to_json
from core.domain.errors import (
    BranchClosed,
    CustomerBlocked,
    CustomerUnknown,
    DifferentInputs,
    PurchaseClosed,
    PurchaseUnknown,
    QuoteStale,
)
from core.domain.people import Right
from core.domain.quote import quote
from core.keyring import fingerprint
from core.offers import Scene, terms_now
from core.receipts import keep
from core.refusals import raised
from core.requoting import as_it_stands, stale_quote
from core.sale_completion import complete
from core.sale_views import SaleView, view_of
from core.sale_words import close_question
from core.sales import lock_sale
from core.store import customers, holds, ledger, programmes, purchase_notes, purchases, quotes
from core.store.transactions import run_against_rivals, run_in_transaction
from core.terms import with_eligibility


@dataclass(frozen=True, slots=True)
class Till:
    """Sales of a branch."""

    deps: Deps

    async def open_sale(
        self,
        actor: StaffActor,
        customer_id: int,
        total: int | Basket,
        *,
        key: str,
        instead_of: int | None = None,
        receipt_number: str | None = None,
    ) -> SaleView:
        """Price a purchase of ``total`` minor units, or of a whole basket, and keep it as a draft.

        ``instead_of`` names a draft of the same customer that a slip of the finger made: it is thrown away,
        unless it has come further meanwhile, and its coupon stays while it fits. ``receipt_number`` is kept where
        the programme asks for it.

        The same ``key`` with the same inputs gives the same draft. Raises InvalidAmount, CustomerUnknown,
        CustomerBlocked, OwnAccount, BranchClosed, DifferentInputs.
        """
        actor.require(Right.SELL)
        actor.refuse_own(customer_id)
        basket = Basket.of_total(total) if isinstance(total, int) else total
        inputs = _fingerprint(customer_id, actor.branch_id, basket)

        async def work() -> SaleView:
            before = await purchases.by_request(key)
            if before is not None:
                if before.input_hash != inputs:
                    raise DifferentInputs
                return await as_it_stands(self.deps, before)
            receipt = (receipt_number, instead_of)
            sale = await self._draft(actor, customer_id, basket, key, inputs, receipt)
            if instead_of is not None:
                now = self.deps.clock.now()
                await purchase_notes.drop_draft(instead_of, customer_id, actor.branch_id, by=actor.id, now=now)
            return sale

        return await run_against_rivals(work)

    async def _draft(
        self,
        actor: StaffActor,
        customer_id: int,
        basket: Basket,
        key: str,
        inputs: str,
        receipt: tuple[str | None, int | None],
    ) -> SaleView:
        now = self.deps.clock.now()
        buyer = await _lock_buyer(customer_id)
        in_force = await programmes.in_force(actor.branch_id)
        account = await ledger.load_account(customer_id, buyer.debt)
        available = max(0, account.active(now) - await holds.held(customer_id, now))
        programme = in_force.programme
        basket = with_eligibility(programme, basket)
        scene = Scene(programme, buyer, basket, actor.branch_id, actor.time_zone, now)
        coupon_id = await _coupon_of(receipt[1], customer_id)
        terms = await terms_now(scene, has_promotions=in_force.has_promotions, coupon_id=coupon_id)
        priced = quote(programme, basket, available=available, terms=terms)
        purchase_id = await quotes.insert(
            priced,
            basket=basket,
            terms=terms,
            customer_id=customer_id,
            branch_id=actor.branch_id,
            staff_member_id=actor.id,
            version_id=in_force.version_id,
            branch_version_id=in_force.branch_version_id,
            request_key=key,
            input_hash=inputs,
            now=now,
        )
        await keep(purchase_id, programme, receipt[0], instead_of=receipt[1])
        row = await purchases.get(purchase_id)
        if row is None:
            raise PurchaseUnknown
        if not row.branch_open:
            raise BranchClosed(name=row.branch_name)
        return view_of(row, priced, status="draft", balance=available)

    async def look(self, actor: StaffActor, purchase_id: int) -> SaleView:
        """The sale as it stands. Raises PurchaseUnknown."""
        actor.require(Right.SELL)
        row = await purchases.get(purchase_id)
        if row is None or not actor.may_touch(row.branch_id):
            raise PurchaseUnknown
        return await as_it_stands(self.deps, row)

    async def look_for_notice(self, purchase_id: int) -> SaleView:
        """The sale as it stands, for the relay that rewrites the till's message."""
        row = await purchases.get(purchase_id)
        if row is None:
            raise PurchaseUnknown
        return await as_it_stands(self.deps, row)

    async def accrue(self, actor: StaffActor, purchase_id: int) -> SaleView:
        """Complete a draft without points. Pressed twice, it acts once and answers the same.

        Raises QuoteStale (with the new quote, already kept), PaymentUnasked, PurchaseClosed for a cancelled one.
        """
        actor.require(Right.SELL)

        async def work() -> SaleView | QuoteStale:
            sale = await lock_sale(purchase_id, actor=actor)
            actor.refuse_own(sale.customer.id)
            if sale.row.status == "completed":
                return await as_it_stands(self.deps, sale.row)
            stale = await stale_quote(self.deps, sale)
            if stale is not None:
                return stale
            now = self.deps.clock.now()
            priced = sale.reprice(available=sale.account.active(now), points=0)
            return await complete(sale, priced, staff_id=actor.id, now=now)

        return raised(await run_against_rivals(work))

    async def drop(self, actor: StaffActor, purchase_id: int) -> SaleView:
        """Throw a draft away; what was completed stays as it is. Raises PurchaseClosed."""
        actor.require(Right.SELL)

        async def work() -> SaleView:
            sale = await lock_sale(purchase_id, actor=actor)
            if sale.row.status == "completed":
                raise PurchaseClosed(status="completed")
            if sale.row.status == "cancelled":
                return view_of(sale.row, sale.row, status="cancelled", balance=0)
            now = self.deps.clock.now()
            if sale.row.hold_id is not None:
                await close_question(sale.row, now)
                await holds.settle(sale.row.hold_id, "released", now)
            await purchase_notes.cancel(purchase_id, by=actor.id, now=now)
            gone = {"cancelled_at": now, "confirm_until": None}
            return view_of(sale.row, sale.row, status="cancelled", balance=0, **gone)

        return await run_in_transaction(work)

    async def remember_message(self, purchase_id: int, chat_id: int, message_id: int) -> None:
        """Note where the till's live message stands."""
        await purchase_notes.remember_message(purchase_id, chat_id, message_id)


async def _coupon_of(draft_id: int | None, customer_id: int) -> int | None:
    """The coupon of the customer's draft that a new one stands for."""
    row = await purchases.get(draft_id) if draft_id is not None else None
    return row.terms.coupon_id if row and row.customer_id == customer_id and row.status == "draft" else None


async def _lock_buyer(customer_id: int) -> customers.CustomerRow:
    """Who a sale is opened for, under lock. Raises CustomerUnknown, CustomerBlocked."""
    found = (await customers.lock(customer_id)).get(customer_id)
    if found is None or found.status != "active":
        raise CustomerUnknown(phone=None)
    if found.blocked_at is not None:
        raise CustomerBlocked
    return found


def _fingerprint(customer_id: int, branch_id: int, basket: Basket) -> str:
    whole = basket_to_json(basket)
    if whole is None:
        return fingerprint(customer=customer_id, total=basket.subtotal, branch=branch_id)
    return fingerprint(customer=customer_id, basket=whole, branch=branch_id)
