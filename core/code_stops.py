"""Codes that nobody enters: somebody may be making the merchant pay for SMS. They stop by themselves.

Codes asked for in the customer bot and at the till are judged apart, so that strangers can't stop the till.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import StaffActor
from core.alerts import raise_alert, settle_alert
from core.deps import Deps
from core.domain.people import Role
from core.domain.schedule import Every
from core.schedule import Periodic, Schedule
from core.store import audit, sms_money
from core.store.transactions import run_in_transaction

EVERY_S = 60
ORIGINS = ("bot", "till")
NEWEST = 50
FEWEST = 30
"""Fewer codes prove nothing."""
LEAST_PERCENT = 20
WINDOW = timedelta(days=1)
TIME_TO_TYPE = timedelta(minutes=2)
"""A younger code may still be on its way or being typed."""


@dataclass(frozen=True, slots=True)
class CodeStops:
    """Watching how many codes are entered."""

    deps: Deps
    schedule: Schedule

    def __post_init__(self) -> None:
        self.schedule.register(Periodic("code_stops", Every(EVERY_S), self.judge))

    async def judge(self, now: datetime) -> None:
        """Stop the codes of each origin of whose newest ones fewer than a fifth were ever entered."""
        for origin in ORIGINS:
            sent, entered = await sms_money.entered(origin, now - WINDOW, now - TIME_TO_TYPE, NEWEST)
            if sent >= FEWEST and entered * 100 < sent * LEAST_PERCENT:
                await self._stop(origin, sent, entered, now)

    async def _stop(self, origin: str, sent: int, entered: int, now: datetime) -> None:
        async def work() -> None:
            if await sms_money.stop(origin, now):
                data = {"origin": origin, "sent": sent, "entered": entered}
                await raise_alert(_kind(origin), data, now)
                await audit.note(
                    "sms.stopped", "sms", None, actor_kind="system", actor_id=None, now=now, after=data
                )

        await run_in_transaction(work)

    async def resume(self, actor: StaffActor, origin: str) -> bool:
        """Send codes again, judged anew from now on. False when they were not stopped. Raises NotAllowed."""
        actor.require(Role.OWNER)
        if origin not in ORIGINS:
            return False

        async def work() -> bool:
            now = self.deps.clock.now()
            resumed = await sms_money.resume(origin, now)
            if resumed:
                await settle_alert(_kind(origin), now)
                await audit.note(
                    "sms.resumed", "sms", None, actor_kind="staff", actor_id=actor.id, now=now,
                    after={"origin": origin},
                )  # fmt: skip
            return resumed

        return await run_in_transaction(work)


def _kind(origin: str) -> str:
    return f"codes_not_entered:{origin}"
