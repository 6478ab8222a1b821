"""Two customers who turned out to be one person become one: nothing that was written of either is rewritten.

The balance moves by adjustments, out of the one and into the other, with the times that its lots had. Purchases,
visits and cards are re-pointed. The row that is left leads to the kept one by its phone and its promo code.
"""

from dataclasses import dataclass
from datetime import date, datetime

from core.actors import StaffActor
from core.deps import Deps
from core.domain.account import Account
from core.domain.errors import CustomerUnknown, MergeBusy, MergeSelf
from core.domain.lots import EntryKind
from core.domain.people import Right
from core.standing import follow
from core.store import audit, cards, consents, customers, holds, ledger, merging, programmes, recipients
from core.store import friends as friendships
from core.store.customers import CustomerRow
from core.store.transactions import run_in_transaction
from core.terms import metrics_of

OUT, INTO = "merged_out", "merged_in"
SOURCE = "merge"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. Points in hundredths, money in minor units."""

    id: int
    name: str | None
    phone: str | None
    birthday: date | None
    card_number: str | None
    points: int
    debt: int
    purchases: int
    sold: int


@dataclass(frozen=True, slots=True)
class MergeView:
    """What a merge would come to: the customer who is kept, and the one who becomes a part of them."""

    kept: Side
    other: Side


@dataclass(frozen=True, slots=True)
class Merging:
    """Making one customer of two."""

    deps: Deps

    async def look(self, actor: StaffActor, kept_id: int, other_id: int) -> MergeView:
        """Both, before anything happens. Raises MergeSelf, OwnAccount, CustomerUnknown, NotAllowed."""
        _check(actor, kept_id, other_id)
        sides = []
        for customer_id in (kept_id, other_id):
            row = await customers.get(customer_id)
            if row is None or row.status != "active":
                raise CustomerUnknown(phone=None)
            sides.append(await self._side(row))
        return MergeView(*sides)

    async def _side(self, row: CustomerRow) -> Side:
        now = self.deps.clock.now()
        account = await ledger.load_account(row.id, row.debt, locked=False)
        points = max(0, account.active(now) - await holds.held(row.id, now))
        card = await cards.number_of(row.id)
        return Side(row.id, row.name, row.phone, row.birthday, card, points, row.debt, row.purchases, row.sold)

    async def merge(self, actor: StaffActor, kept_id: int, other_id: int) -> int:
        """Make the other a part of the kept customer; returns the kept one's id. Pressed twice, it acts once.

        Raises MergeSelf, OwnAccount, MergeBusy while points of either wait for a confirmation, CustomerUnknown,
        NotAllowed.
        """
        _check(actor, kept_id, other_id)

        async def work() -> int:
            now = self.deps.clock.now()
            friends = await merging.friends(other_id)
            people = await customers.lock(kept_id, other_id, *friends)
            kept, other = people.get(kept_id), people.get(other_id)
            if kept is None or other is None or kept.status != "active":
                raise CustomerUnknown(phone=None)
            if other.merged_into_id == kept_id:
                return kept_id
            if other.status != "active":
                raise CustomerUnknown(phone=None)
            if await merging.is_busy((kept_id, other_id), now):
                raise MergeBusy
            await self._merge(actor, kept, other, [each for each in friends if each != kept_id])
            return kept_id

        return await run_in_transaction(work)

    async def _merge(self, actor: StaffActor, kept: CustomerRow, other: CustomerRow, friends: list[int]) -> None:
        now = self.deps.clock.now()
        await merging.drop_drafts(other.id, now)
        gives = await ledger.load_account(other.id, other.debt)
        takes = await ledger.load_account(kept.id, kept.debt)
        moved, debt = other.debt, gives.debt
        points = move_balance(gives, takes, key=f"merge:{other.id}:{kept.id}", now=now)
        await ledger.write([gives, takes], ledger.Origin(now, actor.branch_id, actor.id))
        await merging.repoint(other.id, kept.id)
        await merging.add_counters(other.id, kept.id)
        await merging.take_told(other.id, kept.id)
        await recipients.take_over(other.id, kept.id)
        await merging.take_friends([each for each in friends if each != kept.referred_by_id], kept.id)
        await self._consents(kept.id, other.id)
        await merging.take_account(other.id, kept.id)
        await customers.update(other.id, **_husk(kept, other))
        await self._keep(kept, other, takes)
        if await friendships.is_above(kept.id, kept.id):  # their friends may have invited the other one
            await customers.update(kept.id, referred_by_id=None)
        await audit.note(
            "customer.merged",
            "customer",
            kept.id,
            actor_kind="staff",
            actor_id=actor.id,
            now=now,
            before={"customer_id": other.id, "purchases": other.purchases, "debt": moved},
            after={"points": points, "debt": debt},
        )

    async def _keep(self, kept: CustomerRow, other: CustomerRow, account: Account) -> None:
        """Write what the kept customer has become."""
        totals = {
            "purchases": kept.purchases + other.purchases,
            "sold": kept.sold + other.sold,
            "paid": kept.paid + other.paid,
            "visits": kept.visits + other.visits,
            "last_purchase_at": _latest(kept.last_purchase_at, other.last_purchase_at),
            "last_visit_at": _latest(kept.last_visit_at, other.last_visit_at),
        }
        await customers.update(kept.id, **totals, debt=account.debt, **_filled(kept, other))
        row = await customers.get(kept.id)
        if row is None:
            raise CustomerUnknown(phone=None)
        programme = (await programmes.in_force()).programme
        followed = await follow(programme, row, metrics_of(row, self.deps.clock.now()))
        await customers.update(kept.id, **followed.columns)

    async def _consents(self, kept_id: int, other_id: int) -> None:
        """What the kept customer said counts; of what they were never asked, the other's last word does, and so
        does a refusal of the other's that is newer: it is the same person's."""
        mine = {(row["topic"], row["channel"]): row for row in await consents.stand(kept_id)}
        taken = []
        for row in await consents.stand(other_id):
            own = mine.get((row["topic"], row["channel"]))
            refused_since = own and own["granted"] and not row["granted"] and row["created_at"] > own["created_at"]
            if own is None or refused_since:
                taken.append(row)
        await consents.take_over(kept_id, taken, source=SOURCE)


def _check(actor: StaffActor, kept_id: int, other_id: int) -> None:
    """Managers alone may, and never with their own account: another's points would become theirs."""
    actor.require(Right.MANAGE)
    if kept_id == other_id:
        raise MergeSelf
    actor.refuse_own(kept_id)
    actor.refuse_own(other_id)


