"""Figures for Prometheus. Labels name bots, channels and states: never a person, a chat or a text."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from time import monotonic
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from bot.in_time import within
from bot.metrics_of_database import ask_outbox, ask_sms, ask_work
from bot.telegram import safe_text
from core.ports import Clock

DATABASE_S = 5.0
"""Seconds that the figures of the database may take."""
BOTS = ("customer", "staff")
RESULTS = ("handled", "repeated", "parked", "failed")
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """This process's figures, and those of the database as they are when asked for."""

    def __init__(self, clock: Clock, time_zone: str = "UTC") -> None:
        """``time_zone`` is the merchant's: by its midnight the cost of SMS is counted."""
        self._clock = clock
        self._zone = ZoneInfo(time_zone)
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
        self._fetched = Gauge(
            "kopilka_updates_fetched_timestamp_seconds",
            "When updates were last fetched from Telegram, or posted by it.",
            ("bot",),
            registry=self._registry,
        )
        self._pending = Gauge(
            "kopilka_webhook_pending",
            "Updates that wait at Telegram, when last asked.",
            ("bot",),
            registry=self._registry,
        )

        # A count that begins at its first event hides that one from every rate.
        for bot in BOTS:
            for result in RESULTS:
                self._updates.labels(bot, result)
            self._refused.labels(bot, "403")

    def now(self) -> datetime:
        """The moment by the process's clock."""
        return self._clock.now()

    def _day_of(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

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

    def fetched(self, bot: str) -> None:
        """Telegram was asked for updates and answered, or has posted one."""
        self._fetched.labels(bot).set(self._clock.now().timestamp())

    async def render(self) -> bytes:
        """All figures in Prometheus' text format. Without the database: those of this process."""
        registry = CollectorRegistry()
        try:
            await within(DATABASE_S, self._ask_database(registry))
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
        await ask_outbox(registry, now)
        await ask_sms(registry, self._day_of(now))
        await ask_work(registry, now)
