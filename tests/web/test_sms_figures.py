"""Figures of queues by urgency, sends, SMS and polls; each is read from an index, however large the outbox is."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from bot.metrics_of_database import ask_outbox, ask_sms
from core.alerts import OLD
from core.services import Services
from core.store import health, outbox, outcomes, sms_gateways, sms_money
from core.store.sql import fetch
from core.store.transactions import run_in_transaction
from simulator import Simulator
from tests.conftest import ManualClock
from tests.web.kit import Web, message, serving


def _draft(number: int, channel: str, priority: int) -> outbox.Draft:
    return outbox.Draft(
        topic="till", channel=channel, template="t", language="ru", dedupe_key=f"{number}", priority=priority,
        bot="customer" if channel == "telegram" else None,
    )  # fmt: skip


def figures_of(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("database_kind", ["sqlite", "postgres"])
async def test_queues_sends_and_sms(core: Services, store: str, simulator: Simulator, clock: ManualClock) -> None:
    now = clock.now()
    wanted = [("sms", 0), ("sms", 90), ("sms", 90), ("telegram", 10), ("telegram", 50), ("telegram", 50)]
    drafts = [_draft(number, *each) for number, each in enumerate(wanted)]
    await outbox.enqueue(drafts, now - timedelta(seconds=90))
    await outcomes.settle(1, "sent", now=now - timedelta(minutes=30))
    await outcomes.settle(2, "sent", now=now - timedelta(minutes=90))
    await sms_money.take(core.sms_budget.day_of(now), 12_34, 100_00)
    await sms_gateways.note_down("smsaero", "timeout", now)
    await sms_gateways.note_balance("smsru", 50_50, now)
    await sms_money.stop("bot", now)
    async with serving(simulator, store, clock=clock) as web:
        assert await web.post(message(5)) == 200
        figures = figures_of((await web.get("/metrics"))[1])
    assert figures["kopilka_outbox_due", "sms", "code"] == 0
    assert figures["kopilka_outbox_due", "sms", "campaign"] == 1
    assert figures["kopilka_outbox_due_oldest_seconds", "sms", "campaign"] == 90
    assert figures["kopilka_outbox_due", "telegram", "prompt"] == 1
    assert figures["kopilka_outbox_due", "telegram", "reminder"] == 2
    assert figures["kopilka_sends_last_hour", "sms", "sent"] == 1
    assert figures[("kopilka_sms_cost_today",)] == 12.34
    assert figures["kopilka_sms_gateway_down", "smsaero"] == 1
    assert figures["kopilka_sms_gateway_down", "smsru"] == 0
    assert figures["kopilka_sms_balance", "smsru"] == 50.5
    assert figures["kopilka_sms_codes_stopped", "bot"] == 1
    assert figures["kopilka_sms_codes_stopped", "till"] == 0
    assert figures["kopilka_updates_fetched_timestamp_seconds", "customer"] == now.timestamp()


async def test_no_figure_reads_the_whole_outbox(core: Services, clock: ManualClock, monkeypatch: Any) -> None:
    asked: list[tuple[str, tuple[Any, ...]]] = []

    async def noting(statement: str, *values: Any) -> list[dict[str, Any]]:
        asked.append((statement, values))
        return await fetch(statement, *values)

    async def noting_one(statement: str, *values: Any) -> dict[str, Any] | None:
        return next(iter(await noting(statement, *values)), None)

    for module in (health, sms_money, sms_gateways):
        monkeypatch.setattr(module, "fetch", noting)
        monkeypatch.setattr(module, "fetch_one", noting_one, raising=False)
    await ask_outbox(CollectorRegistry(), clock.now())
    await ask_sms(CollectorRegistry(), clock.now().date())
    await health.late_messages(clock.now() - OLD)
    await sms_gateways.due(clock.now(), 10)
    await sms_gateways.hint(["1", "2"], clock.now())

    async def plans() -> list[str]:
        return [
            row["detail"]
            for statement, values in asked
            for row in await fetch(f"EXPLAIN QUERY PLAN {statement}", *values)
            if " message" in row["detail"]
        ]

    found = await run_in_transaction(plans)
    assert len(found) >= 6
    for step in found:
        assert not step.startswith("SCAN") or "INDEX" in step, step


async def test_a_poll_is_noted(web: Web, clock: ManualClock) -> None:
    metrics = Metrics(clock)
    metrics.fetched("staff")
    shown = figures_of((await metrics.render()).decode())
    assert shown["kopilka_updates_fetched_timestamp_seconds", "staff"] == clock.now().timestamp()


async def test_what_alerts_count_is_there_before_anything_happened(web: Web) -> None:
    """A sum over nothing is nothing, and a count that begins at one has never risen."""
    shown = figures_of((await web.get("/metrics"))[1])
    for channel in ("telegram", "sms"):
        assert shown["kopilka_sends_last_hour", channel, "sent"] == 0
    for bot in ("customer", "staff"):
        assert shown["kopilka_updates_total", bot, "failed"] == 0
        assert shown["kopilka_webhook_refused_total", bot, "403"] == 0
