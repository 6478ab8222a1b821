"""Taking a sale back: undoing it whole within the programme's minutes.

Everything that the sale moved goes back as new entries: redeemed points to their lots, earned points from
their own lot first, then from others, then as a debt; counters and referral rewards with them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.actors import StaffActor
from core.deps import Deps
from core.domain.account import Account, EntryKind
from core.domain.errors import PurchaseClosed, UndoTooLate
from core.domain.ladder import Turnover
from core.domain.people import Role
from core.domain.rules import Metrics
from core.referral_notices import tell_undone
from core.sales import PRIORITY_RECEIPT, LockedSale, SaleView, lock_sale, view_of
from core.standing import follow
from core.store import audit, customers, ledger, outbox, postings, purchases, visits
from core.store.transactions import run_in_transaction


@dataclass(frozen=True, slots=True)
class Refunds:
    """Taking sales back."""

    deps: Deps

    async def undo(self, actor: StaffActor, purchase_id: int) -> SaleView:
        """Undo a completed sale whole. Pressed twice, it acts once.

        Raises UndoTooLate after the programme's minutes, PurchaseClosed for a draft that was dropped.
        """
        actor.require(Role.CASHIER)

        async def work() -> SaleView:
            sale = await lock_sale(purchase_id, actor=actor)
            if sale.row.status == "cancelled" and sale.row.completed_at is not None:
                return self._view(sale, sale.account.active(self.deps.clock.now()))
            if sale.row.status != "completed" or sale.row.completed_at is None:
                raise PurchaseClosed(status=sale.row.status)
            now = self.deps.clock.now()
            minutes = sale.row.programme.undo_minutes
            if now > sale.row.completed_at + timedelta(minutes=minutes):
                raise UndoTooLate(minutes=minutes)
            return await self._undo(actor, sale, now)

        return await run_in_transaction(work)

    async def _undo(self, actor: StaffActor, sale: LockedSale, now: datetime) -> SaleView:
        row, customer = sale.row, sale.customer
        keeps_friendship = customer.purchases > 1
        entries = await postings.entries_of(row.id, but=EntryKind.GIFT)
        if not keeps_friendship:
            # The rewards may hang on an earlier purchase that was undone while a later one still stood.
            entries += await postings.standing_gifts(customer.id)
        mine = [entry for entry in entries if entry["customer_id"] == customer.id]
        theirs = [entry for entry in entries if entry["customer_id"] != customer.id]
        account = await self._returned(sale, mine, now)
        accounts = [account]
        if theirs:
            accounts.append(await self._inviter_undone(sale, theirs, now))
        gift = sum(entry["points"] for entry in mine if entry["kind"] == EntryKind.GIFT)
        balance = account.active(now)
        await ledger.write(accounts, ledger.Origin(now, row.branch_id, actor.id))
        await purchases.cancel(row.id, by=actor.id, now=now)
        came = await visits.release(row.id)
        last = await purchases.last_completed_at(customer.id)
        last_visit = await visits.last_at(customer.id)
        sold, paid = customer.sold - (row.subtotal - row.discount), customer.paid - row.paid
        count = customer.visits - (0 if came else 1)
        metrics = Metrics(Turnover(sold, paid, count), last_visit, now)
        followed = await follow(row.programme_now, customer, metrics)
        await customers.update(
            customer.id,
            debt=account.debt,
            purchases=customer.purchases - 1,
            sold=sold,
            paid=paid,
            visits=count,
            last_purchase_at=last,
            last_visit_at=last_visit,
            referral_settled_at=customer.referral_settled_at if keeps_friendship else None,
            **followed.columns,
        )
        await audit.note("purchase.undone", "purchase", row.id, actor_kind="staff", actor_id=actor.id, now=now)
        view = self._view(sale, balance, cancelled_at=now, gift=gift, debt=account.debt)
        await self._tell(sale, view, now)
        return view

    async def _returned(self, sale: LockedSale, entries: list[dict[str, Any]], now: datetime) -> Account:
        """The buyer's account with the sale taken back: points returned first, so that no debt is passing."""
        redemptions = [entry for entry in entries if entry["kind"] == EntryKind.REDEMPTION]
        draws = {entry["id"]: await postings.draws_of(entry["id"]) for entry in redemptions}
        lots = {lot_id for taken in draws.values() for lot_id, _ in taken}
        lots |= {entry["lot_id"] for entry in entries if entry["lot_id"] is not None}
        account = await ledger.load_account(sale.customer.id, sale.customer.debt, also=sorted(lots))
        grace = timedelta(days=sale.row.programme.refund_grace_days)
        for entry in redemptions:
            account.give_back(
                draws[entry["id"]],
                key=f"undo:{entry['id']}",
                now=now,
                grace=grace,
                reason="undone",
                purchase_id=sale.row.id,
                reverses_id=entry["id"],
            )
        for entry in entries:
            if entry["kind"] in (EntryKind.ACCRUAL, EntryKind.GIFT):
                self._take_back(account, entry, sale.row.id, now)
        return account

    async def _inviter_undone(self, sale: LockedSale, entries: list[dict[str, Any]], now: datetime) -> Account:
        inviter = sale.inviter
        if inviter is None:
            raise AssertionError("no inviter to take back from")
        lots = [entry["lot_id"] for entry in entries if entry["lot_id"] is not None]
        account = await ledger.load_account(inviter.id, inviter.debt, also=lots)
        for entry in entries:
            self._take_back(account, entry, sale.row.id, now)
        if account.debt != inviter.debt:
            await customers.update(inviter.id, debt=account.debt)
        await tell_undone(inviter, account, sale.row.id, now)
        return account

    def _take_back(self, account: Account, entry: dict[str, Any], purchase_id: int, now: datetime) -> None:
        account.take_back(
            entry["points"],
            key=f"undo:{entry['id']}",
            own_lot_id=entry["lot_id"],
            now=now,
            reason=f"{entry['reason']}_undone" if entry["reason"] else "undone",
            purchase_id=purchase_id,
            reverses_id=entry["id"],
        )

    async def _tell(self, sale: LockedSale, view: SaleView, now: datetime) -> None:
        if sale.row.customer_chat is None:
            return
        draft = outbox.Draft(
            topic="receipts",
            channel="telegram",
            bot="customer",
            chat_id=sale.row.customer_chat,
            customer_id=sale.customer.id,
            template="notice/undone",
            language=sale.row.customer_language,
            dedupe_key=f"undone:{sale.row.id}",
            priority=PRIORITY_RECEIPT,
            data={
                "branch_name": sale.row.branch_name,
                "currency": sale.row.currency,
                "subtotal": sale.row.subtotal,
                "points": sale.row.points,
                "accrual": sale.row.accrual,
                "gift": view.gift,
                "debt": view.debt,
                "balance": view.balance,
            },
        )
        await outbox.enqueue([draft], now)

    def _view(self, sale: LockedSale, balance: int, **changes: Any) -> SaleView:
        return view_of(sale.row, sale.row, status="cancelled", balance=balance, **changes)
