"""Figures for Prometheus. Labels name bots, channels and states: never a person, a chat or a text."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from bot.telegram import safe_text
from core.ports import Clock
from core.store import health

DATABASE_S = 5.0
"""Seconds that the figures of the database may take."""
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """This process's figures, and those of the database as they are when asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._updates = Counter(
            "kopilka_updates", "Updates by what became of them.", ("bot", "result"), registry=self._registry
        )
        self._seconds = Histogram(
            "kopilka_update_seconds",
            "Seconds from an update's arrival to the end of its handling, waiting for its turn included.",
            ("bot",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._refused = Counter(
            "kopilka_webhook_refused",
            "Posts to webhooks that were refused.",
            ("bot", "status"),
            registry=self._registry,
        )
        self._pending = Gauge(
            "kopilka_webhook_pending",
            "Updates that wait at Telegram, when last asked.",
            ("bot",),
            registry=self._registry,
        )

    def now(self) -> datetime:
        """The moment by the process's clock."""
        return self._clock.now()

    @contextmanager
    def handling(self, bot: str) -> Iterator[None]:
        """Measure one try of an update; an error that leaves counts as failed."""
        started = monotonic()
        try:
            yield
        except BaseException:
            self.count(bot, "failed")
            raise
        finally:
            self._seconds.labels(bot).observe(monotonic() - started)

    def count(self, bot: str, result: str) -> None:
        """One update more: handled, repeated, parked or failed."""
        self._updates.labels(bot, result).inc()

    def refuse(self, bot: str, status: int) -> None:
        """One post more that was refused with that status."""
        self._refused.labels(bot, str(status)).inc()

    def pending(self, bot: str, updates: int) -> None:
        """How many updates wait at Telegram."""
        self._pending.labels(bot).set(updates)

    async def render(self) -> bytes:
        """All figures in Prometheus' text format. Without the database: those of this process."""
        registry = CollectorRegistry()
        try:
            async with asyncio.timeout(DATABASE_S):
                await self._ask_database(registry)
            up = 1
        except Exception as error:
            registry, up = CollectorRegistry(), 0
            Gauge(
                "kopilka_database_error", "Why the database has no figures.", ("error",), registry=registry
            ).labels(safe_text(error).partition(":")[0]).set(1)
        Gauge("kopilka_database_up", "Whether the database answers.", registry=registry).set(up)
        return generate_latest(self._registry) + generate_latest(registry)

    async def _ask_database(self, registry: CollectorRegistry) -> None:
        now = self._clock.now()
        sizes = Gauge(
            "kopilka_outbox_messages", "Messages in the outbox.", ("channel", "state"), registry=registry
        )
        ages = Gauge(
            "kopilka_outbox_oldest_seconds",
            "For how long the oldest message is due.",
            ("channel", "state"),
            registry=registry,
        )
        for channel in ("telegram", "sms"):
            for state in ("queued", "later", "sending"):
                sizes.labels(channel, state).set(0)
                ages.labels(channel, state).set(0)
        for queue in await health.queues(now):
            sizes.labels(queue.channel, queue.state).set(queue.messages)
            ages.labels(queue.channel, queue.state).set(queue.oldest_s)
        ends = Gauge(
            "kopilka_recent_messages",
            f"What became of the newest {health.RECENT} messages.",
            ("channel", "state"),
            registry=registry,
        )
        for (channel, state), messages in (await health.outcomes()).items():
            ends.labels(channel, state).set(messages)
        jobs = Gauge("kopilka_jobs", "Long jobs not at their end.", ("state",), registry=registry)
        for state in ("queued", "running"):
            jobs.labels(state).set(0)
        for state, number in (await health.open_jobs()).items():
            jobs.labels(state).set(number)
        ticks = Gauge(
            "kopilka_periodic_age_seconds",
            "How long ago a periodic task was last done.",
            ("task",),
            registry=registry,
        )
        for name, at in (await health.last_ticks()).items():
            ticks.labels(name).set((now - at).total_seconds())
        Gauge("kopilka_parked_updates", "Updates put aside.", registry=registry).set(await health.parked())
        Gauge("kopilka_relay_leads", "Whether some process sends the outbox.", registry=registry).set(
            await health.lease_is_held("relay", now)
        )
