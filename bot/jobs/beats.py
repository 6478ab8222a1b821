"""The beat: every few seconds somebody is called to look what is due. taskiq's scheduler gives it."""

import asyncio
from datetime import timedelta

from taskiq import AsyncBroker, ScheduledTask, ScheduleSource, TaskiqScheduler
from taskiq.cli.scheduler.run import SchedulerLoop

from bot.ending import end
from bot.jobs.queue import LOOK

BEAT_S = 5
SEND_S = 10.0


class _Beat(ScheduleSource):
    async def get_schedules(self) -> list[ScheduledTask]:
        return [ScheduledTask(task_name=LOOK, labels={}, args=[], kwargs={}, schedule_id=LOOK, interval=BEAT_S)]


class _Quiet(TaskiqScheduler):
    """Sends one beat at a time, and lets the last one leave before the end."""

    def __init__(self, broker: AsyncBroker) -> None:
        super().__init__(broker, [_Beat()])
        self._sending = asyncio.Lock()

    async def on_ready(self, source: ScheduleSource, task: ScheduledTask) -> None:
        async with self._sending:
            await super().on_ready(source, task)

    async def end(self) -> None:
        async with self._sending:
            return


async def give_beats(queue: AsyncBroker, stopping: asyncio.Event) -> None:
    """Call to look until a stop. The queue must be started."""
    scheduler = _Quiet(queue)
    beating = asyncio.create_task(
        SchedulerLoop(scheduler).run(loop_interval=timedelta(seconds=1), send_timeout=SEND_S)
    )
    waiting = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({beating, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(beating, waiting)
        await scheduler.end()
    if not beating.cancelled():
        beating.result()
