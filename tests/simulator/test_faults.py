"""Faults on order strike as they are told, and what was done before them stays done."""

import asyncio
import time

import aiohttp
import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage

from simulator import Fault, Simulator, World
from tests.simulator.clients import aiogram_client
from tests.simulator.conftest import ANNA, SHOP, TILL, Raw

HELLO = SendMessage(chat_id=ANNA.id, text="hello")


@pytest.mark.parametrize(
    ("kind", "error", "arrived"),
    [
        ("400", TelegramBadRequest, 0),
        ("401", TelegramUnauthorizedError, 0),
        ("403", TelegramForbiddenError, 0),
        ("409", TelegramConflictError, 0),
        ("429", TelegramRetryAfter, 0),
        ("500", TelegramServerError, 0),
        ("502_page", ClientDecodeError, 0),
        ("garbage", ClientDecodeError, 0),
        ("garbage_after", ClientDecodeError, 1),
        ("reset_before", TelegramNetworkError, 0),
        ("reset_after", TelegramNetworkError, 1),
        ("hang", TelegramNetworkError, 0),
        ("hang_after", TelegramNetworkError, 1),
    ],
)
async def test_each_kind(simulator: Simulator, kind: str, error: type[Exception], arrived: int) -> None:
    world = simulator.world
    fault = world.faults.add(Fault(method="sendMessage", kind=kind, times=1))
    async with aiogram_client(simulator.url, SHOP.token) as client:
        client.bot.session.timeout = 1.0 if "hang" in kind else 60
        with pytest.raises(error):
            await client.bot(HELLO)
        assert len(world.from_bot(ANNA, SHOP)) == arrived
        client.bot.session.timeout = 60
        await client.bot(HELLO)
    assert fault.struck == 1
    assert len(world.from_bot(ANNA, SHOP)) == arrived + 1
    assert [call.fault for call in world.journal.calls("sendMessage")] == [kind, None]


async def test_a_hang_ends_when_the_faults_are_cleared(raw: Raw, world: World) -> None:
    world.faults.add(Fault(method="getMe", kind="hang"))
    waiting = asyncio.create_task(raw("getMe"))
    await world.wait_for(lambda: world.journal.calls("getMe"))
    world.faults.clear()
    with pytest.raises(aiohttp.ClientConnectionError):
        async with asyncio.timeout(60):
            await waiting


async def test_a_hang_does_not_outlive_the_simulator(simulator: Simulator, raw: Raw) -> None:
    simulator.world.faults.add(Fault(method="getMe", kind="hang"))
    waiting = asyncio.create_task(raw("getMe"))
    await simulator.world.wait_for(lambda: simulator.world.journal.calls("getMe"))
    async with asyncio.timeout(60):
        await simulator.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        async with asyncio.timeout(60):
            await waiting


async def test_slow_answers_are_right_but_late(raw: Raw, world: World) -> None:
    world.faults.add(Fault(method="getMe", kind="slow", seconds=0.3))
    before = time.monotonic()
    assert (await raw("getMe"))["ok"]
    assert time.monotonic() - before >= 0.3


async def test_which_calls_are_struck(raw: Raw, world: World) -> None:
    world.faults.add(Fault(bot="shop_bot", kind="500", spare=("getUpdates",)))
    assert (await raw("getMe"))["error_code"] == 500
    assert (await raw("getUpdates"))["ok"]
    assert (await raw("getMe", token=TILL.token))["ok"]
    world.faults.clear()
    world.faults.add(Fault(bot=TILL.id, method="getme", kind="429", retry_after=3))
    assert (await raw("getMe"))["ok"]
    assert (await raw("getMe", token=TILL.token))["parameters"] == {"retry_after": 3}


async def test_how_often(raw: Raw, world: World) -> None:
    world.faults.add(Fault(method="getMe", kind="500", times=2, skip=1))
    assert [(await raw("getMe"))["ok"] for _ in range(5)] == [True, False, False, True, True]


async def test_chance_is_repeatable(raw: Raw, world: World) -> None:
    runs = []
    for _ in range(2):
        fault = world.faults.add(Fault(method="getMe", kind="500", probability=0.5, seed=7))
        runs.append([(await raw("getMe"))["ok"] for _ in range(20)])
        world.faults.remove(fault)
    assert runs[0] == runs[1]
    assert set(runs[0]) == {True, False}


async def test_downloads_may_fail(simulator: Simulator, world: World) -> None:
    message = world.send_document(ANNA, SHOP, b"x")
    assert isinstance(message.media.value, dict)
    world.faults.add(Fault(where="file", kind="reset_before"))
    async with aiogram_client(simulator.url, SHOP.token) as client:
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.download(message.media.value["file_id"])
        world.faults.clear()
        assert await client.download(message.media.value["file_id"]) == b"x"


async def test_a_server_that_is_away_and_comes_back(simulator: Simulator) -> None:
    address = simulator.url
    async with aiogram_client(address, SHOP.token) as client:
        assert (await client.call("getMe"))["id"] == SHOP.id
        await simulator.stop()
        with pytest.raises(TelegramNetworkError):
            await client.bot(HELLO)
        await simulator.start(port=int(address.rpartition(":")[2]))
        assert simulator.url == address
        await client.bot(HELLO)
    assert [message.text for message in simulator.world.from_bot(ANNA, SHOP)] == ["hello"]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="earthquake"):
        Fault(kind="earthquake")
