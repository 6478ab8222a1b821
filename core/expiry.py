"""The entries of points that expired. Time alone expires them; what is written here changes no balance."""

from dataclasses import dataclass
from datetime import datetime

from core.deps import Deps
from core.domain.schedule import Every
from core.schedule import Periodic, Schedule
from core.store import expiry
from core.store.transactions import run_in_transaction

BATCH = 5000
"""Lots of one transaction: a fraction of a second on PostgreSQL, during which their customers wait."""
EVERY_S = 600


@dataclass(frozen=True, slots=True)
class Expiries:
    """Sweeping up expired lots."""

    deps: Deps
    schedule: Schedule

    def __post_init__(self) -> None:
        self.schedule.register(Periodic("expiry", Every(EVERY_S), self.sweep_at))

    async def sweep(self) -> int:
        """Write off all that has expired by now; how many lots it were. Safe to run twice, and beside itself.

        Customers who are in the middle of a sale are left to the next sweep.
        """
        return await self._sweep(self.deps.clock.now())

    async def sweep_at(self, now: datetime) -> None:
        """The same as a periodic task."""
        await self._sweep(now)

    async def _sweep(self, now: datetime) -> int:
        swept = 0
        while batch := await run_in_transaction(lambda: expiry.write_off(now, BATCH)):
            swept += batch
        return swept
