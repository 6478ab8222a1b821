"""Both bots running against the simulator over real HTTP, in one process, for tests of conversations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiogram import Bot, Dispatcher

from bot.dispatchers import customer_dispatcher, staff_dispatcher
from bot.intake import ALLOWED_UPDATES, Intake
from bot.polling import Poller
from bot.relay import Relay
from bot.telegram import build_bot
from bot.telegram.pace import Pace
from core.services import Services
from core.store.sql import fetch
from handlers.rendering import Renderer
from simulator import BotAccount, Person, Simulator, World
from simulator.events import PATIENCE_S
from sms.smsaero import SmsAeroGateway

TEMPLATES = Path(__file__).parents[2] / "templates"
CUSTOMER_BOT = BotAccount(100, "100:customer-token", "kopilka_test_bot", "Kopilka", "customer")
STAFF_BOT = BotAccount(200, "200:staff-token", "kopilka_test_staff_bot", "Kopilka Till", "staff")

ANNA = Person(1, "Анна", phone="+79000000001")
BORIS = Person(2, "Борис", phone="+79000000002")
CASHIER = Person(11, "Кассир", phone="+79000000011", role="staff")
MANAGER = Person(12, "Управляющий", phone="+79000000012", role="staff")

OWED = (
    "SELECT id FROM message WHERE channel = 'telegram' AND bot = $1 AND chat_id = $2 AND not_before <= $3 "
    "AND state IN ('queued', 'sending')"
)


@dataclass
class BotWorld:
    """The simulator's hands and looks, and the core behind the bots."""

    world: World
    core: Services
    customer: Bot
    staff: Bot
    simulator: Simulator

    async def told_all(self, person: Person, bot: BotAccount) -> None:
        """Until nothing is due that the bot owes a person of its own accord: it would come between an act and its
        answer at any moment."""
        async with asyncio.timeout(PATIENCE_S):
            while await fetch(OWED, bot.pane, person.id, self.core.deps.clock.now()):
                await asyncio.sleep(0.01)


@asynccontextmanager
async def simulated(
    people: tuple[Person, ...] = (ANNA, BORIS, CASHIER, MANAGER),
) -> AsyncIterator[Simulator]:
    """The simulator alone, to start and stop bots on."""
    simulator = Simulator([CUSTOMER_BOT, STAFF_BOT], people)
    await simulator.start()
    try:
        yield simulator
    finally:
        await simulator.stop()


@asynccontextmanager
async def serving(core: Services, simulator: Simulator) -> AsyncIterator[BotWorld]:
    """Both bots and the relay at work on a simulator; stop all of them in the end."""
    renderer = Renderer(TEMPLATES, clock=core.deps.clock)
    bots = {
        "customer": build_bot(CUSTOMER_BOT.token, api_url=simulator.url, pace=_quick()),
        "staff": build_bot(STAFF_BOT.token, api_url=simulator.url, pace=_quick()),
    }
    dispatchers: dict[str, Dispatcher] = {
        "customer": customer_dispatcher(core, renderer),
        "staff": staff_dispatcher(core, renderer),
    }
    sms = simulated_sms(simulator)
    relay = Relay(core, renderer, bots, sms, idle_s=0.02, tidy_s=0.2)
    pollers = []
    for name, bot in bots.items():
        intake = Intake(bot, dispatchers[name], core.deps.clock, relay.kick)
        pollers.append(Poller(bot, intake.handle, intake, token_setting=name, allowed_updates=ALLOWED_UPDATES))
    tasks = [asyncio.create_task(each.run()) for each in (*pollers, relay)]
    try:
        yield BotWorld(simulator.world, core, bots["customer"], bots["staff"], simulator)
    finally:
        await asyncio.gather(*(each.stop() for each in (*pollers, relay)))
        await asyncio.gather(*tasks)
        for bot in bots.values():
            await bot.session.close()
        await sms.close()


@asynccontextmanager
async def running(
    core: Services, *, people: tuple[Person, ...] = (ANNA, BORIS, CASHIER, MANAGER)
) -> AsyncIterator[BotWorld]:
    """Start the simulator, both bots and the relay; stop all of them in the end."""
    async with simulated(people) as simulator, serving(core, simulator) as world:
        yield world


def _quick() -> Pace:
    """No waiting between messages: the real pace has tests of its own."""
    return Pace(per_second=2000, burst=1000, chat_burst=1000, chat_period_s=0.001)


def simulated_sms(simulator: Simulator) -> SmsAeroGateway:
    """The simulator's gateway through the product's own adapter."""
    email, key = simulator.sms_account
    gate = simulator.url.removeprefix("http://")
    return SmsAeroGateway(email, key, gate=gate, scheme="http", timeout_s=60)
