"""What a customer sees of their points: the balance, what comes, what goes, and the history."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.actors import CustomerActor, StaffActor
from core.deps import Deps
from core.domain.ladder import Turnover
from core.domain.people import Right
from core.domain.points import worth
from core.domain.rules import Metrics
from core.domain.standing import Follows, follows, terms_of
from core.nth import NthProgress, progress
from core.store import offers, programmes, reads
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
    """Points in hundredths, ``worth`` in minor units; ``debt`` is repaid by what is earned next.

    The percents are the customer's own: their level's, or the programme's. ``nth`` tells how far the gift of the
    N-th purchase is.
    """

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
    follows: Follows
    nth: NthProgress | None = None
    has_gifts: bool = False
    has_offers: bool = False


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
        """The balance now: one statement, however long the history is, and one more for every N-th gift."""
        now = self.deps.clock.now()
        rows = await reads.balance(actor.id, now, now + EXPIRES_SOON)
        programme = programmes.programme_of(rows[0]["settings"])
        whose = rows[0]
        turnover = Turnover(whose["sold"] or 0, whose["paid"] or 0, whose["visits"] or 0)
        metrics = Metrics(turnover, moment_or_none(whose["last_visit_at"]), now)
        terms = terms_of(programme, metrics)
        points = sum(int(row["points"] or 0) for row in rows if row["pending_at"] is None)
        return Balance(
            points,
            worth(points, programme.point_worth),
            rows[0]["debt"] or 0,
            _portions(rows, "pending_at"),
            _portions(rows, "expiring_at"),
            programme.currency,
            programme.point_worth,
            programme.accrual_percent if terms.accrual_percent is None else terms.accrual_percent,
            programme.redemption_share if terms.redemption_share is None else terms.redemption_share,
            programme.status_on,
            follows(programme, metrics),
            await progress(programme, actor.id),
            bool(programme.gifts_for_points),
            programme.status_on and await offers.any_live(now),
        )

    async def history(self, actor: CustomerActor, page: int = 0) -> HistoryPage:
        """One page of one's own operations; a page that is not there gives the nearest one."""
        return await self._history(actor.id, page)

    async def history_for_till(self, actor: StaffActor, customer_id: int, page: int = 0) -> HistoryPage:
        """The same for the till."""
        actor.require(Right.SERVE)
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


def _portions(rows: list[dict[str, Any]], moments: str) -> tuple[Portion, ...]:
    """The points with such a moment, the soonest first, as they were read."""
    return tuple(Portion(int(row["points"]), moment(row[moments])) for row in rows if row[moments] is not None)
