"""What an account is made of: lots of points, and the entries that grant them and draw from them. Hundredths."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


class EntryKind(enum.StrEnum):
    """What changed a customer's points."""

    ACCRUAL = "accrual"
    REDEMPTION = "redemption"
    EXPIRY = "expiry"
    REVERSAL = "reversal"
    ADJUSTMENT = "adjustment"
    GIFT = "gift"


@dataclass(slots=True)
class Lot:
    """Points that came together. ``id`` is None until it is written; 0 <= remaining <= granted.

    ``rolling_days``: each purchase moves ``expires_at`` so many days ahead. ``written_off`` is what entries of
    expiry took and is not put back, by their ids: several, when points were given back with a grace and expired.
    """

    id: int | None
    granted: int
    remaining: int
    activates_at: datetime
    expires_at: datetime | None
    created_at: datetime
    entry_id: int | None = None
    rolling_days: int | None = None
    written_off: dict[int, int] = field(default_factory=dict)

    def is_active(self, at: datetime) -> bool:
        return self.activates_at <= at and not self.is_expired(at)

    def is_expired(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at

    def lost(self, at: datetime) -> int:
        """What expired in it unspent, whether that was written off by now or not."""
        return sum(self.written_off.values()) + (self.remaining if self.is_expired(at) else 0)

    def order(self) -> tuple[bool, float, datetime, int]:
        """Redemption takes the soonest to expire first, then the oldest."""
        soonest = self.expires_at.timestamp() if self.expires_at else 0.0
        return (self.expires_at is None, soonest, self.created_at, self.id or 0)


@dataclass(frozen=True, slots=True)
class Draw:
    """Points taken from a lot by an entry; negative when given back."""

    lot: Lot
    points: int


@dataclass(slots=True)
class Posting:
    """One entry to write: its signed points, its lot and draws, and what it adds to the debt.

    Always ``points == granted - sum(draws) - debt_change``.
    """

    kind: EntryKind
    points: int
    key: str
    reason: str | None = None
    purchase_id: int | None = None
    reverses_id: int | None = None
    lot: Lot | None = None
    draws: list[Draw] = field(default_factory=list)
    debt_change: int = 0

    def is_balanced(self) -> bool:
        granted = self.lot.granted if self.lot else 0
        return self.points == granted - sum(draw.points for draw in self.draws) - self.debt_change


def active_balance(lots: Iterable[Lot], at: datetime) -> int:
    """What is left in lots with ``activates_at <= at < expires_at``, in hundredths."""
    return sum(lot.remaining for lot in lots if lot.is_active(at))
