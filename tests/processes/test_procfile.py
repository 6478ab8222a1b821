"""The Procfile on PostgreSQL and Redis as in production: release, two web, two workers, a clock.

A sale over all of them, who may post, when 200 is answered, a leader that is killed, ticks that are done once,
and ends under load.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bot.database import database
from bot.relay.loop import LEASE, STAND_BY_S
from core.check import check_ledger
from core.deps import Deps
from core.domain.people import Role
from core.keyring import Keyring
from core.ports import SystemClock
from core.services import Services
from core.store import updates
from core.store.models import HandledUpdate, LedgerEntry, ParkedUpdate, Purchase
from core.store.sql import fetch, moment
from simulator import Message, Person, Simulator, World
from tests.bots.world import ANNA, CASHIER, CUSTOMER_BOT, STAFF_BOT
from tests.conftest import enrol, hire
from tests.core.kit import one
from tests.processes.runner import Container
from tests.servers import redis_url
from tests.web.kit import HEADERS, message
from tests.web.processes import Balancer, environment

WAIT_S = 300.0
CROWD = [Person(1000 + number, f"Guest {number}") for number in range(40)]
STRANGER = Person(2000, "Stranger")

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_kind", ["postgres"])]


@dataclass
class Fleet:
    """What runs: the simulator's world, the web processes by their address, the workers, the clock."""

    world: World
    balancer: Balancer
    webs: dict[str, Container]
    workers: list[Container]
    clock: Container
    stack: AsyncExitStack
    settings: dict[str, str]
    folder: Path

    async def add(self, line: str) -> Container:
        return await self.stack.enter_async_context(Container(line, self.settings, self.folder))

    async def add_web(self) -> str:
        """Start one more web process; its address, once Telegram knows it."""
        process = await self.add("web")
        url = f"http://127.0.0.1:{(await process.said('takes updates at [0-9.]+:([0-9]+)'))[1]}"
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
    people = [ANNA, CASHIER, STRANGER, *CROWD]
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(Simulator([CUSTOMER_BOT, STAFF_BOT], people))
        balancer = await stack.enter_async_context(Balancer().running())
        settings = environment(simulator, database_url, PUBLIC_URL=balancer.url, REDIS_URL=redis_url())
        async with Container("release", settings, tmp_path) as release:
            assert await release.ended() == 0
            assert "up to date" in release.log()
        clock = Container("clock", settings, tmp_path)
        fleet = Fleet(simulator.world, balancer, {}, [], clock, stack, settings, tmp_path)
        await stack.enter_async_context(clock)
        fleet.workers = [await fleet.add("worker"), await fleet.add("worker")]
        await asyncio.gather(
            fleet.add_web(), fleet.add_web(), clock.said("clock runs"),
            *(worker.said("worker runs") for worker in fleet.workers),
        )  # fmt: skip
        yield fleet


async def test_a_day_of_the_procfile(fleet: Fleet, database_url: str) -> None:
    # One test of all: starting six processes is what takes the time.
    for person, bot in ((ANNA, CUSTOMER_BOT), (STRANGER, CUSTOMER_BOT), (CASHIER, STAFF_BOT)):
        fleet.world.open_chat(fleet.world.bot(bot), person)
    async with database(database_url):
        await _seed()
        await _refuse_whoever_is_not_telegram(fleet)
        await _commit_before_the_answer(fleet)
        await _sell(fleet, "700")
        await _do_each_tick_once(fleet)
        await _kill_the_leader(fleet)
        await _sell(fleet, "800")
        await _end_under_load(fleet)
        rest = (*fleet.webs.values(), *fleet.workers, fleet.clock)
        assert await asyncio.gather(*(process.terminate() for process in rest)) == [0] * len(rest)
        assert not (await check_ledger()).findings
        assert await Purchase.filter(status="completed").count() == 3
        assert await LedgerEntry.filter(kind="redemption").count() == 2
        seen = [each for bot in (CUSTOMER_BOT, STAFF_BOT) for each in fleet.world.updates(bot)]
        assert await HandledUpdate.all().count() == len(seen) + 1  # one came from this test itself
        assert await ParkedUpdate.all().count() == 0


async def _seed() -> None:
    """A cashier, and a customer with points to spend."""
    core = Services.of(Deps(clock=SystemClock(), keys=Keyring("test-secret-key-of-32-characters!")))
    cashier = await hire(core, CASHIER.id, Role.CASHIER)
    customer = await enrol(core, ANNA.id, "79000000001")
    sale = await core.till.open_sale(cashier, customer, 10_000_00, key="seed")
    await core.till.accrue(cashier, sale.purchase_id)


async def _refuse_whoever_is_not_telegram(fleet: Fleet) -> None:
    async with aiohttp.ClientSession() as http:
        for url in fleet.webs:
            for bot in ("customer", "staff"):
                for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "a-secret-of-the-tests "[:-2]}):
                    where = f"{url}/telegram/{bot}"
                    async with http.post(where, json=message(1), headers=headers) as answer:
                        assert (answer.status, await answer.read()) == (403, b"")
                async with http.post(f"{url}/telegram/{bot}", data=b"no update", headers=HEADERS) as answer:
                    assert answer.status == 400
    assert await HandledUpdate.all().count() == 0


