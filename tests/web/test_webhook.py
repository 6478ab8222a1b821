"""Who may post to a webhook, and when it is answered."""

import asyncio
import io

import pytest
from aiogram import Dispatcher
from aiogram.types import Update

from bot.web.server import MAX_BODY
from core.store import updates
from core.store.models import HandledUpdate, ParkedUpdate
from simulator import Simulator
from tests.bots.world import ANNA, CUSTOMER_BOT
from tests.web.kit import HEADERS, Web, message


async def test_200_means_committed_and_answered(web: Web, simulator: Simulator) -> None:
    assert await web.post(message(7)) == 200
    assert await HandledUpdate.exists(key=f"{CUSTOMER_BOT.id}:7")
    assert len(simulator.world.from_bot(ANNA.id, CUSTOMER_BOT.id)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Telegram-Bot-Api-Secret-Token": ""},
        {"X-Telegram-Bot-Api-Secret-Token": "a-secret-of-the-test"},
        {"X-Telegram-Bot-Api-Secret-Token": "A-secret-of-the-tests"},
        {"X-Telegram-Bot-Api-Secret-Token": "a-secret-of-the-tests" * 2},
        {"X-Telegram-Bot-Api-Secret-Token": "секрет"},
        {"Authorization": "Bearer a-secret-of-the-tests"},
    ],
)
async def test_without_the_secret_nothing_is_taken(web: Web, headers: dict[str, str]) -> None:
    async with web.http.post(f"{web.url}/telegram/customer", json=message(7), headers=headers) as answer:
        assert (answer.status, await answer.read()) == (403, b"")
        assert answer.headers["Server"] == "kopilka"
    assert await HandledUpdate.all().count() == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_posts_are_taken(web: Web, method: str) -> None:
    async with web.http.request(method, f"{web.url}/telegram/customer", headers=HEADERS) as answer:
        assert answer.status == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff\xfe",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b"[" * 9999,
    ],
)
async def test_what_is_no_update_is_refused(web: Web, body: bytes) -> None:
    async with web.http.post(f"{web.url}/telegram/staff", data=body, headers=HEADERS) as answer:
        assert (answer.status, await answer.read()) == (400, b"")
    assert await ParkedUpdate.all().count() == 0


async def test_too_much_is_refused(web: Web) -> None:
    async def drops() -> object:
        for _ in range(MAX_BODY // 1000 + 2):
            yield b" " * 1000

    for body in (io.BytesIO(b" " * (MAX_BODY + 1)), drops()):
        async with web.http.post(f"{web.url}/telegram/staff", data=body, headers=HEADERS) as answer:
            assert (answer.status, await answer.read()) == (413, b"")


async def test_before_the_bots_are_named_telegram_shall_come_again(web: Web) -> None:
    web.state.named = False
    assert await web.post(message(7)) == 503
    assert await web.post(message(7), headers={}) == 403
    assert await HandledUpdate.all().count() == 0


async def test_delivered_five_times_at_once_it_acts_once(web: Web, simulator: Simulator) -> None:
    assert await asyncio.gather(*(web.post(message(7)) for _ in range(5))) == [200] * 5
    assert len(simulator.world.from_bot(ANNA.id, CUSTOMER_BOT.id)) == 1
    _, figures = await web.get("/metrics")
    assert 'kopilka_updates_total{bot="customer",result="handled"} 1.0' in figures
    assert 'kopilka_updates_total{bot="customer",result="repeated"} 4.0' in figures


async def test_an_update_that_aiogram_cannot_read_is_put_aside(web: Web) -> None:
    assert await web.post({"update_id": 8, "message": {"message_id": "x"}}) == 200
    parked = await ParkedUpdate.get()
    assert (parked.bot_id, parked.update_id) == (CUSTOMER_BOT.id, 8)


async def test_a_poison_update_is_put_aside_once_and_the_person_told(
    web: Web, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def broken(self: Dispatcher, bot: object, update: Update) -> None:
        tries.append(update.update_id)
        raise KeyError("a fault of the code")

    monkeypatch.setattr(Dispatcher, "feed_update", broken)
    assert await web.post(message(9)) == 200
    assert tries == [9, 9, 9]
    assert await web.post(message(9)) == 200
    assert tries == [9, 9, 9]
    assert await ParkedUpdate.all().count() == 1
    assert "9" in simulator.world.last(ANNA.id, CUSTOMER_BOT.id).text
    _, figures = await web.get("/metrics")
    assert 'kopilka_updates_total{bot="customer",result="parked"} 1.0' in figures
    assert "kopilka_parked_updates 1.0" in figures


async def test_a_commit_that_fails_is_not_answered_200(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise ConnectionResetError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(updates, "close_update", away)
        patch.setattr(updates, "mark_handled", away)
        assert await web.post(message(7)) == 500
    assert await HandledUpdate.all().count() == 0
    assert await web.post(message(7)) == 200
    assert await HandledUpdate.all().count() == 1
