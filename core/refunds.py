"""Taking sales back: undoing one whole within the programme's minutes, and refunding it whole or in parts.

Everything that the sale moved goes back as new entries, in proportion to what is refunded; counters, levels,
referral rewards, coupons and the N-th gift follow.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import (
    AlreadyRefunded,
    CustomerUnknown,
    DifferentInputs,
    PurchaseClosed,
    PurchaseUnknown,
    RefundStale,
    RefundTooLate,
    UndoTooLate,
)
from core.domain.people import Right, Role
from core.domain.refund import WHOLE, Totals, Wanted
from core.keyring import fingerprint
from core.refund_making import Plan, Request, make_refund, plan_refund
from core.refund_views import RefundView, refund_notice, view_refund
from core.reversals import Reversal, reverse
from core.sale_views import SaleView, view_of
from core.sales import LockedSale, lock_sale
from core.store import customers, ledger, outbox, purchases, refunds
from core.store.refunds import RefundableRow
from core.store.transactions import run_against_rivals, run_in_transaction
from core.telling import in_chat

PAGE = 8


@dataclass(frozen=True, slots=True)
class RefundList:
    """Purchases that can be refunded, the newest first; pages count from 0."""

    purchases: tuple[RefundableRow, ...]
    customer_id: int | None
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Refunds:
    """Taking sales back."""

    deps: Deps

    async def refundable(self, actor: StaffActor, customer_id: int | None = None, page: int = 0) -> RefundList:
        """The last purchases of the actor's branch, or a customer's (the owner sees those of all branches)."""
        actor.require(Right.SELL)
        everywhere = customer_id is not None and actor.role is Role.OWNER
        branch_id = None if everywhere else actor.branch_id
        found = await refunds.refundable(branch_id, customer_id, page * PAGE, PAGE + 1)
        return RefundList(tuple(found[:PAGE]), customer_id, page, len(found) > PAGE)

    async def quote_refund(self, actor: StaffActor, purchase_id: int, what: Wanted = WHOLE) -> RefundView:
        """What a refund would take back and give back. Nothing changes.

        Raises PurchaseUnknown, PurchaseClosed, CustomerUnknown, OwnAccount, RefundTooLate, RefundAboveRest.
        """
        actor.require(Right.SELL)
        row = await purchases.get(purchase_id)
        if row is None or not actor.may_touch(row.branch_id):
            raise PurchaseUnknown
        actor.refuse_own(row.customer_id)
        now = self.deps.clock.now()
        customer = await customers.get(row.customer_id)
        if customer is None:
            raise CustomerUnknown(phone=None)
        inviter = await customers.get(customer.referred_by_id) if customer.referred_by_id else None
        account = await ledger.load_account(customer.id, customer.debt, locked=False)
        sale = LockedSale(row, customer, inviter, account)
        self._require_refundable(actor, sale, now)
        plan = await plan_refund(sale, what)
        found = await reverse(
            sale,
            plan.entries,
            plan.step,
            is_whole=plan.is_whole,
            key="quote",
            reason="refunded",
            now=now,
            locked=False,
        )
        return view_refund(sale.row, plan, found, found.account.active(now), is_done=False)

    async def refund(
        self,
        actor: StaffActor,
        purchase_id: int,
        what: Wanted = WHOLE,
        *,
        key: str,
        seen: int | None = None,
        reason: str | None = None,
    ) -> RefundView:
        """Refund a purchase, whole or in part; the same ``key`` acts once and answers the same.

        ``seen`` is how much of it was refunded when it was shown. Raises what quote_refund raises, RefundStale
        when more was refunded since it was seen, DifferentInputs.
        """
        actor.require(Right.SELL)
        inputs = fingerprint(purchase=purchase_id, amount=what.amount, lines=what.lines, reason=reason)

        async def work() -> RefundView:
            sale = await lock_sale(purchase_id, actor=actor, with_former=True)
            actor.refuse_own(sale.customer.id)
            before = await refunds.by_request(key)
            if before is not None:
                if before.input_hash != inputs:
                    raise DifferentInputs
                return await self._made_before(sale, before.totals)
            now = self.deps.clock.now()
            self._require_refundable(actor, sale, now)
            if seen not in (None, sale.row.refunded):
                raise RefundStale
            plan = await plan_refund(sale, what)
            request = Request(key, inputs, reason)
            refund_id, found, balance = await make_refund(actor, sale, plan, request, "refunded", now)
            view = view_refund(sale.row, plan, found, balance, is_done=True)
            await outbox.enqueue(refund_notice(sale.row, view, refund_id), now)
            return view

        return await run_against_rivals(work)

    def _require_refundable(self, actor: StaffActor, sale: LockedSale, now: datetime) -> None:
        row = sale.row
        if row.status != "completed" or row.completed_at is None:
            raise PurchaseClosed(status=row.status)
        days = row.programme.refund_days
        if now > row.completed_at + timedelta(days=days) and actor.role.rank < Role.MANAGER.rank:
            raise RefundTooLate(days=days)

    async def _made_before(self, sale: LockedSale, step: Totals) -> RefundView:
        kept = await refunds.lines_of(sale.row.id)
        is_whole = sale.row.refunded == sale.row.subtotal
        plan = Plan(kept, {}, step, is_whole, ())
        found = Reversal(sale.account, None, sale.row.gift if is_whole else 0, is_last=False)
        return view_refund(sale.row, plan, found, sale.account.active(self.deps.clock.now()), is_done=True)

    async def undo(self, actor: StaffActor, purchase_id: int) -> SaleView:
        """Undo a completed sale whole. Pressed twice, it acts once.

        Raises UndoTooLate after the programme's minutes, PurchaseClosed for a draft that was dropped, and
        AlreadyRefunded for a sale of which a part was refunded.
        """
        actor.require(Right.SELL)

        async def work() -> SaleView:
            sale = await lock_sale(purchase_id, actor=actor, with_former=True)
            actor.refuse_own(sale.customer.id)
            row, now = sale.row, self.deps.clock.now()
            if row.status == "cancelled" and row.completed_at is not None:
                return _undone(sale, sale.account.active(now))
            if row.status != "completed" or row.completed_at is None:
                raise PurchaseClosed(status=row.status)
            if row.refunded:
                raise AlreadyRefunded(left=row.subtotal - row.refunded)
            minutes = row.programme.undo_minutes
            if now > row.completed_at + timedelta(minutes=minutes):
                raise UndoTooLate(minutes=minutes)
            plan = await plan_refund(sale, WHOLE)
            request = Request(f"undo:{row.id}", "undo", None)
            _, found, balance = await make_refund(actor, sale, plan, request, "undone", now)
            view = _undone(sale, balance, cancelled_at=now, gift=found.gift, debt=found.account.debt)
            await outbox.enqueue(_undone_notice(sale, view), now)
            return view

        return await run_in_transaction(work)


def _undone(sale: LockedSale, balance: int, **changes: Any) -> SaleView:
    refunded = {"refunded": sale.row.subtotal}
    return view_of(sale.row, sale.row, status="cancelled", balance=balance, **refunded, **changes)


def _undone_notice(sale: LockedSale, view: SaleView) -> list[outbox.Draft]:
    names = ("branch_name", "currency", "subtotal", "points", "accrual", "gift", "debt", "balance")
    return in_chat(
        "refund",
        sale.customer.id,
        sale.row.customer_chat,
        sale.row.customer_language,
        template="notice/undone",
        dedupe_key=f"undone:{sale.row.id}",
        data={name: getattr(view, name) for name in names},
    )
