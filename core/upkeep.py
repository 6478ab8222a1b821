"""Forgetting what the database keeps needlessly: marks, dead codes and dialogues, old ticks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.deps import Deps
from core.domain.schedule import Every
from core.schedule import Periodic, Schedule
from core.store import pace, ticks, upkeep
from core.store.transactions import run_in_transaction

EVERY_S = 3600
TICKS_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The hourly clean-up."""

    deps: Deps
    schedule: Schedule

    def __post_init__(self) -> None:
        self.schedule.register(Periodic("upkeep", Every(EVERY_S), self.clean))

    async def clean(self, now: datetime) -> None:
        """Drop what is old, batch by batch. Safe to run twice, and beside itself."""
        for table in upkeep.kinds():
            while await run_in_transaction(lambda table=table: upkeep.drop_old(table, now)):  # type: ignore[misc]
                continue
        await ticks.forget(now - TICKS_KEPT)
        await pace.forget()
