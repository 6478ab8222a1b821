"""Two web processes and a worker on PostgreSQL and Redis, as in production: a sale, and ends under load."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bot.database import database
from core.check import check_ledger
from core.deps import Deps
from core.domain.people import Role
from core.keyring import Keyring
from core.ports import SystemClock
from core.services import Services
from core.store.models import HandledUpdate, LedgerEntry, ParkedUpdate, Purchase
from simulator import Message, Person, Simulator, World
from tests.bots.world import ANNA, CASHIER, CUSTOMER_BOT, STAFF_BOT
from tests.conftest import enrol, hire
from tests.servers import redis_url
from tests.web.processes import Balancer, Process, environment

WAIT_S = 60.0
CROWD = [Person(1000 + number, f"Guest {number}") for number in range(40)]

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_kind", ["postgres"])]


@dataclass
class Fleet:
    """What runs: the simulator's world, the web processes by their address, the worker."""

    world: World
    balancer: Balancer
    webs: dict[str, Process]
    worker: Process
    stack: AsyncExitStack
    settings: dict[str, str]
    folder: Path

    async def add_web(self) -> str:
        """Start one more web process; its address, once Telegram knows it."""
        process = await self.stack.enter_async_context(Process("web", self.settings, self.folder))
        url = f"http://{(await process.said('takes updates at (127.0.0.1:[0-9]+)'))[1]}"
        self.webs[url] = process
        self.balancer.backends.append(url)
        return url

    async def end_web(self, url: str) -> int:
        """SIGTERM; the balancer only learns of it by refused connections."""
        status = await self.webs.pop(url).terminate()
        self.balancer.backends.remove(url)
        return status


@pytest_asyncio.fixture
async def fleet(database_url: str, tmp_path: Path) -> AsyncIterator[Fleet]:
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(Simulator([CUSTOMER_BOT, STAFF_BOT], [ANNA, CASHIER, *CROWD]))
        balancer = await stack.enter_async_context(Balancer().running())
        settings = environment(simulator, database_url, PUBLIC_URL=balancer.url, REDIS_URL=redis_url())
        worker = await stack.enter_async_context(Process("worker", settings, tmp_path))
        fleet = Fleet(simulator.world, balancer, {}, worker, stack, settings, tmp_path)
        await asyncio.gather(fleet.add_web(), fleet.add_web(), worker.said("worker runs"))
        yield fleet


async def test_a_sale_over_two_processes_and_ends_under_load(fleet: Fleet, database_url: str) -> None:
    # One test of all: starting three processes is what takes the time.
    await _seed(database_url)
    await _sell(fleet)
    await _end_under_load(fleet)
    assert [await process.terminate() for process in (*fleet.webs.values(), fleet.worker)] == [0, 0]
    async with database(database_url):
        assert not (await check_ledger()).findings
        assert await Purchase.filter(status="completed").count() == 2
        assert await LedgerEntry.filter(kind="redemption").count() == 1
        updates = [each for bot in (CUSTOMER_BOT, STAFF_BOT) for each in fleet.world.updates(bot)]
        assert await HandledUpdate.all().count() == len(updates)
        assert await ParkedUpdate.all().count() == 0


async def _sell(fleet: Fleet) -> None:
    world = fleet.world
    for person, bot in ((ANNA, CUSTOMER_BOT), (CASHIER, STAFF_BOT)):
        world.start(person.id, bot.id)
        await world.wait_message(person.id, bot.id, timeout=WAIT_S)
    world.send_text(CASHIER.id, STAFF_BOT.id, "9000000001 700")
    quote = await world.wait_message(CASHIER.id, STAFF_BOT.id, "700", timeout=WAIT_S)
    world.press(CASHIER.id, STAFF_BOT.id, quote.id, _key(quote, "💸"))
    question = await world.wait_message(ANNA.id, CUSTOMER_BOT.id, "700", timeout=WAIT_S)
    world.press(ANNA.id, CUSTOMER_BOT.id, question.id, _key(question, "✅"))
    await world.wait_for(
        lambda: [m for m in world.from_bot(CASHIER.id, STAFF_BOT.id) if m.inline_button("↩️ Отменить")], WAIT_S
    )
    assert set(fleet.balancer.taken) == set(fleet.webs)
    for url in fleet.webs:
        async with asyncio.timeout(WAIT_S), aiohttp.ClientSession() as http:
            while "kopilka_relay_leads 1.0" not in await (await http.get(f"{url}/metrics")).text():
                await asyncio.sleep(0.1)  # a worker that got no time for it may have lost the lease for a moment


async def _end_under_load(fleet: Fleet) -> None:
    world, (first, second) = fleet.world, list(fleet.webs)
    for person in CROWD:
        world.start(person.id, CUSTOMER_BOT.id)
    await world.wait_for(lambda: len(world.pending_updates(CUSTOMER_BOT)) < len(CROWD), WAIT_S)
    assert await fleet.end_web(first) == 0
    starting = asyncio.create_task(fleet.add_web())
    for person in CROWD:
        world.send_text(person.id, CUSTOMER_BOT.id, "/help")
    await starting
    for person in CROWD:
        world.send_text(person.id, CUSTOMER_BOT.id, "/help")
    await world.wait_for(lambda: len(world.pending_updates(CUSTOMER_BOT)) < len(CROWD), WAIT_S)
    assert await fleet.end_web(second) == 0
    await world.wait_confirmed(CUSTOMER_BOT, timeout=WAIT_S)
    assert {len(world.from_bot(person.id, CUSTOMER_BOT.id)) for person in CROWD} == {3}


async def _seed(database_url: str) -> None:
    """A cashier, and a customer with points to spend."""
    async with database(database_url):
        core = Services.of(Deps(clock=SystemClock(), keys=Keyring("test-secret-key-of-32-characters!")))
        cashier = await hire(core, CASHIER.id, Role.CASHIER)
        customer = await enrol(core, ANNA.id, "79000000001")
        sale = await core.till.open_sale(cashier, customer, 10_000_00, key="seed")
        await core.till.accrue(cashier, sale.purchase_id)


def _key(message: Message, begins: str) -> str:
    return next(text for row in message.buttons for text in row if text.startswith(begins))
