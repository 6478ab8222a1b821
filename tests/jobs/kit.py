"""Workers in this process: each with verbs of its own on the open database, as separate processes have."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from bot.jobs.keeping import Timekeeper
from core.deps import Deps
from core.domain.schedule import Every
from core.job_kinds import JobKind, Step, Work
from core.schedule import Periodic
from core.services import Services

WAIT_S = 180.0
NOWHERE = "redis://127.0.0.1:1/0"
"""Nobody listens there."""


@dataclass
class Worker:
    """A timekeeper with a periodic task ("tea", every minute) and a kind of job ("count")."""

    core: Services
    keeper: Timekeeper
    ticks: list[datetime] = field(default_factory=list)
    steps: int = 0
    at_step: Callable[[Work], Awaitable[None]] | None = None

    async def tea(self, now: datetime) -> None:
        self.ticks.append(now)

    async def count(self, work: Work) -> Step:
        self.steps += 1
        if self.at_step is not None:
            await self.at_step(work)
        done = work.done + 1
        return Step(None if done == work.input["count"] else done, done)


def worker(deps: Deps, redis_url: str | None, *, poll_s: float = 1000.0) -> Worker:
    """A worker that is not yet running. Only the tests' own periodic task is registered."""
    core = Services.of(deps)
    core.schedule.tasks.clear()
    made = Worker(core, Timekeeper(core, redis_url, poll_s=poll_s))
    core.schedule.register(Periodic("tea", Every(60), made.tea))
    core.jobs.register(JobKind("count", made.count))
    return made


@asynccontextmanager
async def at_work(*workers: Worker) -> AsyncIterator[None]:
    """Run them, and stop them in the end."""
    async with asyncio.TaskGroup() as tasks:
        for each in workers:
            tasks.create_task(each.keeper.run())
        try:
            yield
        finally:
            for each in workers:
                each.keeper.request_stop()


async def until(condition: Callable[[], Awaitable[bool]] | Callable[[], bool]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.05)
