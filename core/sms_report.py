"""What messages cost the merchant and how many SMS Telegram spares: today and over 30 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.actors import StaffActor
from core.deps import Deps
from core.domain.local_days import day_begins
from core.domain.people import Role
from core.domain.programme import Programme
from core.domain.topics import TOPICS, choice
from core.sms_budget import SmsBudget
from core.store import alerts, programmes, sms_gateways, sms_money, sms_report
from core.store.alerts import AlertRow
from core.store.sms_gateways import GatewayRow
from core.store.sms_report import Told

DAYS = 30


@dataclass(frozen=True, slots=True)
class Period:
    """Messages to customers of a time. ``cost`` is in minor units; ``spared`` is the share, in basis points, of
    those that would have gone by SMS and went by Telegram, None where there were none of either."""

    telegram: int
    sms: int
    delivered: int
    failed: int
    cost: int
    spared: int | None


@dataclass(frozen=True, slots=True)
class SmsReport:
    """Both times, the budget in minor units and what is left of it, the gateways, where codes are stopped, and
    what the owner has to see to."""

    today: Period
    month: Period
    budget: int
    left: int
    gateways: tuple[GatewayRow, ...]
    stopped: tuple[str, ...]
    alerts: tuple[AlertRow, ...]


@dataclass(frozen=True, slots=True)
class SmsReports:
    """Reading the figures of messages."""

    deps: Deps
    budget: SmsBudget

    async def look(self, actor: StaffActor) -> SmsReport:
        """The owner's figures. Raises NotAllowed."""
        actor.require(Role.OWNER)
        programme = (await programmes.in_force()).programme
        today = self.budget.day_of(self.deps.clock.now())
        first = today - timedelta(days=DAYS - 1)
        spent = await sms_money.spent(today)
        return SmsReport(
            await self._period(today, spent, programme),
            await self._period(first, await sms_money.spent_since(first), programme),
            programme.sms_daily_budget,
            max(0, programme.sms_daily_budget - spent),
            tuple(await sms_gateways.gateways()),
            tuple(await sms_money.stops()),
            tuple(await alerts.going_on()),
        )

    async def _period(self, first: date, cost: int, programme: Programme) -> Period:
        since = day_begins(first, self.deps.time_zone)
        rows = await sms_report.told(since)
        failed = await sms_report.never_left(since)
        return period_of(rows, failed, cost, programme)


def period_of(rows: Sequence[Told], never_left: int, cost: int, programme: Programme) -> Period:
    """The figures of what left, and of ``never_left`` SMS that no gateway took."""

    def count(channel: str, *states: str) -> int:
        return sum(row.messages for row in rows if row.channel == channel and (not states or row.state in states))

    sms = count("sms")
    by_telegram = sum(
        row.messages
        for row in rows
        if row.channel == "telegram" and row.topic in TOPICS and choice(programme, row.topic).sms
    )
    either = sms + by_telegram
    return Period(
        telegram=count("telegram"),
        sms=sms,
        delivered=count("sms", "delivered"),
        failed=count("sms", "failed") + never_left,
        cost=cost,
        spared=by_telegram * 10_000 // either if either else None,
    )
