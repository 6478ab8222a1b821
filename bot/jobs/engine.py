"""Does what is due in this process: ticks of periodic tasks, and jobs step by step, under leases."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import structlog

from bot.machine import name_of_process
from bot.telegram.safe import where
from core import jobs, schedule
from core.job_kinds import JobLost
from core.services import Services
from core.store.jobs import JobRow

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

SLOTS = 2
"""Jobs that a process works on at the same time."""
_CUT_S = 3.0
_SIGNS = 3
"""Signs of life within the time of a lease."""


class Engine:
    """Ticks and jobs of one process. Its methods never raise for what goes wrong in the work: that is logged,
    noted in the table and tried again."""

    def __init__(self, core: Services) -> None:
        self.owner = f"{name_of_process()}:{secrets.token_hex(4)}"
        self._jobs = core.jobs
        self._schedule = core.schedule
        self._stopping = asyncio.Event()
        self._at_work: set[asyncio.Task[None]] = set()
        self._slots = SLOTS

    async def look(self) -> tuple[list[str], int]:
        """What there is to do: periodic tasks that are due, and how many jobs wait."""
        return await self._schedule.due(), await self._jobs.waiting()

    async def tick(self, name: str, heard_by: str) -> None:
        """See to a periodic task if nobody else does."""
        async with self._counted():
            try:
                await self._tick(name, heard_by)
            except Exception as error:
                self._survive("tick_trouble", error, task=name)

    async def work(self) -> None:
        """Work on jobs until none waits; at once back when this process has its hands full."""
        if not self._slots:
            return
        self._slots -= 1
        try:
            async with self._counted():
                while not self._stopping.is_set() and (job := await self._jobs.claim(self.owner)) is not None:
                    await self._do(job)
        except Exception as error:
            self._survive("job_trouble", error)
        finally:
            self._slots += 1

    def request_stop(self) -> None:
        """Begin nothing more; a job ends after the step in work, and another worker goes on with it."""
        self._stopping.set()

    async def drain(self, seconds: float) -> None:
        """Wait for what is in work. What takes longer is cut off and is another worker's at once."""
        if self._at_work:
            _, late = await asyncio.wait(self._at_work, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                log.warning("work_cut_off", tasks=len(late))
                await asyncio.wait(late, timeout=_CUT_S)

    async def _tick(self, name: str, heard_by: str) -> None:
        tick = None if self._stopping.is_set() else await self._schedule.claim(name, self.owner)
        if tick is None:
            return
        try:
            async with _alive(schedule.LEASE, partial(self._schedule.keep, tick)):
                await self._schedule.run(tick)
        except asyncio.CancelledError:
            await self._schedule.release(tick)
            raise
        except Exception as error:
            self._survive("tick_failed", error, task=name)
            await self._schedule.failed(tick, error)
        else:
            log.info("tick_done", task=name, tick=tick.id, heard_by=heard_by)

    async def _do(self, job: JobRow) -> None:
        log.info("job_taken", job=job.id, kind=job.kind, done=job.done)
        stands: JobRow | None = job
        try:
            async with _alive(jobs.LEASE, partial(self._jobs.keep, job, self.owner)):
                while stands is not None:
                    job = stands
                    if self._stopping.is_set():
                        await self._jobs.release(job, self.owner)
                        return
                    stands = await self._jobs.step(job, self.owner)
            log.info("job_done", job=job.id, kind=job.kind)
        except JobLost:
            log.info("job_lost", job=job.id, kind=job.kind)
        except asyncio.CancelledError:
            await self._jobs.release(job, self.owner)
            raise
        except Exception as error:
            self._survive("job_failed", error, job=job.id, kind=job.kind)
            await self._jobs.failed(job, self.owner, error)

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("work outside of a task")
        self._at_work.add(task)
        try:
            yield
        finally:
            self._at_work.discard(task)

    def _survive(self, event: str, error: Exception, **more: object) -> None:
        # No texts of errors: they may quote what the work was about.
        log.warning(event, error=type(error).__name__, where=where(error), **more)


@asynccontextmanager
async def _alive(lease: timedelta, keep: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
    """Give signs of life while the work goes on."""
    ended = asyncio.Event()

    async def beat() -> None:
        while True:
            try:
                async with asyncio.timeout(lease.total_seconds() / _SIGNS):
                    await ended.wait()
                return
            except TimeoutError:
                try:
                    await keep()
                except Exception as error:
                    log.warning("no_sign_of_life", error=type(error).__name__)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        ended.set()
        await beating
