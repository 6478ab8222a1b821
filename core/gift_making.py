"""An exchange of points for a gift under lock: taking the points, and giving them back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import StaffActor
from core.domain.errors import GiftGone, HoldGone, PointsNotEnough
from core.domain.programme import Programme
from core.gift_views import is_late
from core.gift_words import gift_receipt
from core.store import audit, customers, exchanges, holds, ledger, outbox, postings, programmes
from core.store.customers import CustomerRow
from core.store.exchanges import ExchangeRow


@dataclass(slots=True)
class LockedExchange:
    """An exchange with its customer, both under lock, and the programme of its branch."""

    row: ExchangeRow
    customer: CustomerRow
    programme: Programme


async def lock_exchange(exchange_id: int, actor: StaffActor | None = None) -> LockedExchange:
    """Lock the customer, then the exchange. Raises HoldGone when there is none in a branch of the actor's."""
    row = await exchanges.get(exchange_id)
    if row is None or (actor is not None and not actor.may_touch(row.branch_id)):
        raise HoldGone
    found = await customers.lock(row.customer_id)
    row = await exchanges.get(exchange_id, locked=True)
    if row is None:
        raise HoldGone
    programme = (await programmes.in_force(row.branch_id)).programme
    return LockedExchange(row, found[row.customer_id], programme)


def require_asked(row: ExchangeRow, customer_id: int, now: datetime) -> None:
    """Raise GiftGone for somebody else's exchange, HoldGone for one that is over; what is done already passes."""
    if row.customer_id != customer_id:
        raise GiftGone
    if row.status == "cancelled" or is_late(row, now):
        raise HoldGone


def require_waiting(row: ExchangeRow, now: datetime) -> None:
    """Raise HoldGone for what nobody waits for any more."""
    if row.status != "waiting" or is_late(row, now):
        raise HoldGone


async def give_gift(locked: LockedExchange, staff_id: int, now: datetime) -> None:
    """Take the points for it. Raises PointsNotEnough when they went elsewhere meanwhile."""
    row, customer = locked.row, locked.customer
    account = await ledger.load_account(customer.id, customer.debt)
    available = max(0, account.active(now) - await holds.held(customer.id, now))
    if row.points > available:
        raise PointsNotEnough(limit=available, wanted=row.points, step=locked.programme.step)
    account.redeem(row.points, key=f"gift:{row.id}", now=now, purchase_id=None, reason=_reason("gift", row))
    balance = account.active(now)
    await ledger.write([account], ledger.Origin(now, row.branch_id, staff_id))
    await exchanges.settle(row.id, "done", now)
    await outbox.enqueue(gift_receipt(row, balance), now)


async def undo_gift(locked: LockedExchange, actor: StaffActor, now: datetime) -> None:
    """Give the points of a gift back, and tell the customer."""
    row, customer = locked.row, locked.customer
    entry_id = await exchanges.entry_of(f"gift:{row.id}")
    if entry_id is None:
        raise AssertionError("an exchange without its entry")
    draws = await postings.draws_of(entry_id)
    account = await ledger.load_account(customer.id, customer.debt, also=[lot_id for lot_id, _ in draws])
    account.give_back(
        draws,
        key=f"gift:{row.id}:undone",
        now=now,
        grace=timedelta(days=locked.programme.refund_grace_days),
        reason=_reason("gift_undone", row),
        reverses_id=entry_id,
    )
    balance = account.active(now)
    await ledger.write([account], ledger.Origin(now, row.branch_id, actor.id))
    if account.debt != customer.debt:
        await customers.update(customer.id, debt=account.debt)
    await exchanges.settle(row.id, "cancelled", now)
    await audit.note("gift.undone", "gift_exchange", row.id, actor_kind="staff", actor_id=actor.id, now=now)
    await outbox.enqueue(gift_receipt(row, balance, undone=True), now)


def _reason(kind: str, row: ExchangeRow) -> str:
    """Names the gift in the ledger, within the column's 64 characters."""
    return f"{kind}:{row.title}"[:64]
