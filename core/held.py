"""What waits for a manager: accruals above the limits, given later as if they had come with their purchase."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import AlreadyDecided, CustomerUnknown, PurchaseUnknown
from core.domain.lots import EntryKind
from core.domain.people import Right, Role
from core.sales import LockedSale, lock_sale, lot_times
from core.store import audit, customers, held, ledger, outbox, purchase_notes, staff
from core.store.held import HeldRow
from core.store.transactions import run_in_transaction
from core.telling import in_chat

PAGE = 6
GIVEN, REFUSED = "given", "refused"


@dataclass(frozen=True, slots=True)
class HeldList:
    """A page of what waits, the oldest first; pages count from 0. ``points`` of all that waits, in hundredths."""

    rows: tuple[HeldRow, ...]
    total: int
    points: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class HeldAccruals:
    """Looking at held accruals and deciding on them."""

    deps: Deps

    async def waiting(self, actor: StaffActor, page: int = 0) -> HeldList:
        """What waits in the manager's branch, for the owner in any. Raises NotAllowed."""
        actor.require(Right.GIVE_POINTS)
        branch_id = actor.only_branch
        total, points = await held.summary(branch_id)
        pages = max(1, -(-total // PAGE))
        page = min(page, pages - 1)
        rows = await held.waiting(branch_id, page * PAGE, PAGE)
        return HeldList(tuple(rows), total, points, page, pages)

    async def summary_for(self, telegram_id: int) -> tuple[int, int]:
        """How many wait for the member behind an account, and of how many points: for the relay's notice.

        Raises PurchaseUnknown when nothing does any more, or the member has nothing to decide.
        """
        count, points = await held.summary(await _member(telegram_id))
        if not count:
            raise PurchaseUnknown
        return count, points

    async def look(self, actor: StaffActor, purchase_id: int) -> HeldRow:
        """One of them, in whatever status. Raises NotAllowed, PurchaseUnknown."""
        actor.require(Right.GIVE_POINTS)
        found = await held.get(purchase_id)
        if found is None or not actor.may_touch(found.branch_id):
            raise PurchaseUnknown
        return found

    async def decide(self, actor: StaffActor, purchase_id: int, *, give: bool) -> HeldRow:
        """Give what waits, or refuse it; pressed twice, it acts once.

        Raises NotAllowed, OwnAccount, PurchaseUnknown, AlreadyDecided when it was decided otherwise, and
        CustomerUnknown for a customer who has left.
        """
        actor.require(Right.GIVE_POINTS)
        wanted = GIVEN if give else REFUSED

        async def work() -> HeldRow:
            sale = await lock_sale(purchase_id, actor=actor)
            actor.refuse_own(sale.customer.id)
            status = sale.row.held_status
            if status is None:
                raise PurchaseUnknown
            if status == wanted:
                return await self.look(actor, purchase_id)
            if status != "waiting":
                raise AlreadyDecided(status=status)
            now = self.deps.clock.now()
            if give:
                await self._give(actor, sale, now)
            await held.settle(purchase_id, wanted, by=actor.id, now=now)
            await audit.note(
                f"held.{wanted}",
                "purchase",
                purchase_id,
                actor_kind="staff",
                actor_id=actor.id,
                now=now,
                after={"points": sale.row.held},
            )
            await outbox.enqueue(_notice(sale, wanted, now), now)
            return await self.look(actor, purchase_id)

        return await run_in_transaction(work)

    async def _give(self, actor: StaffActor, sale: LockedSale, now: datetime) -> None:
        """Post the accrual with the dates that it would have had; what expired while it waited gets a grace."""
        row, customer, account = sale.row, sale.customer, sale.account
        if customer.status != "active":
            raise CustomerUnknown(phone=None)
        activates, expires, rolling = lot_times(row.programme, row.completed_at or now, row.time_zone)
        if rolling is not None and expires is not None and customer.last_purchase_at is not None:
            expires = max(expires, customer.last_purchase_at + timedelta(days=rolling))
        if expires is not None and expires <= now:
            expires = now + timedelta(days=row.programme.refund_grace_days)
        account.grant(
            EntryKind.ACCRUAL,
            row.held,
            key=f"purchase:{row.id}:held",
            now=now,
            activates_at=activates,
            expires_at=expires,
            rolling_days=rolling,
            purchase_id=row.id,
        )
        await ledger.write([account], ledger.Origin(now, row.branch_id, actor.id))
        if account.debt != customer.debt:
            await customers.update(customer.id, debt=account.debt)
        await purchase_notes.add_accrual(row.id, row.held)


async def take_from_held(sale: LockedSale, points: int, *, by: int, now: datetime) -> None:
    """A refund takes what had not been given yet: a part of it, or all."""
    if points == sale.row.waits:
        await held.settle(sale.row.id, REFUSED, by=by, now=now)
    elif points:
        await held.add(sale.row.id, -points)


def _notice(sale: LockedSale, wanted: str, now: datetime) -> list[outbox.Draft]:
    """What the customer is told, when they have the bot."""
    row = sale.row
    return in_chat(
        "receipts",
        row.customer_id,
        row.customer_chat,
        row.customer_language,
        template=f"notice/held_{wanted}",
        dedupe_key=f"held:{row.id}:{wanted}",
        data={
            "branch_name": row.branch_name,
            "subtotal": row.subtotal,
            "points": row.held,
            "balance": sale.account.active(now),
        },
    )


async def _member(telegram_id: int) -> int | None:
    """The branch that a member decides for, None for all."""
    row = await staff.by_telegram(telegram_id)
    if row is None or not Role(row.role).may(Right.GIVE_POINTS):
        raise PurchaseUnknown
    return None if row.role == Role.OWNER else row.branch_id
