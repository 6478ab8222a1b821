"""Telegram is told where to post, whatever stands in the way, and is told again when somebody changes it."""

import asyncio

import pytest

from bot.addresses import WebSettings
from bot.build import build_bots
from bot.intake import ALLOWED_UPDATES
from bot.introduction import insist
from bot.metrics import Metrics
from bot.web import hooks
from core.store.transactions import StoreUnavailable
from simulator import Simulator
from simulator.faults import Fault
from tests.bots.world import ANNA, CUSTOMER_BOT, STAFF_BOT
from tests.conftest import ManualClock
from tests.web.kit import SECRET, settings_for

HERE = WebSettings("127.0.0.1", 0, None, "https://bots.example.com/here", SECRET)


async def test_both_are_set_and_nothing_that_waits_is_dropped(simulator: Simulator) -> None:
    simulator.world.send_text(ANNA.id, CUSTOMER_BOT.id, "before")
    bots = build_bots(settings_for(simulator, "sqlite:///x"))
    await hooks.set_webhooks(bots, HERE)
    for account, name in ((CUSTOMER_BOT, "customer"), (STAFF_BOT, "staff")):
        bot = simulator.world.bot(account)
        assert bot.webhook is not None
        assert bot.webhook.url == f"https://bots.example.com/here/telegram/{name}"
        assert bot.webhook.secret == SECRET
        assert bot.updates.allowed == frozenset(ALLOWED_UPDATES)
    assert len(simulator.world.pending_updates(CUSTOMER_BOT)) == 1
    await _close(bots)


async def test_it_is_tried_until_the_network_is_there(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = []

    async def no_pause(seconds: float) -> None:
        pauses.append(seconds)

    bots = build_bots(settings_for(simulator, "sqlite:///x"))
    simulator.world.faults.add(Fault(method="setWebhook", kind="502_page", times=8))
    monkeypatch.setattr("bot.introduction.asyncio.sleep", no_pause)
    await insist(lambda: hooks.set_webhooks(bots, HERE), "webhooks_set")
    assert pauses
    assert all(bot.webhook for bot in simulator.world.bots.values())
    await _close(bots)


async def test_what_somebody_changed_is_set_again(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    monkeypatch.setattr(hooks, "LOOK_EVERY_S", 0.01)
    bots, metrics = build_bots(settings_for(simulator, "sqlite:///x")), Metrics(clock)
    await hooks.set_webhooks(bots, HERE)
    simulator.world.send_text(ANNA.id, CUSTOMER_BOT.id, "waits")
    watching = asyncio.create_task(hooks.watch(bots, HERE, metrics))
    await bots["customer"].delete_webhook()
    async with asyncio.timeout(60):
        await simulator.world.wait_for(lambda: simulator.world.bot(CUSTOMER_BOT).webhook is not None)
        while 'kopilka_webhook_pending{bot="customer"} 1.0' not in (await metrics.render()).decode():
            await asyncio.sleep(0.01)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await _close(bots)


async def _close(bots: dict) -> None:
    for bot in bots.values():
        await bot.session.close()


async def test_a_step_of_the_start_waits_for_a_database_that_is_away() -> None:
    away = [StoreUnavailable("ConnectionResetError")]

    async def step() -> None:
        if away:
            raise away.pop()

    await insist(step, "step_done")
    assert not away
    with pytest.raises(LookupError):
        await insist(_wrong, "never_done")


async def _wrong() -> None:
    raise LookupError("a bug")