def move_balance(gives: Account, takes: Account, *, key: str, now: datetime) -> int:
    """Post what moves all that could be spent now or later, and the debt; returns the points moved.

    Each lot comes in apart, under its number in the order of ids: ``core.store.merged_lots`` follows them.
    """
    alive = [lot for lot in gives.lots if lot.remaining and not lot.is_expired(now)]
    parts = [(lot.remaining, max(lot.activates_at, now), lot.expires_at, lot.rolling_days) for lot in alive]
    gives.forfeit(key=f"{key}:out", now=now, reason=OUT)
    for number, (points, activates_at, expires_at, rolling_days) in enumerate(parts):
        takes.grant(
            EntryKind.ADJUSTMENT,
            points,
            key=f"{key}:in:{number}",
            now=now,
            activates_at=activates_at,
            expires_at=expires_at,
            rolling_days=rolling_days,
            reason=INTO,
        )
    if gives.debt:
        owed = gives.debt
        gives.grant(
            EntryKind.ADJUSTMENT, owed, key=f"{key}:debt", now=now, activates_at=now, expires_at=None, reason=OUT
        )
        takes.take_back(owed, key=f"{key}:owed", own_lot_id=None, now=now, reason=INTO, kind=EntryKind.ADJUSTMENT)
    return sum(points for points, *_ in parts)


def _latest(one: datetime | None, two: datetime | None) -> datetime | None:
    return max((each for each in (one, two) if each is not None), default=None)


def _filled(kept: CustomerRow, other: CustomerRow) -> dict[str, object]:
    """What the kept customer never told and the other did; the other's phone only where the kept one has none."""
    changes: dict[str, object] = {}
    if kept.phone is None and other.phone is not None:
        changes |= {"phone": other.phone, "phone_verified_at": other.phone_verified_at}
    if kept.name is None and other.name is not None:
        changes["name"] = other.name
    if kept.birthday is None and other.birthday is not None:
        changes["birthday"] = other.birthday
    if kept.blocked_at is None and other.blocked_at is not None:
        changes["blocked_at"] = other.blocked_at
    inviter = kept.referred_by_id or other.referred_by_id
    if kept.referred_by_id == other.id or inviter == kept.id:
        changes |= {"referred_by_id": None}
    elif kept.referred_by_id is None and inviter is not None:
        changes |= {"referred_by_id": inviter, "referral_settled_at": other.referral_settled_at}
    return changes


def _husk(kept: CustomerRow, other: CustomerRow) -> dict[str, object]:
    """The other's row: of nobody but the kept customer, whom its phone still finds."""
    return {
        "status": "erased",
        "merged_into_id": kept.id,
        "phone": None if kept.phone is None else other.phone,
        "phone_verified_at": None,
        "name": None,
        "birthday": None,
        "referred_by_id": None,
        "debt": 0,
        "purchases": 0,
        "sold": 0,
        "paid": 0,
        "visits": 0,
        "last_purchase_at": None,
        "last_visit_at": None,
        "level": None,
        "importance": None,
        "rule_discount": 0,
    }
