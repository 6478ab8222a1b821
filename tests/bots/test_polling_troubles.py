"""Asking for updates through everything a network, a tired server and a second process do."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import structlog

from bot.polling import Poller, TokenRefused
from bot.telegram import build_bot
from simulator import BotAccount, Fault, Person, Simulator
from tests.bots.polling_kit import ACCOUNT, QUICK, SECRET, SETTING, Inbox, Rig, events, new_rig
from tests.bots.telegram_stub import error, ok, page, running_stub, silent_port, until


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with new_rig(people=3) as one:
        yield one


def fault(rig: Rig, kind: str, **other: object) -> Fault:
    return rig.sim.world.faults.add(Fault(method="getUpdates", kind=kind, **other))  # type: ignore[arg-type]


KINDS = ["409", "429", "500", "502_page", "garbage", "garbage_after", "reset_before", "reset_after", "400", "403"]


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_lived_through(rig: Rig, kind: str) -> None:
    async with rig.running():
        rig.say(1, "before")
        await rig.confirmed()
        struck = fault(rig, kind, times=3, retry_after=1)
        rig.say(1, "during")
        rig.say(2, "of another")
        await until(lambda: struck.struck == 3)
        await rig.confirmed()
    assert sorted(rig.handled) == ["before", "during", "of another"]


async def test_a_hang_is_cut_off(rig: Rig) -> None:
    struck = fault(rig, "hang", times=1, seconds=3600)
    rig.say(1, "x")
    async with rig.running(margin_s=1):
        await until(lambda: struck.struck)
        await rig.confirmed()
    assert rig.handled == ["x"]


async def test_a_lost_answer_loses_no_update(rig: Rig) -> None:
    fault(rig, "reset_after", times=2)
    ids = [rig.say(1, "one"), rig.say(1, "two")]
    async with rig.running():
        await rig.confirmed()
    assert rig.ids == ids


async def test_retry_after_is_obeyed(rig: Rig) -> None:
    struck = fault(rig, "429", times=1, retry_after=1)
    async with rig.running():
        await until(lambda: struck.struck)
        await until(lambda: rig.polls() >= 2)
    first, second = rig.sim.world.journal.calls("getUpdates")[:2]
    assert second.at - first.at >= 1


async def test_a_lasting_trouble_is_reported_once_and_so_is_its_end(rig: Rig) -> None:
    struck = fault(rig, "500", times=10)
    with structlog.testing.capture_logs() as logs:
        async with rig.running():
            await until(lambda: struck.struck == 10)
            rig.say(1, "x")
            await rig.confirmed()
    assert events(logs, "warning") == ["telegram_unwell"]
    assert events(logs).count("updates_flow_again") == 1


async def test_a_webhook_in_the_way_is_removed_and_its_updates_kept(rig: Rig) -> None:
    rig.say(1, "waiting")
    rig.sim.world.webhook_backoff = (60,)
    await rig.bot.set_webhook("http://127.0.0.1:9/nobody")
    with structlog.testing.capture_logs() as logs:
        async with rig.running():
            await rig.confirmed()
    assert rig.handled == ["waiting"]
    assert "webhook_removed" in events(logs, "warning")
    assert "second_poller" not in events(logs)


async def test_a_webhook_stays_when_so_configured(rig: Rig) -> None:
    await rig.bot.set_webhook("http://127.0.0.1:9/nobody")
    with structlog.testing.capture_logs() as logs:
        async with rig.running(delete_webhook=False):
            await until(lambda: rig.polls() >= 3)
            assert (await rig.bot.get_webhook_info()).url
    assert events(logs, "warning") == ["webhook_is_set"]


async def test_a_wrong_token_ends_it_with_the_settings_name() -> None:
    async with Simulator([ACCOUNT]) as sim:
        bot = build_bot(f"{ACCOUNT.id}:Wrong_{SECRET}", api_url=sim.url, backoff=QUICK)
        rig = Rig(sim, bot)
        poller = rig.poller()
        with structlog.testing.capture_logs() as logs, pytest.raises(TokenRefused) as caught:
            await poller.run()
        await poller.stop()
        await bot.session.close()
    assert caught.value.setting == SETTING
    assert SETTING in str(caught.value)
    (said,) = [one for one in logs if one["event"] == "token_refused"]
    assert SETTING in said["advice"]
    assert SECRET not in str(logs)


async def test_one_refusal_of_a_token_that_works_is_lived_through(rig: Rig) -> None:
    async with rig.running():
        rig.say(1, "before")
        await rig.confirmed()
        struck = fault(rig, "401", times=2)
        rig.say(1, "after")
        await until(lambda: struck.struck == 2)
        await rig.confirmed()
    assert rig.handled == ["before", "after"]


async def test_a_token_that_is_revoked_ends_it_after_the_work_in_hand(rig: Rig) -> None:
    gate = asyncio.Event()
    rig.work = lambda _: gate.wait()
    rig.say(1, "in work")
    run = asyncio.create_task(rig.poller().run())
    await until(lambda: rig.entered)
    struck = fault(rig, "401")
    await until(lambda: struck.struck >= 3)
    gate.set()
    with pytest.raises(TokenRefused):
        await run
    assert rig.handled == ["in work"]


async def test_no_network_at_the_start_is_waited_out(rig: Rig) -> None:
    usual = rig.bot
    with silent_port() as (listener, address), structlog.testing.capture_logs() as logs:
        bot = rig.bot = build_bot(ACCOUNT.token, api_url=address, backoff=QUICK)
        async with rig.running():
            await until(lambda: events(logs).count("telegram_unreachable") >= 5)
            assert events(logs, "warning") == ["telegram_unreachable"]
            async with running_stub(listener) as stub:
                await until(lambda: stub.count("getUpdates"))
    assert "updates_flow_again" in events(logs)
    await bot.session.close()
    rig.bot = usual


async def test_two_pollers_by_mistake_warn_once_each_and_lose_nothing(rig: Rig) -> None:
    other = Rig(rig.sim, build_bot(ACCOUNT.token, api_url=rig.sim.url, backoff=QUICK))
    with structlog.testing.capture_logs() as logs:
        async with rig.running(), other.running():
            ids = []
            for n in range(20):
                ids.append(rig.say(1, str(n)))
                await asyncio.sleep(0.02)
            await rig.confirmed()
            await until(lambda: "second_poller" in events(logs))
    await other.bot.session.close()
    assert set(rig.ids) | set(other.ids) == set(ids)
    assert 1 <= events(logs, "warning").count("second_poller") <= 2
    assert rig.ids == sorted(rig.ids)
    assert other.ids == sorted(other.ids)


async def test_two_bots_run_side_by_side() -> None:
    accounts = [ACCOUNT, BotAccount(700100300, f"700100300:{SECRET}", "staff_bot", "Staff")]
    async with Simulator(accounts, [Person(1, "Sample")]) as sim:
        rigs = [Rig(sim, build_bot(account.token, api_url=sim.url)) for account in accounts]
        pollers: list[Poller] = [rig.poller() for rig in rigs]
        for account in accounts:
            sim.world.send_text(1, account, f"to {account.username}")
        async with asyncio.TaskGroup() as tasks:
            for poller in pollers:
                tasks.create_task(poller.run())
            for account in accounts:
                await sim.world.wait_confirmed(account)
            for poller in pollers:
                poller.request_stop()
        for rig in rigs:
            await rig.bot.session.close()
    assert [rig.handled for rig in rigs] == [["to sample_bot"], ["to staff_bot"]]


STRANGE = {
    "no result": ok(None),
    "not a list": ok({"update_id": 1}),
    "a list of numbers": ok([1, 2]),
    "no numbers": ok([{"message": {}}]),
    "numbers that are none": ok([{"update_id": True}, {"update_id": "7"}]),
    "an error without words": error(500, None),
    "not utf-8": page(200, b"\xff\xfe\x00"),
    "empty": page(200, b""),
    "a page": page(200, b"<html>Sign in to the network</html>"),
}


@pytest.mark.parametrize("strange", STRANGE)
async def test_strange_answers_are_asked_again(strange: str) -> None:
    update = {
        "update_id": 9,
        "message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "x"},
    }
    async with running_stub() as stub:
        stub.on("getUpdates", *[STRANGE[strange]] * 2, ok([update]))
        rig = Rig(None, build_bot(ACCOUNT.token, api_url=stub.url, backoff=QUICK), Inbox())  # type: ignore[arg-type]
        with structlog.testing.capture_logs() as logs:
            async with rig.running():
                await until(lambda: rig.handled)
                await until(lambda: stub.calls[-1][2].get("offset") == "10")
        await rig.bot.session.close()
    assert rig.handled == ["x"]
    assert events(logs, "warning") == ["telegram_unwell"]
