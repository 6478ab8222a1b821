"""Part payments: what is sold and what is paid differ until the rest is paid."""

from dataclasses import dataclass, replace
from datetime import datetime

from core.actors import StaffActor
from core.deps import Deps
from core.domain.basket import UNASKED, Basket, Payment
from core.domain.errors import InvalidAmount, PaymentStale, PaymentTooMuch, PurchaseClosed
from core.domain.ladder import Turnover
from core.domain.parts import paid_in
from core.domain.people import Right
from core.domain.points import MAX_POINTS
from core.domain.quote import quote
from core.domain.rules import Metrics
from core.limits import is_too_large, keep_back
from core.offers import use_more
from core.sale_views import SaleView, view_completed, view_of
from core.sales import LockedSale, lock_sale
from core.standing import follow, tell_level
from core.store import audit, customers, ledger, outbox, purchase_notes, quotes
from core.store import held as held_accruals
from core.store.transactions import run_in_transaction
from core.telling import in_chat


@dataclass(frozen=True, slots=True)
class Payments:
    """How much of a purchase is paid at once, and what is paid of it later."""

    deps: Deps

    async def pay_now(self, actor: StaffActor, purchase_id: int, amount: int | None) -> SaleView:
        """Say how much of a draft is paid at once, in minor units; None or all of it for the whole.

        Raises PaymentTooMuch, InvalidAmount, PurchaseClosed, PurchaseUnknown.
        """
        actor.require(Right.SELL)

        async def work() -> SaleView:
            sale = await lock_sale(purchase_id, actor=actor)
            if sale.row.status != "draft":
                raise PurchaseClosed(status=sale.row.status)
            if amount is not None and amount < 0:
                raise InvalidAmount(reason="bounds", low=0, high=sale.row.payable)
            if amount is not None and amount > sale.row.payable:
                raise PaymentTooMuch(rest=sale.row.payable)
            whole = amount is None or amount == sale.row.payable
            return await self._requoted(sale, _paid_now(sale, None if whole else amount))

        return await run_in_transaction(work)

    async def _requoted(self, sale: LockedSale, basket: Basket) -> SaleView:
        row, now = sale.row, self.deps.clock.now()
        row.basket = basket
        available = await sale.available(now)
        priced = sale.reprice(available=available, points=0)
        await quotes.reprice_by(row.id, row.basket, row.terms)
        # The quote is as old as it was: what was typed changes nothing of what it rests on.
        await quotes.requote(row.id, priced, status="draft", now=row.quoted_at)
        return view_of(row, priced, status="draft", balance=available)

    async def pay_rest(
        self, actor: StaffActor, purchase_id: int, amount: int, *, seen_paid: int, method: str | None = None
    ) -> SaleView:
        """Take a later payment: turnover and the points of the part newly paid come with it.

        Without a ``method`` it is paid as the first part was. ``seen_paid`` is what was paid when the sum was
        asked for: the same request, sent twice, acts once, and of two members one is told what is left. Raises
        PaymentTooMuch, PaymentStale, InvalidAmount, PurchaseClosed, PurchaseUnknown.
        """
        actor.require(Right.SELL)

        async def work() -> SaleView:
            sale = await lock_sale(purchase_id, actor=actor)
            actor.refuse_own(sale.customer.id)
            row = sale.row
            if row.status != "completed":
                raise PurchaseClosed(status=row.status)
            if row.paid == seen_paid + amount:
                return view_completed(row)
            rest = rest_of(row.payable, row.paid, row.refunded)
            if row.paid != seen_paid:
                raise PaymentStale(rest=rest)
            if amount > rest:
                raise PaymentTooMuch(rest=rest)
            if amount < 1:
                raise InvalidAmount(reason="bounds", low=1, high=rest)
            before = row.basket.payments
            way = method or (before[0].method if before else UNASKED)
            return await self._paid(actor, sale, amount, way, self.deps.clock.now())

        return await run_in_transaction(work)

    async def _paid(
        self, actor: StaffActor, sale: LockedSale, amount: int, method: str, now: datetime
    ) -> SaleView:
        row, customer, account = sale.row, sale.customer, sale.account
        row.basket = replace(row.basket, payments=(*row.basket.payments, Payment(method, amount)))
        priced = quote(row.programme, row.basket, available=MAX_POINTS, points=row.points, terms=row.terms)
        more = max(0, priced.accrual - row.accrual - (0 if row.held_status == "given" else row.held))
        held = more if row.waits or (row.held_status is None and is_too_large(row, more)) else 0
        if row.waits and held:
            await held_accruals.add(row.id, held)
        elif held:
            await keep_back(row, held, "largest", now)
        more -= held
        sale.accrue(more, key=f"purchase:{row.id}:accrual:{priced.paid}", now=now)
        balance = account.active(now)
        await ledger.write([account], ledger.Origin(now, row.branch_id, actor.id))
        paid = customer.paid + amount
        metrics = Metrics(Turnover(customer.sold, paid, customer.visits), customer.last_visit_at, now)
        followed = await follow(row.programme_now, customer, metrics)
        await customers.update(customer.id, debt=account.debt, paid=paid, **followed.columns)
        figures = replace(priced, accrual=row.accrual + more)
        await quotes.pay(row.id, figures, row.basket, row.terms, balance_after=balance)
        await purchase_notes.add_payments(row.id, [(method, amount)], now)
        await audit.note(
            "purchase.paid",
            "purchase",
            row.id,
            actor_kind="staff",
            actor_id=actor.id,
            now=now,
            after={"amount": amount, "method": method},
        )
        await use_more(row, priced, now)
        waits = {"held": row.waits + held}
        told = view_of(row, figures, status="completed", balance=balance, debt=account.debt, **waits)
        await outbox.enqueue(_receipt(sale, told, amount, more, held), now)
        await tell_level(customer.id, followed.reached, now)
        return told


def rest_of(payable: int, paid: int, refunded: int) -> int:
    """What is left to pay, in minor units; a purchase that was refunded in part is paid no further."""
    return 0 if refunded else payable - paid


def _paid_now(sale: LockedSale, amount: int | None) -> Basket:
    """The basket with so much paid at once, None for all: in the way that was asked, less what others keep."""
    basket = sale.row.basket
    method = basket.payments[0].method if basket.payments else UNASKED
    others = basket.payments[1:]
    named = sum(each.amount or 0 for each in others)
    if named > (sale.row.payable if amount is None else amount):
        return replace(basket, payments=(Payment(method, amount),), parts_dropped=True)
    if amount is None and method == UNASKED:
        return paid_in(basket)
    return paid_in(basket, Payment(method, None if amount is None else amount - named), *others)


def _receipt(sale: LockedSale, done: SaleView, amount: int, more: int, held: int) -> list[outbox.Draft]:
    row = sale.row
    data = {
        "branch_name": row.branch_name,
        "amount": amount,
        "rest": done.payable - done.paid,
        "accrual": more,
        "held": held,
        "balance": done.balance,
    }
    return in_chat(
        "receipts",
        row.customer_id,
        row.customer_chat,
        row.customer_language,
        template="notice/paid_more",
        dedupe_key=f"paid:{row.id}:{done.paid}",
        data=data,
    )
