"""kill -9 at random points of a sale: nothing is lost, nothing happens twice."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest

from bot.database import database
from core.actors import CustomerActor
from core.check import check_ledger
from core.deps import Deps
from core.domain.people import Role
from core.ports import SystemClock
from core.services import Services
from core.store.models import Hold, LedgerEntry, ParkedUpdate, Purchase
from simulator import Message, Simulator, World
from tests.bots.world import ANNA, BORIS, CASHIER, CUSTOMER_BOT, STAFF_BOT
from tests.conftest import enrol, hire
from tests.faults.product import Product

POINTS = 20
WAIT_S = 180.0
# A start takes seconds on a machine that is busy with other tests.

pytestmark = pytest.mark.slow


class Killer:
    """Kills the product a random moment after one of the actions of a sale, and starts it anew."""

    def __init__(self, product: Product, rng: random.Random) -> None:
        self._product = product
        self._rng = rng
        self._strikes_at = -1

    def aim(self, actions: int) -> None:
        """Choose the action of the next sale that is followed by a kill."""
        self._strikes_at = self._rng.randrange(actions)

    async def after(self, action: int) -> None:
        """Called right after an action of a person."""
        if action == self._strikes_at:
            await asyncio.sleep(self._rng.uniform(0, 0.08))
            await self._product.kill()
            await self._product.start()


async def sell(world: World, number: int, killer: Killer) -> None:
    """One sale with redemption, through to its end: line, press, the customer's press."""
    before = world.mark()
    total = f"{600 + number}"
    world.send_text(CASHIER.id, STAFF_BOT.id, f"9000000001 {total}")
    await killer.after(0)
    quote = await world.wait_message(CASHIER.id, STAFF_BOT.id, total, since=before, timeout=WAIT_S)
    world.press(CASHIER.id, STAFF_BOT.id, quote.id, _key(quote, "💸"))
    await killer.after(1)
    question = await world.wait_message(ANNA.id, CUSTOMER_BOT.id, total, since=before, timeout=WAIT_S)
    world.press(ANNA.id, CUSTOMER_BOT.id, question.id, _key(question, "✅"))
    await killer.after(2)
    done = await world.wait_for(
        lambda: [
            m
            for m in world.from_bot(CASHIER.id, STAFF_BOT.id)
            if total in m.text and m.inline_button("↩️ Отменить")
        ],
        timeout=WAIT_S,
    )
    assert done


def _key(message: Message, begins: str) -> str:
    return next(text for row in message.buttons for text in row if text.startswith(begins))


async def seed(core: Services) -> int:
    """A cashier, and a customer with enough points for every sale."""
    cashier = await hire(core, CASHIER.id, Role.CASHIER)
    customer = await enrol(core, ANNA.id, "79000000001")
    sale = await core.till.open_sale(cashier, customer, 1_000_000_00, key="seed")
    await core.till.accrue(cashier, sale.purchase_id)
    return customer


@pytest.mark.parametrize("database_kind", ["sqlite", "postgres"], indirect=True)
async def test_kill_at_random_points_of_a_sale(
    database_url: str, deps: Deps, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seed_number = request.config.getoption("randomly_seed", default=1)
    rng = random.Random(f"{seed_number}:{database_url.partition(':')[0]}")
    async with database(database_url):
        core = Services.of(replace(deps, clock=SystemClock()))
        await core.programmes.start("Основная точка")
        customer = await seed(core)
    simulator = Simulator([CUSTOMER_BOT, STAFF_BOT], [ANNA, BORIS, CASHIER])
    await simulator.start()
    for bot, person in ((CUSTOMER_BOT, ANNA), (STAFF_BOT, CASHIER)):
        simulator.world.start(person.id, bot.id)
    try:
        async with Product(simulator, database_url, tmp_path) as product:
            killer = Killer(product, rng)
            for number in range(POINTS // 2):
                killer.aim(3)
                await sell(simulator.world, number, killer)
            await _at_work(simulator.world)
            assert await product.terminate() == 0
    finally:
        await simulator.stop()
    await judge(database_url, core, customer)


async def _at_work(world: World) -> None:
    """The last kill may have been a moment ago: a process that is only being loaded dies of SIGTERM as it is."""
    before = len(world.from_bot(CASHIER.id, STAFF_BOT.id))
    world.send_text(CASHIER.id, STAFF_BOT.id, "/help")
    await world.wait_for(lambda: len(world.from_bot(CASHIER.id, STAFF_BOT.id)) > before, timeout=WAIT_S)


async def judge(database_url: str, core: Services, customer: int) -> None:
    """Every sale is there once, each moved the points it says, and the ledger holds."""
    sales = POINTS // 2
    async with database(database_url):
        report = await check_ledger()
        assert not report.findings, report.findings
        done = await Purchase.filter(status="completed").order_by("id")
        assert sorted(each.subtotal for each in done[1:]) == [(600 + n) * 100 for n in range(sales)]
        assert await LedgerEntry.filter(kind="redemption").count() == sales
        assert await LedgerEntry.filter(kind="accrual").count() == sales + 1
        assert await Hold.filter(settled_at=None).count() == 0
        assert await ParkedUpdate.all().count() == 0
        expected = 50_000_00 - sum(each.points for each in done[1:]) + sum(each.accrual for each in done[1:])
        balance = await core.balances.open(CustomerActor(customer, ANNA.id, "ru", None))
        assert balance.points == expected
