"""A bell between processes: something was just written to the outbox.

Redis carries it, when there is one. It is comfort only: the relay looks twice a second by itself, so a
Redis that is gone, slow or silent costs at most that half second.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from redis.asyncio import Redis

from bot.redis_troubles import TROUBLES, must_be_redis, until_cancelled

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

CHANNEL = "kopilka:outbox"
ANSWER_S = 2.0
LOOK_S = 1.0
PAUSE_S = 5.0


class Bell:
    """Rings here by ``kick``, and with ``redis_url`` in the processes that listen.

    End ``send`` and ``listen`` by ``request_stop``: the client leaves a connection behind when it is cancelled
    while connecting.
    """

    def __init__(self, redis_url: str | None, kick: Callable[[], Awaitable[None]]) -> None:
        self._kick = kick
        self._rung = asyncio.Event()
        self._stopping = asyncio.Event()
        self._redis = (
            Redis.from_url(redis_url, socket_connect_timeout=ANSWER_S, socket_timeout=ANSWER_S, retry=None)
            if redis_url
            else None
        )

    async def ring(self) -> None:
        """Ring. Waits for nobody."""
        await self._kick()
        self._rung.set()

    async def send(self) -> None:
        """Carry rings to other processes until a stop; ends at once without Redis."""
        while self._redis is not None and not self._stopping.is_set():
            await self._rung.wait()
            self._rung.clear()
            try:
                await until_cancelled(self._redis.publish(CHANNEL, b""))
            except TROUBLES as error:
                await self._rest(error)

    async def listen(self) -> None:
        """Kick at every ring of other processes until a stop; ends at once without Redis."""
        while self._redis is not None and not self._stopping.is_set():
            try:
                async with self._redis.pubsub() as channel:
                    await until_cancelled(channel.subscribe(CHANNEL))
                    while not self._stopping.is_set():
                        heard = channel.get_message(ignore_subscribe_messages=True, timeout=LOOK_S)
                        if await until_cancelled(heard) is not None:
                            await self._kick()
            except TROUBLES as error:
                await self._rest(error)

    def request_stop(self) -> None:
        """Make ``send`` and ``listen`` end, within the time of one answer."""
        self._stopping.set()
        self._rung.set()

    async def close(self) -> None:
        """Close the connections."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _rest(self, error: BaseException) -> None:
        must_be_redis(error)
        log.warning("bell_is_silent", error=type(error).__name__, again_in_s=PAUSE_S)
        try:
            async with asyncio.timeout(PAUSE_S):
                await self._stopping.wait()
        except TimeoutError:
            return
