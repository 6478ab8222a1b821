"""The money for SMS of one of the merchant's days: taken before a message leaves, so that no worker overspends.

What may be spent is ``sms_daily_budget``; codes and registration links may spend all of it, everything else stops
while ``sms_code_share`` of it is left. A message that surely did not go gives its money back.
"""

from dataclasses import dataclass
from datetime import date, datetime

from core.alerts import raise_alert, settle_alert
from core.deps import Deps
from core.domain.local_days import day_begins, local_day
from core.domain.money import BASIS
from core.domain.programme import Programme
from core.domain.topics import topic_of
from core.store import alerts, programmes, sms_money
from core.store.alerts import AlertRow
from core.store.transactions import run_in_transaction

MARKS = (50, 80, 100)
"""Percents of the budget at which the owner is told."""
BUDGET, STOPPED, LEASE_LOST = "budget", "stopped", "lease_lost"
"""Why a message may not go."""
WITHHELD = frozenset({BUDGET, STOPPED})
"""Reasons that are the merchant's own, no gateway's."""


@dataclass(frozen=True, slots=True)
class Expense:
    """A message that is about to be sent in ``parts``; ``worker`` claimed it.

    ``origin`` is where it was asked for: bot, till, or None for what nobody waits for.
    """

    message_id: int
    worker: str | None
    topic: str
    parts: int
    origin: str | None


def is_code(topic: str) -> bool:
    """Whether a topic may spend the part of the budget that is kept for codes."""
    return topic_of(topic).priority == 0


def most(programme: Programme, topic: str) -> int:
    """Up to which sum of a day a topic may spend, in minor units."""
    if is_code(topic):
        return programme.sms_daily_budget
    return programme.sms_daily_budget * (BASIS - programme.sms_code_share) // BASIS


@dataclass(frozen=True, slots=True)
class SmsBudget:
    """Taking, setting right and giving back the money of messages."""

    deps: Deps

    def day_of(self, now: datetime) -> date:
        """The merchant's day."""
        return local_day(now, self.deps.time_zone)

    async def left(self, topic: str, at: datetime) -> int:
        """What a topic may still spend of the day of that moment, in minor units."""
        programme = (await programmes.in_force()).programme
        return max(0, most(programme, topic) - await sms_money.spent(self.day_of(at)))

    async def reserve(self, expense: Expense, gateway: str) -> str | None:
        """Take the money for a message before it goes by ``gateway``; why it may not go, else None.

        What was taken for it before stays taken, and is not taken twice.
        """

        async def work() -> str | None:
            now = self.deps.clock.now()
            before = await sms_money.booked(expense.message_id, expense.worker)
            if before is None:
                return LEASE_LOST
            if is_code(expense.topic) and expense.origin and await sms_money.is_stopped(expense.origin):
                return STOPPED
            if before.day is None and not await self._take(expense, now):
                return BUDGET
            await sms_money.note_gateway(expense.message_id, gateway)
            return None

        return await run_in_transaction(work)

    async def _take(self, expense: Expense, now: datetime) -> bool:
        programme = (await programmes.in_force()).programme
        day, cost = self.day_of(now), expense.parts * programme.sms_price
        spent = await sms_money.take(day, cost, most(programme, expense.topic))
        if spent is None:
            if is_code(expense.topic):
                await self._reached(100, programme.sms_daily_budget, now)
            return False
        await sms_money.book(expense.message_id, cost, day)
        await self._look_at_marks(programme, spent - cost, spent, now)
        return True

    async def book(self, message_id: int, cost: int | None) -> None:
        """Set right what a message costs; None: the gateway does not say, what was taken stands."""

        async def work() -> None:
            before = await sms_money.booked(message_id)
            if before is None or before.day is None or cost is None or cost == before.cost:
                return
            by = cost - (before.cost or 0)
            spent = await sms_money.shift(before.day, by)
            await sms_money.book(message_id, cost, before.day)
            now = self.deps.clock.now()
            if before.day == self.day_of(now):
                programme = (await programmes.in_force()).programme
                await self._look_at_marks(programme, spent - by, spent, now)

        await run_in_transaction(work)

    async def give_back(self, message_id: int) -> None:
        """A message surely did not go: its money is free again."""

        async def work() -> None:
            before = await sms_money.booked(message_id)
            if before is None or before.day is None:
                return
            await sms_money.shift(before.day, -(before.cost or 0))
            await sms_money.book(message_id, None, None)

        await run_in_transaction(work)

    async def begin_day(self, now: datetime) -> None:
        """End alerts without a word that are of another day, or of a budget that was raised since."""
        day = self.day_of(now)
        midnight = day_begins(day, self.deps.time_zone)
        budget = (await programmes.in_force()).programme.sms_daily_budget
        for alert in await alerts.going_on():
            if not alert.kind.startswith("budget:"):
                continue
            is_raised = _is_of_another(alert, budget) and (
                await sms_money.spent(day) * 100 < alert.data["percent"] * budget
            )
            if alert.began_at < midnight or is_raised:
                await settle_alert(alert.kind, now, quietly=True)

    async def _look_at_marks(self, programme: Programme, before: int, after: int, now: datetime) -> None:
        budget = programme.sms_daily_budget
        for mark in MARKS:
            if before * 100 < mark * budget <= after * 100:
                await self._reached(mark, budget, now)

    async def _reached(self, mark: int, budget: int, now: datetime) -> None:
        await self.begin_day(now)
        kind = f"budget:{mark}"
        if any(each.kind == kind and _is_of_another(each, budget) for each in await alerts.going_on()):
            await settle_alert(kind, now, quietly=True)
        await raise_alert(kind, {"percent": mark, "budget": budget}, now)


def _is_of_another(alert: AlertRow, budget: int) -> bool:
    """Whether an alert told of another budget than the one that stands."""
    return bool(alert.data["budget"] != budget)
