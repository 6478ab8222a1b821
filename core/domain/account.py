"""A customer's points as one value: lots, debt, and the changes that a verb makes to them.

The ledger's rules live here, purely; ``core.store.ledger`` loads an account under the
customer's lock, lets a verb work on it and writes its changes. All points are hundredths.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.domain.errors import PointsNotEnough
from core.domain.lots import Draw, EntryKind, Lot, Posting, active_balance

UNWRITTEN = "expiry_unwritten"
"""The reason of an entry that puts back an expiry, because its points are taken back in another way."""


@dataclass(slots=True)
class Account:
    """A customer's lots and debt under lock, and the postings made so far.

    ``moved`` are lots that were asked for and are another customer's, by when they expire: what was left in them
    moved when the two were merged. ``followers`` are the lots where it went, by the lots it left; merged more than
    once, one after the other, the last of them in this account.
    """

    customer_id: int
    debt: int
    lots: list[Lot]
    postings: list[Posting] = field(default_factory=list)
    moved: dict[int, datetime | None] = field(default_factory=dict)
    followers: dict[int, list[int]] = field(default_factory=dict)

    def active(self, at: datetime) -> int:
        """The balance now. Time alone activates and expires."""
        return active_balance(self.lots, at)

    def expired_in(self, lot_id: int, at: datetime) -> int:
        """What expired unspent in a lot and was not taken back since, in hundredths."""
        return sum(lot.lost(at) for lot in self.lots if lot.id == lot_id)

    def grant(
        self,
        kind: EntryKind,
        points: int,
        *,
        key: str,
        now: datetime,
        activates_at: datetime,
        expires_at: datetime | None,
        rolling_days: int | None = None,
        reason: str | None = None,
        purchase_id: int | None = None,
    ) -> Posting:
        """Add a lot of points; what is owed is repaid from it first."""
        if points <= 0:
            raise ValueError("a grant is positive")
        lot = Lot(None, points, points, activates_at, expires_at, created_at=now, rolling_days=rolling_days)
        posting = Posting(kind, points, key, reason, purchase_id, lot=lot)
        repaid = min(self.debt, points)
        if repaid:
            self._take(posting, lot, repaid)
            self._owe(posting, -repaid)
        self.lots.append(lot)
        return self._post(posting)

    def redeem(
        self,
        points: int,
        *,
        key: str,
        now: datetime,
        purchase_id: int | None,
        reason: str | None = None,
        kind: EntryKind = EntryKind.REDEMPTION,
    ) -> Posting:
        """Spend points from the active lots. Raises PointsNotEnough and then changes nothing."""
        if points <= 0:
            raise ValueError("a redemption is positive")
        available = self.active(now)
        if points > available:
            raise PointsNotEnough(limit=available, wanted=points, step=1)
        posting = Posting(kind, -points, key, reason, purchase_id)
        self._take_in_order(posting, (lot for lot in self.lots if lot.is_active(now)), points)
        return self._post(posting)

    def take_back(
        self,
        points: int,
        *,
        key: str,
        own_lot_id: int | None,
        now: datetime,
        reason: str,
        purchase_id: int | None = None,
        reverses_id: int | None = None,
        kind: EntryKind = EntryKind.REVERSAL,
    ) -> Posting:
        """Take back what was earned: from its own lot, then from the others, then as a debt.

        What expired unspent in its own lot is lost to the customer already and is not taken twice, whether
        its expiry was written by now or not, and also when the lot was given a grace since. Of a lot that was
        moved the one that followed it is the own.
        """
        own_lot_id = self.followers.get(own_lot_id or 0, [own_lot_id])[-1]
        own = [lot for lot in self.lots if lot.id == own_lot_id]
        for lot in own:
            unwritten = lot.remaining if lot.is_expired(now) else 0
            self._unwrite_expiry(lot, points - unwritten, key=f"{key}:expiry")
        posting = Posting(kind, -points, key, reason, purchase_id, reverses_id)
        others = [lot for lot in self.lots if lot.id != own_lot_id and not lot.is_expired(now)]
        missing = self._take_in_order(posting, own, points)
        missing = self._take_in_order(posting, others, missing)
        if missing:
            self._owe(posting, missing)
        return self._post(posting)

    def give_back(
        self,
        draws: Sequence[tuple[int, int]],
        *,
        key: str,
        now: datetime,
        grace: timedelta,
        reason: str,
        purchase_id: int | None = None,
        reverses_id: int | None = None,
    ) -> Posting:
        """Return redeemed points to the lots they came from; ``draws`` is (lot id, points).

        What is owed is repaid first. A lot that expired meanwhile loses its rest and gets a grace. What came from
        lots that were moved comes anew, and lives as long as the longest of them.
        """
        if any(lot_id in self.moved for lot_id, _ in draws):
            anew = self._give_anew(draws, key=key, now=now, grace=grace, reason=reason, purchase_id=purchase_id)
            anew.reverses_id = reverses_id
            return anew
        by_id = {lot.id: lot for lot in self.lots}
        total = sum(points for _, points in draws)
        posting = Posting(EntryKind.REVERSAL, total, key, reason, purchase_id, reverses_id)
        for lot_id, points in draws:
            lot = by_id[lot_id]
            if lot.is_expired(now):
                self.expire_lot(lot, key=f"{key}:expiry:{lot_id}")
                lot.expires_at = now + grace
            self._take(posting, lot, -points)
        repaid = min(self.debt, total)
        if repaid:
            returned = [by_id[lot_id] for lot_id, _ in draws]
            self._take_in_order(posting, returned, repaid)
            self._owe(posting, -repaid)
        return self._post(posting)

    def _give_anew(
        self,
        draws: Sequence[tuple[int, int]],
        *,
        key: str,
        now: datetime,
        grace: timedelta,
        reason: str,
        purchase_id: int | None,
    ) -> Posting:
        ends = [self.moved[lot_id] for lot_id, _ in draws]
        latest = max((end for end in ends if end is not None), default=now)
        return self.grant(
            EntryKind.REVERSAL,
            sum(points for _, points in draws),
            key=key,
            now=now,
            activates_at=now,
            expires_at=None if None in ends else latest if latest > now else now + grace,
            reason=reason,
            purchase_id=purchase_id,
        )

    def forfeit(self, *, key: str, now: datetime, reason: str) -> Posting | None:
        """Take all that could be spent now or later; None for nothing. What expired is the sweep's."""
        lots = [lot for lot in self.lots if lot.remaining and not lot.is_expired(now)]
        points = sum(lot.remaining for lot in lots)
        if not points:
            return None
        posting = Posting(EntryKind.ADJUSTMENT, -points, key, reason)
        self._take_in_order(posting, lots, points)
        return self._post(posting)

    def expire_lot(self, lot: Lot, *, key: str) -> Posting | None:
        """Write off the rest of a lot whose time is over; None when nothing is left in it."""
        if not lot.remaining:
            return None
        posting = Posting(EntryKind.EXPIRY, -lot.remaining, key)
        self._take(posting, lot, lot.remaining)
        return self._post(posting)

    def _unwrite_expiry(self, lot: Lot, points: int, *, key: str) -> None:
        """Put back into a lot what expired in it and was written off, up to ``points``, to be taken at once."""
        for entry_id, written in lot.written_off.items():
            part = min(points, written)
            if part <= 0:
                continue
            posting = Posting(EntryKind.REVERSAL, part, f"{key}:{entry_id}", UNWRITTEN, reverses_id=entry_id)
            lot.written_off[entry_id] -= part
            points -= part
            self._take(posting, lot, -part)
            self._post(posting)

    def _take_in_order(self, posting: Posting, lots: Iterable[Lot], points: int) -> int:
        """Take up to ``points`` in the order of consumption; returns what is missing."""
        for lot in sorted(lots, key=Lot.order):
            part = min(lot.remaining, points)
            if part:
                self._take(posting, lot, part)
                points -= part
        return points

    def _take(self, posting: Posting, lot: Lot, points: int) -> None:
        lot.remaining -= points
        if not 0 <= lot.remaining <= lot.granted:
            raise AssertionError("a lot would leave its bounds")
        posting.draws.append(Draw(lot, points))

    def _owe(self, posting: Posting, points: int) -> None:
        self.debt += points
        posting.debt_change += points

    def _post(self, posting: Posting) -> Posting:
        if not posting.is_balanced() or self.debt < 0:
            raise AssertionError("an unbalanced posting")
        self.postings.append(posting)
        return posting
