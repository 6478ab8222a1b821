"""A simulator with two bots and three people, and everybody's clients."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from simulator import BotAccount, Person, Simulator, World
from tests.simulator.clients import CLIENTS, Client

SHOP = BotAccount(7000001, "7000001:shop-token", "shop_bot", "Shop")
TILL = BotAccount(7000002, "7000002:till-token", "till_bot", "Till", pane="staff")
ANNA = Person(501, "Anna", "Sample", "anna_sample", "+79160000001")
BORIS = Person(502, "Boris", phone="+79160000002", role="staff")
VERA = Person(503, "Vera", language_code="en")


@pytest.fixture(autouse=True)
def _new_ways_of_python_telegram_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else its old ways warn


@pytest_asyncio.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """Started on a free port; Anna has spoken to the shop's bot, which has no updates from it."""
    simulator = Simulator([SHOP, TILL], [ANNA, BORIS, VERA], title="Sample")
    simulator.world.webhook_backoff = (0.01,)
    simulator.world.acquaint(ANNA, SHOP)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def world(simulator: Simulator) -> World:
    return simulator.world


@pytest_asyncio.fixture(params=CLIENTS)
async def client(request: pytest.FixtureRequest, simulator: Simulator) -> AsyncIterator[Client]:
    """The shop's bot through each of the clients."""
    async with CLIENTS[request.param](simulator.url, SHOP.token) as client:
        yield client


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


class Raw:
    """The Bot API by bare HTTP."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def __call__(self, method: str, token: str = SHOP.token, **params: Any) -> dict[str, Any]:
        async with self.session.post(f"{self.url}/bot{token}/{method}", json=params) as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == body.get("error_code", 200)
            return body

    async def words(self, method: str, **params: Any) -> str:
        """The description of a refusal."""
        body = await self(method, **params)
        assert body["ok"] is False
        return str(body["description"])


@pytest.fixture
def raw(http: aiohttp.ClientSession, simulator: Simulator) -> Raw:
    return Raw(http, simulator.url)
