"""Completing a sale: its points, its customer's counters and standing, and everybody who is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core import nth, offers, receipts
from core.domain.basket import shares
from core.domain.errors import BranchClosed, CustomerBlocked
from core.domain.ladder import Level, Turnover
from core.domain.local_days import day_bounds, local_day
from core.domain.lots import EntryKind
from core.domain.quote import Quote
from core.domain.rules import Metrics, Trigger
from core.friends import friend_bought
from core.limits import exceeded, keep_back
from core.sale_views import SaleView, view_of
from core.sale_words import receipt
from core.sales import LockedSale
from core.standing import follow, tell_level
from core.store import customers, holds, ledger, outbox, purchase_notes, quotes, visits


@dataclass(frozen=True, slots=True)
class _Posted:
    """What the ledger says after a sale: the balance, what came with it, when a friend's reward was settled."""

    balance: int
    brought: Mapping[str, int]
    referral_settled_at: datetime | None


async def complete(
    sale: LockedSale,
    priced: Quote,
    *,
    staff_id: int | None,
    now: datetime,
    also: Sequence[outbox.Draft] = (),
) -> SaleView:
    """Post a sale with the given figures, whose points are known to be there, and tell the customer.

    Redemption first, then the accrual, then what a friend's first purchase brings. ``also`` is told
    together with the receipt. Raises ReceiptNeeded, ReceiptTaken, CustomerBlocked, BranchClosed.
    """
    row = sale.row
    if sale.customer.blocked_at is not None:
        raise CustomerBlocked
    if not row.branch_open:
        raise BranchClosed(name=row.branch_name)
    if priced.points:
        key = f"purchase:{row.id}:redemption"
        sale.account.redeem(priced.points, key=key, now=now, purchase_id=row.id)
    await receipts.settle(row, now)
    day = day_bounds(local_day(now, row.time_zone), row.time_zone)
    waits = await exceeded(row, priced.accrual, staff_id or row.staff_member_id, day[0], now)
    held = priced.accrual if waits else 0
    if waits:
        priced = replace(priced, accrual=0)
    posted = await _post(sale, priced.accrual, staff_id, now)
    reached = await _count(sale, priced, posted, day, now)
    await _close(sale, priced, posted.balance, now)
    if waits:
        await keep_back(row, held, waits, now)
    if row.hold_id is not None:
        await holds.settle(row.hold_id, "captured" if priced.points else "released", now)
    news = {"completed_at": now, "confirm_until": None, "held": held, **posted.brought}
    done = view_of(row, priced, status="completed", balance=posted.balance, **news)
    await outbox.enqueue([*receipt(row, done), *also], now)
    await tell_level(sale.customer.id, reached, now)
    return done


async def _post(sale: LockedSale, accrual: int, staff_id: int | None, now: datetime) -> _Posted:
    """Post what is earned now, by the customer and by whoever invited them, and write the ledger."""
    row, customer, account = sale.row, sale.customer, sale.account
    sale.accrue(accrual, key=f"purchase:{row.id}:accrual", now=now)
    settled = customer.referral_settled_at
    accounts = [account]
    if sale.inviter is not None and settled is None:
        inviter_account, settled = await friend_bought(row, customer, sale.inviter, account, now)
        if inviter_account is not None:
            accounts.append(inviter_account)
    brought = {
        "gift": sum(each.points for each in account.postings if each.kind is EntryKind.GIFT),
        "repaid": customer.debt - account.debt,
        "debt": account.debt,
    }
    balance = account.active(now)
    await ledger.write(accounts, ledger.Origin(now, row.branch_id, staff_id))
    await ledger.roll(account, now)
    return _Posted(balance, brought, settled)


async def _count(
    sale: LockedSale, priced: Quote, posted: _Posted, day: tuple[datetime, datetime], now: datetime
) -> Level | None:
    """Keep the customer's counters and standing up with the sale; the level that they rose to, if any."""
    row, customer = sale.row, sale.customer
    sold, paid = customer.sold + priced.subtotal - priced.discount, customer.paid + priced.paid
    counted = row.programme.visits_on and await visits.settle_by_purchase(
        customer.id, row.branch_id, row.id, day, now
    )
    came = customer.visits + (0 if counted else 1)
    metrics = Metrics(Turnover(sold, paid, came), now, now, Trigger.CAME.value)
    followed = await follow(row.programme_now, customer, metrics)
    await customers.update(
        customer.id,
        debt=sale.account.debt,
        purchases=customer.purchases + 1,
        sold=sold,
        paid=paid,
        visits=came,
        last_purchase_at=now,
        last_visit_at=now,
        referral_settled_at=posted.referral_settled_at,
        **followed.columns,
    )
    return followed.reached


async def _close(sale: LockedSale, priced: Quote, balance: int, now: datetime) -> None:
    """Write the purchase as completed, with the offers that it used up and the ways in which it was paid."""
    row = sale.row
    await nth.count(row, priced.discount_source)
    await offers.use(row, priced, now)
    await quotes.complete(row.id, priced, balance_after=balance, now=now)
    await purchase_notes.add_payments(row.id, shares(row.basket.payments, priced.paid), now)
