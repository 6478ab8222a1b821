"""Sales by the core's verbs while PostgreSQL is restarted and its backends are killed."""

import asyncio
import random
from dataclasses import dataclass, field

from tortoise.connection import get_connection

from bot.database import database
from core.actors import StaffActor
from core.check import check_ledger
from core.deps import Deps
from core.domain.people import Role
from core.keyring import Keyring
from core.ports import SystemClock
from core.services import Services
from core.store.models import Purchase
from core.store.sql import fetch
from core.store.transactions import is_waited_for, run_in_transaction
from core.store.turns import SharedTurns
from tests.conftest import enrol, hire
from tests.faults.servers import Postgres, fresh_postgres

SELLERS = 8
WAIT_S = 600.0


@dataclass
class Figures:
    """What was done and what came of it. ``wrong`` says what should not be."""

    restarts: int = 0
    backends: int = 0
    acknowledged: set[str] = field(default_factory=set)
    tried_again: int = 0
    wrong: list[str] = field(default_factory=list)


async def hammer(restarts: int, backends: int, rng: random.Random) -> Figures:
    """Sell on and on until the server was restarted and connections were killed so often."""
    figures = Figures()
    async with fresh_postgres() as server, database(server.url):
        core = Services.of(Deps(clock=SystemClock(), keys=Keyring("test-secret-key-of-32-characters!")))
        await core.programmes.start("Основная точка")
        cashier = await hire(core, 9001, Role.CASHIER)
        customers = [await enrol(core, 1 + number) for number in range(4)]
        over, turns = asyncio.Event(), SharedTurns()
        async with asyncio.TaskGroup() as tasks:
            for number in range(SELLERS):
                customer = customers[number % len(customers)]
                tasks.create_task(_sell(core, cashier, customer, f"{number}", turns, figures, over))
            await _disturb(server, restarts, backends, rng, figures)
            over.set()
        await turns.close()
        await _judge(figures)
    return figures


async def _sell(
    core: Services,
    cashier: StaffActor,
    customer: int,
    name: str,
    turns: SharedTurns,
    figures: Figures,
    over: asyncio.Event,
) -> None:
    """One sale after the other; what fails is asked for again by the same key, as a redelivered update is."""
    number = 0
    while not over.is_set():
        number += 1
        key = f"{name}:{number}"

        async def sale(key: str = key, amount: int = 100_00 + number) -> None:
            async with turns.held(f"till:{name}"):
                opened = await core.till.open_sale(cashier, customer, amount, key=key)
                await core.till.accrue(cashier, opened.purchase_id)

        while True:
            try:
                await sale()
            except Exception as error:
                if not is_waited_for(error):
                    raise
                figures.tried_again += 1
                await asyncio.sleep(0.05)
            else:
                figures.acknowledged.add(key)
                break


async def _disturb(server: Postgres, restarts: int, backends: int, rng: random.Random, figures: Figures) -> None:
    """Kill and restart in a mixed order; between two of them something was sold."""
    blows = ["restart"] * restarts + ["kill"] * backends
    rng.shuffle(blows)
    for blow in blows:
        before = len(figures.acknowledged)
        async with asyncio.timeout(WAIT_S):
            while len(figures.acknowledged) < before + 2:
                await asyncio.sleep(0.01)
        await asyncio.sleep(rng.uniform(0, 0.02))
        if blow == "restart":
            await server.restart(rng.choice(("fast", "immediate")))
            figures.restarts += 1
        elif pids := await server.backends():
            await server.kill_backend(rng.choice(pids))
            figures.backends += 1


async def _judge(figures: Figures) -> None:
    await _use_the_whole_pool(figures)
    report = await check_ledger()
    figures.wrong += [f"{finding.rule}: {finding.row}" for finding in report.findings]
    done = await Purchase.filter(status="completed").values_list("request_key", flat=True)
    figures.wrong += [f"sale {key} was acknowledged and is lost" for key in figures.acknowledged - set(done)]
    figures.wrong += [f"sale {key} was never acknowledged" for key in set(done) - figures.acknowledged]
    if len(done) != len(set(done)):
        figures.wrong.append("a sale is there twice")


async def _use_the_whole_pool(figures: Figures) -> None:
    """As many transactions as the pool has slots, all open at the same time: no slot was leaked."""
    size = get_connection("default")._pool.get_max_size()
    together = asyncio.Barrier(size)

    async def work() -> None:
        await fetch("SELECT 1")
        await together.wait()

    try:
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(*(run_in_transaction(work) for _ in range(size)))
    except TimeoutError:
        figures.wrong.append(f"the pool's {size} slots can't be used at the same time: one was leaked")
