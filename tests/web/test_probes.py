"""Health, readiness and figures."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import metrics
from bot.database import close_database, database, known_migrations
from bot.web import probes
from core.services import Services
from core.store import claims, health, outbox, outcomes
from core.store.sql import fetch
from simulator import Simulator
from tests.conftest import ManualClock
from tests.web.kit import Web, message, serving


async def test_alive_and_ready(web: Web) -> None:
    assert await web.get("/healthz") == (200, "ok\n")
    status, text = await web.get("/readyz")
    facts = '{"database": true, "writable": true, "migrations": true, "bots": true, "serving": true}'
    assert (status, text) == (200, facts)


async def test_not_ready_before_the_bots_are_named_or_while_ending(web: Web) -> None:
    web.state.named = False
    assert (await web.get("/readyz"))[0] == 503
    web.state.named, web.state.stopping = True, True
    assert (await web.get("/readyz"))[0] == 503
    assert (await web.get("/healthz"))[0] == 200


async def test_not_ready_without_the_newest_schema(web: Web) -> None:
    assert await health.applied_migrations() == known_migrations()
    await fetch("DELETE FROM tortoise_migrations WHERE name = $1", known_migrations()[-1])
    status, text = await web.get("/readyz")
    assert (status, '"migrations": false' in text) == (503, True)


@pytest.mark.parametrize("database_kind", ["sqlite", "postgres"])
async def test_an_older_program_serves_on_a_newer_schema(simulator: Simulator, database_url: str) -> None:
    async with database(database_url):
        newer = "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('core', '9999_newer', $1)"
        await fetch(newer, datetime(2030, 1, 1, tzinfo=UTC))
    async with database(database_url, migrated=True), serving(simulator, database_url) as web:
        assert (await web.get("/readyz"))[0] == 200


async def test_without_the_database_it_lives_and_says_so(simulator: Simulator, database_url: str) -> None:
    async with database(database_url), serving(simulator, database_url) as web:
        await close_database()
        with open(database_url.removeprefix("sqlite:///"), "wb") as file:
            file.write(b"no database" * 1000)
        assert (await web.get("/healthz"))[0] == 200
        status, text = await web.get("/readyz")
        assert (status, '"database": false' in text) == (503, True)
        status, figures = await web.get("/metrics")
        assert status == 200
        assert "kopilka_database_up 0.0" in figures
        assert "kopilka_update_seconds" in figures


async def test_a_database_that_is_silent_holds_up_no_answer(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelling a statement on a silent network takes as long as a statement may."""
    over = asyncio.Event()

    async def silent(*_: object) -> None:
        try:
            await over.wait()
        finally:
            await over.wait()

    monkeypatch.setattr(probes, "DATABASE_S", 0.05)
    monkeypatch.setattr(metrics, "DATABASE_S", 0.05)
    monkeypatch.setattr(health, "queues", silent)
    try:
        async with asyncio.timeout(60):
            assert "kopilka_database_up 0.0" in (await web.get("/metrics"))[1]
            for question, said in (
                ("write_something", '"writable": false'),
                ("applied_migrations", '"database": false'),
            ):
                monkeypatch.setattr(health, question, silent)
                status, text = await web.get("/readyz")
                assert (status, said in text) == (503, True), text
    finally:
        over.set()


def _draft(number: int, channel: str, **more: object) -> outbox.Draft:
    return outbox.Draft(
        topic="sale", channel=channel, template="t", language="ru", dedupe_key=f"{number}", priority=1,
        bot="customer" if channel == "telegram" else None, **more,
    )  # fmt: skip


@pytest.mark.parametrize("database_kind", ["sqlite", "postgres"])
async def test_the_outbox_in_figures(core: Services, store: str, simulator: Simulator, clock: ManualClock) -> None:
    now = clock.now()
    await outbox.enqueue([_draft(n, "telegram") for n in range(3)], now - timedelta(seconds=90))
    await outbox.enqueue([_draft(10, "sms"), _draft(11, "sms", not_before=now + timedelta(hours=1))], now)
    await claims.claim("telegram", "customer", worker="w", now=now, lease=timedelta(seconds=9), limit=1)
    await outcomes.settle(2, "sent", now=now)
    await fetch("INSERT INTO lease (name, holder, until) VALUES ('relay', 'w', $1)", now + timedelta(seconds=5))
    async with serving(simulator, store, clock=clock) as web:
        _, text = await web.get("/metrics")
    figures = {
        (sample.name, sample.labels.get("channel"), sample.labels.get("state")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert figures["kopilka_outbox_messages", "telegram", "queued"] == 1
    assert figures["kopilka_outbox_messages", "telegram", "sending"] == 1
    assert figures["kopilka_outbox_oldest_seconds", "telegram", "queued"] == 90
    assert figures["kopilka_outbox_messages", "sms", "later"] == 1
    assert figures["kopilka_outbox_oldest_seconds", "sms", "later"] == 0
    assert figures["kopilka_recent_messages", "telegram", "sent"] == 1
    assert figures["kopilka_recent_messages", "sms", "queued"] == 2
    assert figures["kopilka_relay_leads", None, None] == 1


async def test_figures_say_nothing_of_people(web: Web) -> None:
    name, phone = "Пелагея Планк", "+79161234567"
    for number, text in enumerate(("/start", phone, name, "5 1500", f"/start {'x' * 22}")):
        who = {"id": 1, "is_bot": False, "first_name": name, "username": "pelageya", "language_code": "ru"}
        assert await web.post(message(100 + number, text, **{"from": who})) == 200
    await web.post(message(7), headers={"X-Telegram-Bot-Api-Secret-Token": phone})
    _, figures = await web.get("/metrics")
    for planted in (name, "Пелагея", phone, "9161234567", "pelageya", "x" * 22):
        assert planted not in figures
    labels = set(re.findall(r'(?:bot|result|status|channel|state)="([^"]*)"', figures))
    assert labels <= {
        "customer", "staff", "handled", "repeated", "failed", "parked", "403",
        "telegram", "sms", "queued", "later", "sending", "sent", "suppressed", "unknown", "running",
    }  # fmt: skip


async def test_figures_may_ask_for_a_token(simulator: Simulator, core: Services, store: str) -> None:
    async with serving(simulator, store, metrics_token="let-me-see") as web:
        assert (await web.get("/metrics"))[0] == 401
        assert (await web.get("/metrics", headers={"Authorization": "Bearer let-me-sea"}))[0] == 401
        assert (await web.get("/metrics", headers={"Authorization": "Bearer let-me-see"}))[0] == 200
