"""The figures that the database gives when they are asked for: each from an index, whatever its tables hold."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge

from core.store import health, sms_gateways, sms_money

CHANNELS = ("telegram", "sms")
URGENCIES = ("code", "prompt", "reminder", "campaign")
HOUR = timedelta(hours=1)


async def ask_outbox(registry: CollectorRegistry, now: datetime) -> None:
    """What waits, for how long, and what became of what left."""
    sizes = Gauge("kopilka_outbox_messages", "Messages in the outbox.", ("channel", "state"), registry=registry)
    ages = Gauge(
        "kopilka_outbox_oldest_seconds",
        "For how long the oldest message is due.",
        ("channel", "state"),
        registry=registry,
    )
    waiting = Gauge(
        "kopilka_outbox_due",
        "Messages that are due and wait, by urgency.",
        ("channel", "urgency"),
        registry=registry,
    )
    late = Gauge(
        "kopilka_outbox_due_oldest_seconds",
        "For how long the oldest of them is due, by urgency.",
        ("channel", "urgency"),
        registry=registry,
    )
    found: defaultdict[tuple[str, str], list[health.Queue]] = defaultdict(list)
    for channel in CHANNELS:
        for urgency in URGENCIES:
            waiting.labels(channel, urgency).set(0)
            late.labels(channel, urgency).set(0)
    for queue in await health.queues(now):
        found[queue.channel, queue.state].append(queue)
        if queue.state == "queued":
            waiting.labels(queue.channel, queue.urgency).set(queue.messages)
            late.labels(queue.channel, queue.urgency).set(queue.oldest_s)
    for channel in CHANNELS:
        for state in ("queued", "later", "sending"):
            queues = found[channel, state]
            sizes.labels(channel, state).set(sum(queue.messages for queue in queues))
            ages.labels(channel, state).set(max((queue.oldest_s for queue in queues), default=0))
    await _ask_ends(registry, now)


async def _ask_ends(registry: CollectorRegistry, now: datetime) -> None:
    ends = Gauge(
        "kopilka_recent_messages",
        f"What became of the newest {health.RECENT} messages.",
        ("channel", "state"),
        registry=registry,
    )
    for (channel, state), messages in (await health.outcomes()).items():
        ends.labels(channel, state).set(messages)
    sends = Gauge(
        "kopilka_sends_last_hour",
        "Messages that left within the hour, by what became of them.",
        ("channel", "state"),
        registry=registry,
    )
    for channel in CHANNELS:  # an alert on nothing needs a nought: of what is absent there is no sum
        sends.labels(channel, "sent").set(0)
    for (channel, state), messages in (await health.sends(now - HOUR)).items():
        sends.labels(channel, state).set(messages)


async def ask_sms(registry: CollectorRegistry, day: date) -> None:
    """Money for SMS, and how their gateways fare."""
    cost = Gauge("kopilka_sms_cost_today", "Money spent on SMS today, in whole units.", registry=registry)
    cost.set(await sms_money.spent(day) / 100)
    down = Gauge("kopilka_sms_gateway_down", "Whether a gateway is left alone.", ("gateway",), registry=registry)
    money = Gauge("kopilka_sms_balance", "Money at a gateway, in whole units.", ("gateway",), registry=registry)
    for gateway in await sms_gateways.gateways():
        down.labels(gateway.name).set(gateway.down_since is not None)
        if gateway.balance is not None:
            money.labels(gateway.name).set(gateway.balance / 100)
    stops = Gauge(
        "kopilka_sms_codes_stopped", "Whether codes asked for there are stopped.", ("origin",), registry=registry
    )
    stopped = await sms_money.stops()
    for origin in ("bot", "till"):
        stops.labels(origin).set(origin in stopped)


async def ask_work(registry: CollectorRegistry, now: datetime) -> None:
    """Long jobs, periodic tasks, updates put aside, and whether somebody sends."""
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
