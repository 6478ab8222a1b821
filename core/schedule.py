"""Periodic work: an area registers what is to be done and when; each due moment is seen to exactly once.

Only the newest due moment counts: after three days without a worker a task runs once, not once for each hour.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.deps import Deps
from core.domain.schedule import When
from core.store import ticks

LEASE = timedelta(seconds=60)
"""After this time without a sign of life a tick is anybody's."""
PAUSE = timedelta(seconds=30)
"""Before a tick that failed is tried again."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """A periodic task. ``run`` gets the moment it begins at; it must be safe to run twice, in transactions
    of its own that are short."""

    name: str
    when: When
    run: Callable[[datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tick:
    """A due moment in this worker's hands."""

    id: int
    task: Periodic
    owner: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """The registered tasks, and taking what is due."""

    deps: Deps
    tasks: dict[str, Periodic] = field(default_factory=dict)

    def register(self, task: Periodic) -> None:
        """Make a task known. Areas do it when they are wired."""
        if task.name in self.tasks:
            raise ValueError(f"two periodic tasks are called {task.name}")
        self.tasks[task.name] = task

    def due_at(self, name: str) -> datetime:
        """The newest moment up to now at which a task was due, by the merchant's clocks."""
        return self.tasks[name].when.last_due(self.deps.clock.now(), self.deps.time_zone)

    async def due(self) -> list[str]:
        """Tasks whose newest due moment nobody has seen to or has in hand: one statement."""
        return await ticks.open_ones({name: self.due_at(name) for name in self.tasks}, self.deps.clock.now())

    async def claim(self, name: str, owner: str) -> Tick | None:
        """Take a task's newest due moment; None when there is nothing to do, or another has it."""
        task = self.tasks.get(name)
        if task is None:
            return None
        taken = await ticks.claim(name, self.due_at(name), owner, self.deps.clock.now(), LEASE)
        return None if taken is None else Tick(taken, task, owner)

    async def run(self, tick: Tick) -> None:
        """Do it and note it as done. What the task raises is raised, for ``failed``."""
        await tick.task.run(self.deps.clock.now())
        await ticks.finish(tick.id, tick.owner, self.deps.clock.now())

    async def keep(self, tick: Tick) -> bool:
        """A sign of life; False when the tick is no longer this worker's."""
        return await ticks.keep(tick.id, tick.owner, self.deps.clock.now() + LEASE)

    async def failed(self, tick: Tick, error: BaseException) -> None:
        """Have it tried again after a pause."""
        await ticks.put_back(tick.id, tick.owner, self.deps.clock.now() + PAUSE, type(error).__name__)

    async def release(self, tick: Tick) -> None:
        """Hand it back, for a worker that ends: another one begins it again at once."""
        await ticks.put_back(tick.id, tick.owner, self.deps.clock.now(), None)
