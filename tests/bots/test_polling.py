"""No update is lost, none is confirmed before it is done, and chats keep their order."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from aiogram.types import Update

from tests.bots.polling_kit import ACCOUNT, Rig, new_rig
from tests.bots.telegram_stub import until


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with new_rig() as one:
        yield one


async def test_updates_are_handled_once_and_then_confirmed(rig: Rig) -> None:
    waiting = [rig.say(1, "before the start"), rig.say(2, "of another")]
    async with rig.running() as poller:
        await rig.confirmed()
        new = rig.say(1, "while it runs")
        await rig.confirmed()
    assert sorted(rig.ids) == [*waiting, new]
    assert poller.counts.handled == 3
    assert poller.counts.unfinished == 0


async def test_only_the_kinds_asked_for_come(rig: Rig) -> None:
    async with rig.running(allowed_updates=["callback_query"]):
        await until(rig.polls)
    assert rig.sim.world.journal.calls("getUpdates")[0].params["allowed_updates"] == '["callback_query"]'


async def test_nothing_is_confirmed_before_it_is_done(rig: Rig) -> None:
    gate = asyncio.Event()
    rig.work = lambda _: gate.wait()
    first = rig.say(1, "slow")
    async with rig.running():
        await until(lambda: rig.entered)
        polls = rig.polls()
        await until(lambda: rig.polls() >= polls + 5)
        assert rig.pending() == [first]
        assert rig.entered == ["slow"], "it came again with every answer and was ignored"
        gate.set()
        await rig.confirmed()
    assert rig.handled == ["slow"]


async def test_what_was_in_work_at_a_kill_comes_again(rig: Rig) -> None:
    rig.work = lambda _: asyncio.sleep(3600)
    ids = [rig.say(person, f"from {person}") for person in (1, 2, 3)]
    run = asyncio.create_task(rig.poller().run())
    await until(lambda: len(rig.entered) == 3)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert rig.handled == []
    assert rig.pending() == ids
    rig.work = None
    async with rig.running():
        await rig.confirmed()
    assert sorted(rig.ids) == ids


async def test_kills_at_random_points_lose_nothing_and_keep_the_order(rig: Rig) -> None:
    dice = random.Random()
    rig.work = lambda _: asyncio.sleep(dice.random() * 0.01)
    said = {person: [rig.say(person, f"{person}:{n}") for n in range(15)] for person in range(1, 9)}
    for _ in range(20):
        run = asyncio.create_task(rig.poller().run())
        await asyncio.sleep(dice.random() * 0.06)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    async with rig.running():
        await rig.confirmed()
    for ids in said.values():
        firsts = list(dict.fromkeys(one for one in rig.ids if one in ids))
        assert firsts == ids


async def test_a_chat_keeps_its_order_and_chats_go_side_by_side(rig: Rig) -> None:
    dice = random.Random()
    at_once: Counter[int] = Counter()
    most: Counter[str] = Counter()

    async def work(update: Update) -> None:
        chat = update.message.chat.id
        at_once[chat] += 1
        most["chat"] = max(most["chat"], at_once[chat])
        most["all"] = max(most["all"], at_once.total())
        await asyncio.sleep(dice.random() * 0.01)
        at_once[chat] -= 1

    rig.work = work
    said = {person: [rig.say(person, f"{person}: waited")] for person in range(1, 11)}  # enough to fill all places
    async with rig.running(concurrency=5):
        for n in range(150):
            person = dice.randint(1, 10)
            said[person].append(rig.say(person, f"{person}:{n}"))
            if n % 20 == 0:
                await asyncio.sleep(0.01)
        await rig.confirmed()
    for ids in said.values():
        assert [one for one in rig.ids if one in ids] == ids
    assert len(rig.ids) == 160
    assert most["chat"] == 1
    assert most["all"] == 5


async def test_presses_and_messages_of_a_person_share_an_order(rig: Rig) -> None:
    await rig.sim.world.wait_for(lambda: rig.say(1, "open the chat"))
    message = await rig.bot.send_message(
        1, "x", reply_markup={"inline_keyboard": [[{"text": "Press", "callback_data": "p"}]]}
    )
    gate = asyncio.Event()
    rig.work = lambda _: gate.wait()
    press = rig.sim.world.press(1, ACCOUNT, message.message_id, "Press")
    last = rig.say(1, "after the press")
    async with rig.running():
        await until(lambda: rig.entered)
        gate.set()
        await rig.confirmed()
    assert rig.ids[1:] == [press.update_id, last]


async def test_a_redelivered_update_is_ignored(rig: Rig) -> None:
    gate = asyncio.Event()
    rig.work = lambda _: gate.wait()
    async with rig.running():
        update = rig.say(1, "once")
        await until(lambda: rig.entered)
        rig.sim.world.redeliver(update, 5, together=True)
        await until(lambda: rig.polls() > 3)
        gate.set()
        await rig.confirmed()
        rig.sim.world.redeliver(update, 5)
        polls = rig.polls()
        await until(lambda: rig.polls() >= polls + 5)
        rig.say(1, "next")
        await rig.confirmed()
    assert rig.entered == ["once", "next"]


async def test_a_slow_chat_holds_up_no_other_within_the_window(rig: Rig) -> None:
    gate = asyncio.Event()

    async def work(update: Update) -> None:
        if update.message.chat.id == 1:
            await gate.wait()

    rig.work = work
    slow = rig.say(1, "slow")
    others = [rig.say(2 + n % 20, f"quick {n}") for n in range(150)]
    async with rig.running() as poller:
        await until(lambda: len(rig.handled) == 99)
        polls = rig.polls()
        await asyncio.sleep(0.3)
        assert rig.polls() <= polls + 1, "a full window isn't asked for more"
        assert rig.pending() == [slow, *others]
        assert poller.counts.unfinished == 1
        gate.set()
        await rig.confirmed()
    assert len(rig.handled) == 151
    assert sorted(rig.ids) == [slow, *others]


async def test_asking_is_calm_while_a_chat_is_slow(rig: Rig) -> None:
    gate = asyncio.Event()
    rig.work = lambda update: gate.wait() if update.message.chat.id == 1 else asyncio.sleep(0)
    rig.say(1, "slow")
    async with rig.running(repoll_s=(0.05, 0.2)):
        await until(lambda: rig.entered)
        polls = rig.polls()
        await until(lambda: rig.polls() >= polls + 8)
        asked = [call.at for call in rig.sim.world.journal.calls("getUpdates")[polls + 2 :]]
        assert min(later - earlier for earlier, later in pairwise(asked)) > 0.19
        rig.say(2, "quick")
        await until(lambda: "quick" in rig.handled)
        gate.set()


async def test_a_stop_drains_what_is_in_work_and_confirms_it(rig: Rig) -> None:
    gate = asyncio.Event()
    rig.work = lambda _: gate.wait()
    done = rig.say(1, "in work")
    poller = rig.poller()
    run = asyncio.create_task(poller.run())
    await until(lambda: rig.entered)
    stop = asyncio.create_task(poller.stop())
    late = [rig.say(2, "after the stop"), rig.say(1, "behind it")]
    await asyncio.sleep(0.05)
    assert not run.done()
    gate.set()
    await stop
    await run
    assert rig.ids == [done]
    assert rig.pending() == late
    last = rig.sim.world.journal.calls("getUpdates")[-1].params
    assert (str(last["offset"]), str(last["limit"]), str(last["timeout"])) == (str(late[0]), "1", "0")


async def test_a_stop_begins_nothing_that_waits(rig: Rig) -> None:
    gate = asyncio.Event()
    rig.work = lambda _: gate.wait()
    ids = [rig.say(1, "in work"), rig.say(1, "behind it"), rig.say(2, "without a place")]
    poller = rig.poller(concurrency=1)
    run = asyncio.create_task(poller.run())
    await until(lambda: rig.entered and poller.counts.unfinished == 3)
    poller.request_stop()
    gate.set()
    await run
    assert rig.entered == ["in work"]
    assert rig.pending() == ids[1:]


async def test_what_does_not_end_in_time_is_cancelled_and_comes_again(rig: Rig) -> None:
    rig.work = lambda _: asyncio.sleep(3600)
    ids = [rig.say(1, "endless")]
    poller = rig.poller(drain_s=0.1)
    run = asyncio.create_task(poller.run())
    await until(lambda: rig.entered)
    async with asyncio.timeout(60):
        await poller.stop()
    await run
    assert rig.pending() == ids


async def test_a_stop_before_the_start_and_an_idle_stop_are_quick(rig: Rig) -> None:
    poller = rig.poller()
    async with asyncio.timeout(40):
        await poller.stop()
        await poller.run()
    idle = rig.poller(long_poll_s=50)
    run = asyncio.create_task(idle.run())
    await until(rig.polls)
    async with asyncio.timeout(40):
        await idle.stop()
        await run


async def test_failing_to_confirm_at_the_end_is_harmless(rig: Rig) -> None:
    gate = asyncio.Event()
    rig.work = lambda _: gate.wait()
    update = rig.say(1, "done but not confirmed")
    poller = rig.poller()
    run = asyncio.create_task(poller.run())
    await until(lambda: rig.entered)
    await rig.sim.stop()
    poller.request_stop()
    gate.set()
    async with asyncio.timeout(60):
        await run
    assert rig.ids == [update]
    assert rig.pending() == [update]
