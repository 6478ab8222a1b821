"""Alerts to the owners in the staff bot: told once when something begins and once when it is over.

A kind is a name, or ``name:which`` where several of it may go on at once: ``gateway_down:smsaero``. Its text is
the template ``notice/alert_<name>``, which gets ``data``, ``over`` and ``which``. Kinds:

- ``gateway_down:<gateway>`` (reason), ``money_short:<gateway>`` (balance, low)
- ``budget:50``, ``budget:80``, ``budget:100`` (percent, budget), for the merchant's day
- ``codes_not_entered:<bot|till>`` (sent, entered): codes asked for there are stopped
- ``queue_old`` (minutes, messages), ``ledger_broken`` (rules, rows)
- ``text_failed:<template>.<language>`` (template, language, channel): an override that could not be rendered
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.deps import Deps
from core.domain.people import Role
from core.domain.schedule import Every
from core.domain.topics import TOPICS
from core.schedule import Periodic, Schedule
from core.store import alerts, health, outbox, staff
from core.store.alerts import AlertRow
from core.store.transactions import run_in_transaction

AT_MOST_EVERY = timedelta(hours=1)
"""A kind that comes and goes is told so often."""
LONGEST_KIND = 48
EVERY_S = 60
OLD = timedelta(minutes=5)
"""A message that is due for longer is late; campaigns take their time."""


async def raise_alert(kind: str, data: dict[str, Any], now: datetime) -> None:
    """Tell every owner that something begins. What goes on already is not told again; what was told within the
    hour is told when the hour is over, should it still go on. Joins the caller's transaction."""

    async def work() -> None:
        begun = await alerts.begin(kind[:LONGEST_KIND], data, now)
        if begun is not None and (begun.told_at is None or now - begun.told_at >= AT_MOST_EVERY):
            await _tell_beginning(begun, now)

    await run_in_transaction(work)


async def settle_alert(kind: str, now: datetime, *, quietly: bool = False) -> None:
    """Tell every owner that it is over, if its beginning was told. ``quietly``: end it without a word."""

    async def work() -> None:
        ended = await alerts.end(kind[:LONGEST_KIND], now)
        if ended is not None and ended.is_told and not quietly:
            await _tell(ended, now, over=True)

    await run_in_transaction(work)


async def _tell_beginning(alert: AlertRow, now: datetime) -> None:
    await alerts.mark_told(alert.kind, now)
    await _tell(alert, now, over=False)


async def _tell(alert: AlertRow, now: datetime, *, over: bool) -> None:
    name, _, which = alert.kind.partition(":")
    drafts = [
        outbox.Draft(
            topic="alert",
            channel="telegram",
            bot="staff",
            chat_id=account["telegram_id"],
            template=f"notice/alert_{name}",
            language=account["language"],
            dedupe_key=f"alert:{alert.kind}:{int(now.timestamp())}:{account['telegram_id']}:{int(over)}",
            priority=TOPICS["alert"].priority,
            data={"over": over, "which": which, **alert.data},
        )
        for account in await staff.accounts((Role.OWNER.value,))
    ]
    await outbox.enqueue(drafts, now)


@dataclass(frozen=True, slots=True)
class Alerts:
    """Watching what the database alone shows, and telling what had to wait."""

    deps: Deps
    schedule: Schedule

    def __post_init__(self) -> None:
        self.schedule.register(Periodic("alerts", Every(EVERY_S), self.watch))

    async def watch(self, now: datetime) -> None:
        """Look for messages that are late, and tell of what still goes on an hour after it was last told."""
        late = await health.late_messages(now - OLD)
        if late.messages:
            minutes = int((now - late.since).total_seconds() // 60)
            await raise_alert("queue_old", {"messages": late.messages, "minutes": minutes}, now)
        else:
            await settle_alert("queue_old", now)

        async def work() -> None:
            for alert in await alerts.untold(now - AT_MOST_EVERY):
                await _tell_beginning(alert, now)

        await run_in_transaction(work)

    async def going_on(self) -> list[AlertRow]:
        """What the owner has to see to now, the oldest first."""
        return await alerts.going_on()
