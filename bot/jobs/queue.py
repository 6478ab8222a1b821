"""What carries the calls to work: this process itself, or a Redis stream. It is comfort, never the truth."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import structlog
from taskiq import AckableMessage, AsyncBroker, InMemoryBroker
from taskiq.message import BrokerMessage
from taskiq_redis import RedisStreamBroker

from bot.redis_troubles import TROUBLES, must_be_redis, until_cancelled

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

STREAM = "kopilka:jobs"
LOOK, TICK, WORK = "look", "tick", "work"
"""Calls: look what is due; see to a periodic task (by name); work on jobs."""
ANSWER_S = 2.0
PAUSE_S = 2.0
_LONGEST = 1000


class PatientStreams(RedisStreamBroker):
    """A stream on a Redis that may be away, flushed or silent for a while.

    Calls are acknowledged when they arrive: whoever is lost with one loses a lease in the database, and the
    next look finds it. So all workers read as one consumer, and none is left behind in Redis.
    """

    def __init__(self, url: str) -> None:
        super().__init__(
            url,
            queue_name=STREAM,
            consumer_group_name="workers",
            consumer_name="worker",
            consumer_id="0",
            xread_block=1000,
            xread_count=1,
            maxlen=_LONGEST,
            idle_timeout=60_000,
            unacknowledged_lock_timeout=10,
            socket_connect_timeout=ANSWER_S,
            socket_timeout=ANSWER_S * 2,
        )

    async def startup(self) -> None:
        """Nothing that needs Redis: it may come later."""
        await AsyncBroker.startup(self)

    async def kick(self, message: BrokerMessage) -> None:
        """Send a call; when Redis is away it is left out, since who looks next finds the same to do."""
        try:
            await super().kick(message)
        except TROUBLES as error:
            must_be_redis(error)
            log.warning("call_not_sent", call=message.task_name, error=type(error).__name__)

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Calls, for ever."""
        while True:
            try:
                await until_cancelled(self._declare_consumer_group())
                async with aclosing(super().listen()) as calls:
                    while True:
                        yield await until_cancelled(anext(calls))
            except TROUBLES as error:
                must_be_redis(error)
                log.warning("queue_is_silent", error=type(error).__name__, again_in_s=PAUSE_S)
                await asyncio.sleep(PAUSE_S)

    def _ack_generator(self, id: str, queue_name: str) -> Callable[[], Awaitable[None]]:
        acknowledge = super()._ack_generator(id, queue_name)

        async def patiently() -> None:
            try:
                await acknowledge()
            except TROUBLES as error:
                must_be_redis(error)
                log.warning("call_not_acknowledged", error=type(error).__name__)

        return patiently


def build_queue(redis_url: str | None) -> AsyncBroker:
    """The stream of a Redis, or this process alone."""
    return PatientStreams(redis_url) if redis_url else InMemoryBroker()
