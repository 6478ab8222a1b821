"""A sale under lock, as every verb that changes it takes it.

The verbs stand in core.till (the cashier's), core.redemption (holds and confirmations) and core.refunds; all of
them complete it by core.sale_completion.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import StaffActor
from core.domain.account import Account
from core.domain.errors import PurchaseUnknown
from core.domain.expiry import expires_at, rolling_days
from core.domain.lots import EntryKind
from core.domain.programme import Programme
from core.domain.quote import Quote, quote
from core.store import customers, holds, ledger, purchases
from core.store.customers import CustomerRow
from core.store.purchases import PurchaseRow


@dataclass(slots=True)
class LockedSale:
    """A sale under lock: its row, its customer, the inviter who may be rewarded, and the account."""

    row: PurchaseRow
    customer: CustomerRow
    inviter: CustomerRow | None
    account: Account

    def reprice(self, *, available: int, points: int, programme: Programme | None = None) -> Quote:
        """The quote that is true now."""
        by = programme or self.row.programme
        return quote(by, self.row.basket, available=available, points=points, terms=self.row.terms)

    async def available(self, now: datetime) -> int:
        """Active points that no other sale or gift holds, in hundredths."""
        held = await holds.held(self.customer.id, now, but=self.row.id)
        return max(0, self.account.active(now) - held)

    def accrue(self, points: int, *, key: str, now: datetime) -> None:
        """Post points that the purchase earns now. Nothing happens for zero points."""
        if not points:
            return
        activates, expires, rolling = lot_times(self.row.programme, now, self.row.time_zone)
        self.account.grant(
            EntryKind.ACCRUAL,
            points,
            key=key,
            now=now,
            activates_at=activates,
            expires_at=expires,
            rolling_days=rolling,
            purchase_id=self.row.id,
        )


async def lock_sale(purchase_id: int, *, actor: StaffActor | None = None, with_former: bool = False) -> LockedSale:
    """Lock the customer, then the purchase, then the lots: three statements.

    ``with_former``: whoever became a part of the customer, too. Raises PurchaseUnknown when there is no such
    purchase, or not in a branch of the actor.
    """
    people = await customers.lock_buyer(purchase_id, with_former=with_former)
    row = await purchases.get(purchase_id, locked=True)
    if row is None or (actor is not None and not actor.may_touch(row.branch_id)):
        raise PurchaseUnknown
    if row.customer_id not in people:  # a merge has moved the purchase while its customer was waited for
        people = await customers.lock_buyer(purchase_id, with_former=with_former)
    customer = people[row.customer_id]
    inviter = people.get(customer.referred_by_id) if customer.referred_by_id else None
    return LockedSale(row, customer, inviter, await ledger.load_account(customer.id, customer.debt))


def lot_times(programme: Programme, now: datetime, time_zone: str) -> tuple[datetime, datetime | None, int | None]:
    """When points earned now become active, when they expire, and the days that each purchase adds to that."""
    activates = now + timedelta(hours=programme.activation_delay_hours)
    expires = expires_at(programme.expiry, programme.expiry_days, activates, time_zone)
    return activates, expires, rolling_days(programme.expiry, programme.expiry_days)
