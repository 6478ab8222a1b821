"""Webhooks: secret, order, and pushing again until an update is taken."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from simulator import World
from tests.simulator.clients import Client, Refused
from tests.simulator.conftest import ANNA, BORIS, SHOP, VERA, Raw

Answer = Callable[[dict[str, Any]], web.Response]


@dataclass
class Receiver:
    """A bot's web server: keeps what it got, answers as told (200 by default)."""

    url: str = ""
    updates: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    hold: dict[int, asyncio.Event] = field(default_factory=dict)
    inside: int = 0
    most: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            return await self._work(await request.json())
        finally:
            self.inside -= 1

    async def _work(self, update: dict[str, Any]) -> web.Response:
        async with self.news:
            self.updates.append(update)
            self.news.notify_all()
        held = self.hold.get(update.get("message", {}).get("chat", {}).get("id"))
        if held:
            await held.wait()
        return self.answers.pop(0) if self.answers else web.Response()

    async def got(self, count: int) -> list[Any]:
        async with self.news:
            async with asyncio.timeout(60):
                await self.news.wait_for(lambda: len(self.updates) >= count)
        return [update["message"]["text"] for update in self.updates]


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.add_routes([web.post("/hook", receiver.take)])
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def test_updates_are_pushed_with_the_secret(client: Client, world: World, receiver: Receiver) -> None:
    assert await client.call("setWebhook", url=receiver.url, secret_token="s3cret-_")
    world.send_text(ANNA, SHOP, "hello")
    assert await receiver.got(1) == ["hello"]
    assert receiver.secrets == ["s3cret-_"]
    await world.wait_confirmed(SHOP)


async def test_what_was_pending_is_pushed_or_dropped(raw: Raw, world: World, receiver: Receiver) -> None:
    world.send_text(ANNA, SHOP, "before")
    await raw("setWebhook", url=receiver.url)
    assert await receiver.got(1) == ["before"]
    await raw("deleteWebhook")
    world.send_text(ANNA, SHOP, "between")
    await raw("setWebhook", url=receiver.url, drop_pending_updates=True)
    world.send_text(ANNA, SHOP, "after")
    assert await receiver.got(2) == ["before", "after"]


async def test_a_refused_update_comes_again_before_the_next_of_its_chat(
    raw: Raw, world: World, receiver: Receiver
) -> None:
    receiver.answers = [web.Response(status=500), web.Response(status=404), web.Response(status=204)]
    await raw("setWebhook", url=receiver.url)
    world.send_text(ANNA, SHOP, "1")
    world.send_text(ANNA, SHOP, "2")
    assert await receiver.got(4) == ["1", "1", "1", "2"]
    await world.wait_confirmed(SHOP)
    info = (await raw("getWebhookInfo"))["result"]
    assert info["last_error_message"] == "Wrong response from the webhook: 404 Not Found"
    assert (info["pending_update_count"], info["max_connections"]) == (0, 40)


async def test_a_slow_chat_does_not_hold_up_another(raw: Raw, world: World, receiver: Receiver) -> None:
    gate = receiver.hold[ANNA.id] = asyncio.Event()
    await raw("setWebhook", url=receiver.url)
    world.send_text(ANNA, SHOP, "slow 1")
    await receiver.got(1)
    world.send_text(ANNA, SHOP, "slow 2")
    world.send_text(BORIS, SHOP, "quick")
    assert await receiver.got(2) == ["slow 1", "quick"]
    gate.set()
    assert (await receiver.got(3))[2] == "slow 2"


@pytest.mark.parametrize("bound", [1, 2])
async def test_max_connections_bounds_the_pushes(raw: Raw, world: World, receiver: Receiver, bound: int) -> None:
    gate = asyncio.Event()
    receiver.hold = {person.id: gate for person in (ANNA, BORIS, VERA)}
    await raw("setWebhook", url=receiver.url, max_connections=bound)
    for person in (ANNA, BORIS, VERA):
        world.send_text(person, SHOP, "1")
        world.send_text(person, SHOP, "2")
    await receiver.got(bound)
    await asyncio.sleep(0.05)  # for one too many to come
    gate.set()
    await receiver.got(6)
    assert receiver.most == bound


async def test_a_taken_update_may_be_delivered_again(raw: Raw, world: World, receiver: Receiver) -> None:
    await raw("setWebhook", url=receiver.url)
    sent = world.send_text(ANNA, SHOP, "x").update_id
    await receiver.got(1)
    await world.wait_confirmed(SHOP)
    gate = receiver.hold[ANNA.id] = asyncio.Event()
    world.redeliver(sent, 4)
    await receiver.got(2)
    world.send_text(BORIS, SHOP, "meanwhile")
    await receiver.got(3)
    gate.set()
    assert sorted(await receiver.got(6)) == ["meanwhile", *["x"] * 5]
    await world.wait_confirmed(SHOP)


async def test_a_method_in_the_answer_is_executed(raw: Raw, world: World, receiver: Receiver) -> None:
    receiver.answers = [
        web.json_response(
            {"method": "sendMessage", "chat_id": ANNA.id, "text": "<b>at once</b>", "parse_mode": "HTML"}
        )
    ]
    await raw("setWebhook", url=receiver.url)
    world.send_text(ANNA, SHOP, "x")
    assert (await world.wait_message(ANNA, SHOP)).text == "at once"


async def test_a_closed_port_is_told_in_the_info(raw: Raw, world: World, receiver: Receiver) -> None:
    await raw("setWebhook", url="http://127.0.0.1:9/hook")
    world.send_text(ANNA, SHOP, "x")
    webhook = world.bot(SHOP).webhook
    assert webhook is not None
    await world.wait_for(lambda: webhook.last_error)
    assert (await raw("getWebhookInfo"))["result"]["last_error_message"] == "Connection refused"
    await raw("setWebhook", url=receiver.url)
    assert await receiver.got(1) == ["x"]


async def test_polling_and_a_webhook_exclude_each_other(client: Client, world: World, raw: Raw) -> None:
    waiting = asyncio.create_task(client.updates(timeout=30))
    await world.wait_for(lambda: world.bot(SHOP).updates.is_polled)
    assert (await raw("setWebhook", url="http://127.0.0.1:9/"))["description"] == "Webhook was set"
    with pytest.raises(Refused) as refused:
        async with asyncio.timeout(60):
            await waiting
    assert refused.value.words == "conflict: terminated by setwebhook request"
    with pytest.raises(Refused) as refused:
        await client.updates()
    assert refused.value.words == (
        "conflict: can't use getupdates method while webhook is active; "
        "use deletewebhook to delete the webhook first"
    )
    assert (await raw("deleteWebhook"))["description"] == "Webhook was deleted"
    assert (await raw("deleteWebhook"))["description"] == "Webhook is already deleted"
    assert await client.updates() == []


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "http://example.org/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://["}, "invalid webhook URL specified"),
        ({"url": "ftp://127.0.0.1/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://example.org", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "https://example.org", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_bad_webhooks_are_refused(raw: Raw, params: dict[str, str], words: str) -> None:
    assert await raw.words("setWebhook", **params) == f"Bad Request: {words}"
    assert (await raw("getWebhookInfo"))["result"]["url"] == ""