async def _commit_before_the_answer(fleet: Fleet) -> None:
    """What is answered with 200 is in the database; delivered again to all processes at once it acts once."""
    update = message(900_000_000, "/start", STRANGER.id)
    one_of, *_ = fleet.webs
    async with aiohttp.ClientSession(headers=HEADERS) as http:

        async def post(url: str) -> int:
            async with http.post(f"{url}/telegram/customer", json=update) as answer:
                return answer.status

        assert await post(one_of) == 200
        assert await HandledUpdate.filter(key=f"{CUSTOMER_BOT.id}:900000000").exists()
        told = len(fleet.world.from_bot(STRANGER.id, CUSTOMER_BOT.id))
        assert await asyncio.gather(*(post(url) for url in (*fleet.webs, *fleet.webs))) == [200] * 4
        assert len(fleet.world.from_bot(STRANGER.id, CUSTOMER_BOT.id)) == told == 1


async def _sell(fleet: Fleet, total: str) -> None:
    """A sale by redemption: what the customer is asked, and what the till hears, is sent by the relay."""
    world = fleet.world
    if not fleet.balancer.taken:
        for person, bot in ((ANNA, CUSTOMER_BOT), (CASHIER, STAFF_BOT)):
            world.start(person.id, bot.id)
            await world.wait_message(person.id, bot.id, timeout=WAIT_S)
    before = world.mark()
    world.send_text(CASHIER.id, STAFF_BOT.id, f"9000000001 {total}")
    quote = await world.wait_message(CASHIER.id, STAFF_BOT.id, total, since=before, timeout=WAIT_S)
    world.press(CASHIER.id, STAFF_BOT.id, quote.id, _key(quote, "💸"))
    question = await world.wait_message(ANNA.id, CUSTOMER_BOT.id, total, since=before, timeout=WAIT_S)
    world.press(ANNA.id, CUSTOMER_BOT.id, question.id, _key(question, "✅"))
    await world.wait_for(
        lambda: [
            m
            for m in world.from_bot(CASHIER.id, STAFF_BOT.id)
            if total in m.text and m.inline_button("↩️ Отменить")
        ],
        WAIT_S,
    )
    assert set(fleet.balancer.taken) == set(fleet.webs)


async def _do_each_tick_once(fleet: Fleet) -> None:
    """Five rounds of periodic work: what is forgotten as done is done again, by one worker."""
    first = await one("SELECT COALESCE(max(id), 0) AS id FROM tick")
    for _ in range(5):
        await fetch("DELETE FROM tick")
        await _until("SELECT count(*) >= 2 AND count(*) = count(done_at) AS ok FROM tick")
    done = [json.loads(line) for worker in fleet.workers for line in _lines(worker, "tick_done")]
    ticks = [line["tick"] for line in done]
    assert len(ticks) == len(set(ticks))
    assert len([tick for tick in ticks if tick > first]) >= 10
    assert "queue" in {line["heard_by"] for line in done}


async def _kill_the_leader(fleet: Fleet) -> None:
    """A dead leader leaves a lease that ends, and is asked for again, before ten seconds are over."""
    killed, holder = await _leader(fleet), await updates.lease_holder("relay")
    until = moment(await one("SELECT until FROM lease WHERE name = 'relay'"))
    assert until - SystemClock().now() <= LEASE
    assert LEASE + timedelta(seconds=STAND_BY_S) <= timedelta(seconds=10)
    await fleet.workers[killed].kill()
    fleet.workers[killed] = await fleet.add("worker")
    await _until(f"SELECT count(*) = 1 AS ok FROM lease WHERE name = 'relay' AND holder <> '{holder}'")
    await fleet.workers[killed].said("worker runs")


async def _leader(fleet: Fleet) -> int:
    """Which of the workers sends the outbox."""
    holder = await updates.lease_holder("relay")
    assert holder is not None
    pid = int(holder.rsplit(":", 2)[1])
    (found,) = [number for number, worker in enumerate(fleet.workers) if worker.runs(pid)]
    return found


async def _end_under_load(fleet: Fleet) -> None:
    world, (first, second) = fleet.world, list(fleet.webs)
    for person in CROWD:
        world.start(person.id, CUSTOMER_BOT.id)
    await world.wait_for(lambda: len(world.pending_updates(CUSTOMER_BOT)) < len(CROWD), WAIT_S)
    leader = await _leader(fleet)
    assert await asyncio.gather(fleet.end_web(first), fleet.workers.pop(leader).terminate()) == [0, 0]
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


async def _until(question: str) -> None:
    async with asyncio.timeout(WAIT_S):
        while not await one(question):
            await asyncio.sleep(0.1)


def _lines(container: Container, event: str) -> list[str]:
    return re.findall(r"\{[^\n]*" + f'"event": "{event}"' + r"[^\n]*\}", container.log())


def _key(message: Message, begins: str) -> str:
    return next(text for row in message.buttons for text in row if text.startswith(begins))
