"""The load: cashiers who sell without a pause, customers who answer them, newcomers who register."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.database import database
from core.deps import Deps
from core.domain.people import Role
from core.keyring import Keyring
from core.ports import SystemClock
from core.services import Services
from simulator import Person, World
from tests.bots.world import CUSTOMER_BOT, STAFF_BOT
from tests.conftest import enrol, hire
from tests.faults.facts import Facts
from tests.faults.people import Cashier, Customer, Newcomer

CUSTOMERS = [Person(100 + n, f"Покупатель {n}", phone=f"+7900000{n:04d}") for n in range(1, 6)]
CASHIERS = [Person(200 + n, f"Кассир {n}", phone=f"+7900001{n:04d}", role="staff") for n in range(1, 4)]
PROBE_CUSTOMER = Person(300, "Пробный покупатель", phone="+79000020001")
PROBE_CASHIER = Person(301, "Пробный кассир", phone="+79000020002", role="staff")
PEOPLE = [*CUSTOMERS, *CASHIERS, PROBE_CUSTOMER, PROBE_CASHIER]
NEWCOMERS = 900
"""At most so many in a day: the product sends no more than 1000 codes."""
SAVINGS = 10_000_000_00
"""What each customer bought before, in kopecks: points for some thousand sales."""


async def seed(world: World, database_url: str) -> None:
    """The cashiers, and customers with points to spend; all of them have opened their chats."""
    for person in (*CUSTOMERS, PROBE_CUSTOMER):
        world.start(person.id, CUSTOMER_BOT.id)
    for person in (*CASHIERS, PROBE_CASHIER):
        world.start(person.id, STAFF_BOT.id)
    async with database(database_url):
        core = Services.of(Deps(clock=SystemClock(), keys=Keyring("test-secret-key-of-32-characters!")))
        await core.programmes.start("Основная точка")
        # Long runs ask for more codes than a day's money would pay.
        await core.programmes.change({"sms_daily_budget": 1_000_000_00})
        for person in (*CASHIERS, PROBE_CASHIER):
            seller = await hire(core, person.id, Role.CASHIER)
        for person in (*CUSTOMERS, PROBE_CUSTOMER):
            assert person.phone is not None
            customer = await enrol(core, person.id, person.phone.lstrip("+"))
            sale = await core.till.open_sale(seller, customer, SAVINGS, key=f"seed:{person.id}")
            await core.till.accrue(seller, sale.purchase_id)


class Load:
    """Runs until it is stopped; what is under way then is brought to its end."""

    def __init__(self, world: World, facts: Facts, rng: random.Random, *, newcomer_every_s: float) -> None:
        self._world = world
        self._facts = facts
        self._rng = rng
        self._newcomer_every_s = newcomer_every_s
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start it; at the end everybody finishes what they began."""
        tellers = [
            asyncio.create_task(Customer(self._world, person, self._fork()).answer_questions())
            for person in CUSTOMERS
        ]
        busy = [asyncio.create_task(self._sell(Cashier(self._world, each, self._facts))) for each in CASHIERS]
        busy.append(asyncio.create_task(self._welcome()))
        try:
            yield
            self._stopping.set()
            await asyncio.gather(*busy)
        finally:
            for task in (*busy, *tellers):
                task.cancel()
            await asyncio.gather(*busy, *tellers, return_exceptions=True)

    def _fork(self) -> random.Random:
        return random.Random(self._rng.random())

    async def _sell(self, cashier: Cashier) -> None:
        rng = self._fork()
        while not self._stopping.is_set():
            chance = rng.random()
            await cashier.sell(rng.choice(CUSTOMERS), by_points=chance < 0.5, undo=rng.random() < 0.2)
            await self._pause(rng.uniform(0.1, 0.6))

    async def _welcome(self) -> None:
        for number in range(NEWCOMERS):
            if self._stopping.is_set():
                return
            person = self._world.add_person(Person(10_000 + number, f"Новый {number}", phone=f"+7901{number:07d}"))
            await Newcomer(self._world, person, self._facts).register()
            await self._pause(self._newcomer_every_s)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
