"""What goes wrong with a Redis that is away, slow or silent. It is comfort: who meets that says so and goes on."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from redis.exceptions import RedisError

from bot.ending import end

TROUBLES = (RedisError, OSError, TimeoutError, RuntimeError)
"""To be caught, and then shown to ``must_be_redis``."""
_CUT = "the handler is closed"

Answer = TypeVar("Answer")


def must_be_redis(error: BaseException) -> None:
    """Raise what is no trouble of Redis.

    Where a connection was cut just before a command is written to it, asyncio's own loop says nothing and uvloop
    raises a RuntimeError; the client lets it through, having dropped the connection.
    """
    if isinstance(error, RuntimeError) and _CUT not in str(error):
        raise error


async def until_cancelled(work: Awaitable[Answer]) -> Answer:
    """Await what the Redis client does; who is cancelled meanwhile does end.

    The client swallows a cancellation that meets it as a command has just been written (asyncio.wait_for does, on
    Python 3.11): so it is asked again and again.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        await end(task)
        raise
    return task.result()
