"""Long polling: what is confirmed, what comes again, and who may ask."""

import asyncio
from typing import Any

import pytest
from aiogram.exceptions import TelegramConflictError
from telegram.error import Conflict

from simulator import World
from tests.simulator.clients import Client, Refused
from tests.simulator.conftest import ANNA, BORIS, SHOP, Raw

TWO_POLLERS = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


async def ids(raw: Raw, **params: Any) -> list[int]:
    return [update["update_id"] for update in (await raw("getUpdates", **params))["result"]]


async def polling(world: World) -> None:
    await world.wait_for(lambda: world.bot(SHOP).updates.is_polled)


async def test_an_update_comes_until_a_higher_offset_confirms_it(client: Client, world: World) -> None:
    first = world.send_text(ANNA, SHOP, "1").update_id
    second = world.send_text(ANNA, SHOP, "2").update_id
    assert second == first + 1
    for _ in range(2):
        assert [update["message"]["text"] for update in await client.updates()] == ["1", "2"]
    assert [update["update_id"] for update in await client.updates(offset=second)] == [second]
    assert await client.updates(offset=second + 1) == []
    assert await client.updates() == []
    await world.wait_confirmed(SHOP)


async def test_a_lower_offset_brings_nothing_back(raw: Raw, world: World) -> None:
    first = world.send_text(ANNA, SHOP, "1").update_id
    second = world.send_text(ANNA, SHOP, "2").update_id
    assert await ids(raw, offset=first + 1) == [second]
    assert await ids(raw, offset=first) == [second]


async def test_a_negative_offset_counts_from_the_end(raw: Raw, world: World) -> None:
    sent = [world.send_text(ANNA, SHOP, str(number)).update_id for number in range(5)]
    assert await ids(raw, offset=-2) == sent[-2:]
    assert await ids(raw) == sent[-2:]


async def test_an_offset_far_in_the_future_confirms_nothing(raw: Raw, world: World) -> None:
    sent = world.send_text(ANNA, SHOP, "1").update_id
    assert await ids(raw, offset=sent + 1000) == [sent]


async def test_the_limit(raw: Raw, world: World) -> None:
    sent = [world.send_text(ANNA, SHOP, str(number)).update_id for number in range(105)]
    assert await ids(raw, limit=3) == sent[:3]
    assert await ids(raw) == sent[:100]
    assert await ids(raw, limit=0) == sent[:1]


async def test_a_long_poll_ends_with_the_first_update(client: Client, world: World) -> None:
    waiting = asyncio.create_task(client.updates(timeout=30))
    await polling(world)
    world.send_text(ANNA, SHOP, "now")
    async with asyncio.timeout(60):
        assert [update["message"]["text"] for update in await waiting] == ["now"]


async def test_a_long_poll_ends_with_nothing_at_its_time(raw: Raw) -> None:
    assert await ids(raw, timeout=1) == []


async def test_the_older_of_two_pollers_is_ended(client: Client, world: World, raw: Raw) -> None:
    older = asyncio.create_task(client.updates(timeout=30))
    await polling(world)
    newer = asyncio.create_task(ids(raw, timeout=30))
    with pytest.raises(Refused) as refused:
        async with asyncio.timeout(60):
            await older
    assert isinstance(refused.value.error, TelegramConflictError | Conflict)
    assert refused.value.words == TWO_POLLERS.lower()
    await polling(world)
    sent = world.send_text(ANNA, SHOP, "x").update_id
    async with asyncio.timeout(60):
        assert await newer == [sent]


async def test_a_poll_whose_caller_is_gone_loses_nothing(raw: Raw, world: World) -> None:
    waiting = asyncio.create_task(ids(raw, timeout=30))
    await polling(world)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await world.wait_for(lambda: not world.bot(SHOP).updates.is_polled)
    sent = world.send_text(ANNA, SHOP, "x").update_id
    assert await ids(raw) == [sent]


async def test_only_wanted_kinds_come(raw: Raw, world: World) -> None:
    await raw("getUpdates", allowed_updates=["callback_query"])
    assert world.send_text(ANNA, SHOP, "x").update_id == 0
    assert await ids(raw) == []
    await raw("getUpdates", allowed_updates=[])
    sent = world.send_text(ANNA, SHOP, "y").update_id
    assert await ids(raw) == [sent]


async def test_an_update_may_be_delivered_again_after_it_was_confirmed(client: Client, world: World) -> None:
    sent = world.send_text(ANNA, SHOP, "again").update_id
    await client.updates(offset=sent + 1)
    world.redeliver(sent, 2)
    for _ in range(2):
        (update,) = await client.updates(offset=sent + 1)
        assert (update["update_id"], update["message"]["text"]) == (sent, "again")
    assert await client.updates(offset=sent + 1) == []


async def test_an_update_may_come_several_times_in_one_answer(raw: Raw, world: World) -> None:
    sent = world.send_text(ANNA, SHOP, "again").update_id
    world.redeliver(sent, 4, together=True)
    assert await ids(raw) == [sent] * 5
    with pytest.raises(LookupError):
        world.redeliver(sent + 1)


async def test_each_bot_has_its_own_updates(raw: Raw, world: World) -> None:
    world.send_text(BORIS, "till_bot", "x")
    assert await ids(raw) == []
    body = await raw("getUpdates", token="7000002:till-token")
    assert [update["message"]["from"]["id"] for update in body["result"]] == [BORIS.id]


async def test_ids_are_never_those_of_an_earlier_run(world: World) -> None:
    later = World([SHOP], [ANNA], ("a@example.org", "key"), "later")
    earlier_id = world.send_text(ANNA, SHOP, "x").update_id
    assert later.send_text(ANNA, SHOP, "x").update_id >= earlier_id  # the same second at worst
    assert 0 < earlier_id < 2**31
