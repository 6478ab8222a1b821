"""What a customer sees of their points: the balance, what comes, what goes, and the history."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.actors import CustomerActor, StaffActor
from core.deps import Deps
from core.domain.account import Lot, active_balance
from core.domain.people import Role
from core.domain.points import worth
from core.store import programmes, reads
from core.store.sql import moment, moment_or_none

EXPIRES_SOON = timedelta(days=30)
PAGE = 10


@dataclass(frozen=True, slots=True)
class Portion:
    """Points with the moment when they activate or expire."""

    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """Points in hundredths, ``worth`` in minor units; ``debt`` is repaid by what is earned next."""

    points: int
    worth: int
    debt: int
    pending: tuple[Portion, ...]
    expiring: tuple[Portion, ...]
    currency: str
    point_worth: int
    accrual_percent: int
    redemption_share: int
    programme_on: bool


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One operation. ``kind`` is the entry's, ``reason`` says more; ``subtotal`` of its purchase."""

    kind: str
    points: int
    reason: str | None
    at: datetime
    branch_name: str | None
    time_zone: str | None
    subtotal: int | None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Operations, newest first; pages count from 0."""

    lines: tuple[HistoryLine, ...]
    page: int
    pages: int
    currency: str


@dataclass(frozen=True, slots=True)
class Balances:
    """Reading points."""

    deps: Deps

    async def open(self, actor: CustomerActor) -> Balance:
        """The balance now: two statements, however long the history is."""
        programme = (await programmes.in_force()).programme
        now = self.deps.clock.now()
        rows = await reads.balance(actor.id)
        lots = [_lot(row, now) for row in rows if row["remaining"] is not None]
        points = active_balance(lots, now)
        return Balance(
            points,
            worth(points, programme.point_worth),
            rows[0]["debt"] if rows else 0,
            _gathered([(lot.activates_at, lot.remaining) for lot in lots if lot.activates_at > now]),
            _gathered(
                [
                    (lot.expires_at, lot.remaining)
                    for lot in lots
                    if lot.expires_at and lot.is_active(now) and lot.expires_at - now <= EXPIRES_SOON
                ]
            ),
            programme.currency,
            programme.point_worth,
            programme.accrual_percent,
            programme.redemption_share,
            programme.status_on,
        )

    async def history(self, actor: CustomerActor, page: int = 0) -> HistoryPage:
        """One page of one's own operations; a page that is not there gives the nearest one."""
        return await self._history(actor.id, page)

    async def history_for_till(self, actor: StaffActor, customer_id: int, page: int = 0) -> HistoryPage:
        """The same for the till."""
        actor.require(Role.CASHIER)
        return await self._history(customer_id, page)

    async def _history(self, customer_id: int, page: int) -> HistoryPage:
        size = await reads.history_size(customer_id)
        pages = max(1, -(-size // PAGE))
        page = min(max(0, page), pages - 1)
        rows = await reads.history(customer_id, page * PAGE, PAGE)
        lines = tuple(
            HistoryLine(
                row["kind"],
                row["points"],
                row["reason"],
                row["created_at"],
                row["branch_name"],
                row["time_zone"],
                row["subtotal"],
            )
            for row in rows
        )
        return HistoryPage(lines, page, pages, (await programmes.in_force()).programme.currency)


def _lot(row: dict[str, Any], now: datetime) -> Lot:
    return Lot(
        None,
        row["remaining"],
        row["remaining"],
        moment(row["activates_at"]),
        moment_or_none(row["expires_at"]),
        now,
    )


def _gathered(parts: list[tuple[datetime, int]]) -> tuple[Portion, ...]:
    """Sums by moment, the soonest first."""
    sums: dict[datetime, int] = {}
    for at, points in parts:
        sums[at] = sums.get(at, 0) + points
    return tuple(Portion(points, at) for at, points in sorted(sums.items()))
