"""Tokens, unknown methods and the flood limit."""

import pytest
from aiogram.exceptions import TelegramRetryAfter, TelegramUnauthorizedError
from telegram.error import InvalidToken, RetryAfter

from simulator import Simulator, World
from tests.simulator.clients import CLIENTS, Client, Refused
from tests.simulator.conftest import ANNA, BORIS, SHOP, Raw


async def test_a_wrong_token_is_unauthorized(raw: Raw) -> None:
    body = await raw("getMe", token="7000001:other")
    assert body == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_aiogram_knows_it_is_unauthorized(simulator: Simulator) -> None:
    async with CLIENTS["aiogram"](simulator.url, "7000001:other") as client:
        with pytest.raises(Refused) as refused:
            await client.call("getMe")
    assert isinstance(refused.value.error, TelegramUnauthorizedError)


async def test_python_telegram_bot_knows_its_token_is_invalid(simulator: Simulator) -> None:
    with pytest.raises(InvalidToken):
        async with CLIENTS["python-telegram-bot"](simulator.url, "7000001:other"):
            pass


async def test_what_is_no_token_is_not_found(raw: Raw) -> None:
    assert (await raw("getMe", token="nonsense"))["error_code"] == 404


async def test_an_unknown_method_is_not_found(raw: Raw) -> None:
    assert await raw("sendNothing") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }


async def test_the_case_of_a_method_does_not_matter(raw: Raw) -> None:
    assert (await raw("GETME"))["result"]["username"] == "shop_bot"


async def test_a_chat_must_be_named(raw: Raw) -> None:
    assert await raw.words("sendMessage", text="x") == "Bad Request: chat_id is empty"
    assert await raw.words("sendMessage", chat_id="@nobody", text="x") == "Bad Request: chat not found"


async def test_too_many_messages_to_a_chat(client: Client, world: World) -> None:
    world.flood.enabled, world.flood.chat_burst, world.flood.retry_after = True, 2, 7
    world.flood.clock = lambda: 1000.0
    for number in range(2):
        await client.call("sendMessage", chat_id=ANNA.id, text=str(number))
    with pytest.raises(Refused) as refused:
        await client.call("sendMessage", chat_id=ANNA.id, text="2")
    error = refused.value.error
    assert isinstance(error, TelegramRetryAfter | RetryAfter)
    assert getattr(error.retry_after, "seconds", error.retry_after) == 7
    world.acquaint(BORIS, SHOP)
    assert await client.call("sendMessage", chat_id=BORIS.id, text="another chat")


async def test_too_many_messages_from_a_bot(raw: Raw, world: World) -> None:
    world.flood.enabled, world.flood.per_second, world.flood.clock = True, 1, lambda: 1000.0
    world.acquaint(BORIS, SHOP)
    assert (await raw("sendMessage", chat_id=ANNA.id, text="1"))["ok"]
    body = await raw("sendMessage", chat_id=BORIS.id, text="2")
    assert body == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    assert world.from_bot(BORIS, SHOP) == []


async def test_the_journal_keeps_every_call(raw: Raw, world: World) -> None:
    await raw("sendMessage", chat_id=ANNA.id, text="x")
    await raw("sendMessage", chat_id=1, text="y")
    good, bad = world.journal.calls("sendmessage", "shop_bot")
    assert (good.params["text"], good.result["text"], good.error) == ("x", "x", None)
    assert (bad.result, bad.error) == (None, (400, "Bad Request: chat not found"))
    assert good.at <= good.ended <= bad.at
    assert world.journal.calls("sendMessage", "till_bot") == []
    assert world.journal.calls(after=good.number) == [bad]
