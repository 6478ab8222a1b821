"""A process's share of the periodic work and the jobs: it listens to the queue, and looks by itself as well."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from taskiq import AsyncBroker, InMemoryBroker
from taskiq.acks import AcknowledgeType
from taskiq.receiver import Receiver

from bot.jobs.beats import give_beats
from bot.jobs.engine import SLOTS, Engine
from bot.jobs.queue import LOOK, TICK, WORK, build_queue
from core.services import Services

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

POLL_S = 30.0
"""Seconds between a process's own looks: what is due begins within a minute without Redis, too."""
EAGER_S = 1.0
"""Seconds between looks that the bell asks for."""
DRAIN_S = 10.0
_AT_ONCE = 20


class Timekeeper:
    """Does periodic work and jobs until it is stopped. With ``redis_url`` the calls come by its stream, and
    `python -m bot clock` gives the beat; without it this process does all by itself."""

    def __init__(self, core: Services, redis_url: str | None, *, poll_s: float = POLL_S) -> None:
        self.engine = Engine(core)
        self._queue = build_queue(redis_url)
        self._poll_s = poll_s
        self._stopping = asyncio.Event()
        self._kicked = asyncio.Event()
        self._direct: set[asyncio.Task[None]] = set()
        self._register()

    def _register(self) -> None:
        async def look() -> None:
            await self._pass_on()

        async def tick(name: str) -> None:
            await self.engine.tick(name, "queue")

        async def work() -> None:
            await self.engine.work()

        self._tasks = {
            name: self._queue.register_task(function, task_name=name)
            for name, function in ((LOOK, look), (TICK, tick), (WORK, work))
        }

    async def kick(self) -> None:
        """Something was just written: perhaps a job. Waits for nobody."""
        self._kicked.set()

    def request_stop(self) -> None:
        """Make ``run`` end once what is in work has ended."""
        self._stopping.set()
        self._kicked.set()
        self.engine.request_stop()

    async def run(self) -> None:
        """Listen and look until a stop is requested, then let what is in work end."""
        await self._queue.startup()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                tasks.create_task(self._poll())
                await self._stopping.wait()
                await self.engine.drain(DRAIN_S)
        finally:
            if isinstance(self._queue, InMemoryBroker):
                await self._queue.wait_all()
            await self._queue.shutdown()

    async def _listen(self) -> None:
        if isinstance(self._queue, InMemoryBroker):
            await give_beats(self._queue, self._stopping)
        else:
            await _receive(self._queue, self._stopping)

    async def _pass_on(self) -> None:
        """Look what is due, and call for each: any worker may hear it."""
        try:
            due, jobs = await self.engine.look()
            for name in due:
                await self._tasks[TICK].kiq(name)
            for _ in range(min(jobs, SLOTS)):
                await self._tasks[WORK].kiq()
        except Exception as error:
            log.warning("look_failed", error=type(error).__name__)

    async def _poll(self) -> None:
        """Look now and then without any queue, and when the bell rings."""
        while not self._stopping.is_set():
            rung = await self._rest()
            if self._stopping.is_set():
                return
            try:
                due, jobs = await self.engine.look()
            except Exception as error:
                log.warning("look_failed", error=type(error).__name__)
                continue
            for name in () if rung else due:
                self._begin(self.engine.tick(name, "poll"))
            for _ in range(min(jobs, SLOTS)):
                self._begin(self.engine.work())
            if rung:
                await asyncio.sleep(EAGER_S)

    async def _rest(self) -> bool:
        """Wait for the bell or the next look; whether it was the bell."""
        try:
            async with asyncio.timeout(self._poll_s):
                await self._kicked.wait()
        except TimeoutError:
            return False
        self._kicked.clear()
        return True

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._direct.add(task)
        task.add_done_callback(self._direct.discard)


async def _receive(queue: AsyncBroker, stopping: asyncio.Event) -> None:
    """Take calls from the stream until a stop."""
    queue.is_worker_process = True
    with ThreadPoolExecutor(max_workers=1) as executor:
        receiver = Receiver(
            queue,
            executor,
            run_startup=False,
            max_async_tasks=_AT_ONCE,
            ack_type=AcknowledgeType.WHEN_RECEIVED,
            wait_tasks_timeout=DRAIN_S,
        )
        await receiver.listen(stopping)
