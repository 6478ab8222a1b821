"""Answers and ends that come in time, whatever hangs behind them."""

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import TypeVar

import structlog

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

END_S = 18.5
"""Seconds from the request to end until what still hangs is left behind: a process may take 20."""

asked: ContextVar[asyncio.Event | None] = ContextVar("asked", default=None)
"""To be set when the process is asked to end; None where nobody sees to its time."""

Result = TypeVar("Result")


async def within(seconds: float, work: Awaitable[Result]) -> Result:
    """Await work for so long. Raises TimeoutError then, at once: unlike asyncio.timeout it does not wait until the
    work has ended, which takes half a minute where it cancels a statement on a silent network."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise TimeoutError
    finally:
        task.cancel()
    return task.result()


async def ending_in_time(command: Awaitable[Result]) -> Result:
    """Await a command. Where the process was asked to end and has not after END_S, it ends at once with status 0.

    A server whose network is silent can hold up every polite way of leaving it. Nothing is lost by going: what is
    not committed was never acknowledged, stays at Telegram or in the outbox, and leases run out by themselves.
    A thread sees to it: when the command is done, the interpreter still waits for threads that look through the
    database.
    """
    wanted = asyncio.Event()
    asked.set(wanted)
    task = asyncio.ensure_future(command)
    waiting = asyncio.ensure_future(wanted.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if wanted.is_set():
            leaving = threading.Timer(END_S, _leave)
            leaving.daemon = True
            leaving.start()
            await asyncio.wait({task})
    finally:
        for each in (task, waiting):
            each.cancel()
        await asyncio.wait({task, waiting})
    return await task


def _leave() -> None:
    log.warning("end_cut_off", after_s=END_S)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
