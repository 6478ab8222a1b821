"""Ending politely: SIGTERM and SIGINT as an event."""

import asyncio
import signal
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager

from bot.ending import end
from bot.in_time import asked

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stop_requests() -> Iterator[asyncio.Event]:
    """An event that is set when the process is asked to end."""
    stopping, wanted = asyncio.Event(), asked.get()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        if wanted is not None:
            wanted.set()

    for each in _SIGNALS:
        loop.add_signal_handler(each, stop)
    try:
        yield stopping
    finally:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)


async def or_stop(stopping: asyncio.Event, work: Awaitable[None]) -> bool:
    """Wait for work or for a stop; whether there was a stop. What the work raises is raised."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(task, waiting)
    if not task.cancelled():
        task.result()
    return stopping.is_set() or task.cancelled()
