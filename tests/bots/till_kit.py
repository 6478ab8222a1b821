"""A cashier's chat with the staff bot, so that a test reads like the counter. It counts what the cashier does."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.domain.people import Role
from core.services import Services
from core.store import identities
from core.store.models import ParkedUpdate
from simulator import Message, Person, Simulator
from tests.bots.world import ANNA, BORIS, CASHIER, CUSTOMER_BOT, MANAGER, STAFF_BOT, BotWorld, serving, simulated
from tests.conftest import enrol, hire

NBSP = {ord(space): " " for space in "\u00a0\u202f"}
PHONE = {ANNA.id: "9000000001", BORIS.id: "9000000002"}


@dataclass
class Counter:
    """One staff member at work. Each act waits until the bot is done with it and returns what it said."""

    bots: BotWorld
    person: Person = CASHIER
    actions: int = 0

    async def say(self, text: str) -> str:
        return await self.do(lambda: self.bots.world.send_text(self.person, STAFF_BOT, text))

    async def start(self, payload: str = "") -> str:
        return await self.do(lambda: self.bots.world.start(self.person, STAFF_BOT, payload))

    async def photo(self, picture: bytes, caption: str = "") -> str:
        return await self.do(lambda: self.bots.world.send_photo(self.person, STAFF_BOT, picture, caption))

    async def press(self, button: str, message: int | None = None, *, force: bool = False) -> str:
        """Press an inline button of the newest message that has it; an alert counts as said."""
        world = self.bots.world
        self.actions += 1
        await self.settled()
        mark = world.mark()
        query = world.press(self.person, STAFF_BOT, message, button, force=force)
        answer = await world.wait_answer(query)
        await self.settled()
        return "\n".join([str(answer.get("text") or ""), self.said(mark)]).strip().translate(NBSP)

    async def do(self, act: Callable[[], object]) -> str:
        """Anything that sends a message."""
        self.actions += 1
        await self.settled()
        mark = self.bots.world.mark()
        act()
        await self.settled()
        return self.said(mark)

    async def settled(self) -> None:
        """Until everything that was sent to the bot is handled, nothing of it put aside, and all it owes told."""
        await self.bots.world.wait_confirmed(STAFF_BOT)
        await self.bots.told_all(self.person, STAFF_BOT)
        assert await ParkedUpdate.all().count() == 0, await ParkedUpdate.all().values_list("error", flat=True)

    def said(self, mark: int) -> str:
        """What the bot has said or changed since a mark."""
        messages = self.bots.world.from_bot(self.person, STAFF_BOT)
        return "\n".join(each.text for each in messages if each.touched > mark).translate(NBSP)

    async def sees(self, contains: str) -> str:
        """Wait for a message to say that, whoever made it so."""
        found = await self.bots.world.wait_for(
            lambda: next((each for each in self.messages if contains in each.text.translate(NBSP)), None)
        )
        said = found.text.translate(NBSP)
        # What else is owed may overtake it, and would be the newest message a moment later.
        await self.bots.told_all(self.person, STAFF_BOT)
        return said

    @property
    def messages(self) -> list[Message]:
        return self.bots.world.from_bot(self.person, STAFF_BOT)

    @property
    def last(self) -> Message:
        return self.bots.world.last(self.person, STAFF_BOT)

    @property
    def text(self) -> str:
        return self.last.text.translate(NBSP)

    @property
    def keys(self) -> list[str]:
        """All buttons under the newest message."""
        return [text.translate(NBSP) for row in self.last.buttons for text in row]

    @property
    def alerts(self) -> list[str]:
        """What presses were answered with."""
        answers = self.bots.world.callback_answers(self.person, STAFF_BOT)
        return [str(answer.get("text") or "") for answer in answers]

    async def code_of(self, phone: str, count: int = 1) -> str:
        """The code in the newest SMS to this phone, once it got so many."""
        sms = await self.bots.world.wait_sms(f"+7{phone}", count=count)
        return next(word for word in sms.text.split() if word.isdigit())

    async def confirms(self, button: str = "✅ Списать", person: Person = ANNA) -> None:
        """The customer's press under the question in their own chat."""
        world = self.bots.world
        await world.wait_message(person, CUSTOMER_BOT, "?")
        await world.wait_answer(world.press(person, CUSTOMER_BOT, None, button))


@asynccontextmanager
async def counter(core: Services, person: Person = CASHIER, role: Role = Role.CASHIER) -> AsyncIterator[Counter]:
    """Everything running, one member hired, and their chat begun by /start."""
    await hire(core, person.id, role)
    async with street() as simulator, at_work(core, simulator, person) as at:
        yield at


@asynccontextmanager
async def street() -> AsyncIterator[Simulator]:
    """The simulator with customers who have spoken to the customer bot, to start and stop bots on."""
    async with simulated() as simulator:
        for each in (ANNA, BORIS):
            simulator.world.acquaint(each, CUSTOMER_BOT)
        yield simulator


@asynccontextmanager
async def at_work(
    core: Services, simulator: Simulator, person: Person = CASHIER, *, greet: bool = True
) -> AsyncIterator[Counter]:
    """The bots at work for a member; leaving it and coming again is a restart."""
    async with serving(core, simulator) as bots:
        at = Counter(bots, person)
        if not greet:
            yield at
            return
        await at.start()
        at.actions = 0
        yield at


async def customer_with(core: Services, points: int, person: Person = ANNA) -> int:
    """A customer of the customer bot with so many whole points; returns the id."""
    customer_id = await enrol(core, person.id, f"7{PHONE[person.id]}")
    if points:
        earner = await core.staff.identify(MANAGER.id, "ru") or await hire(core, MANAGER.id, Role.MANAGER)
        key = f"earn:{customer_id}"
        sale = await core.till.open_sale(earner, customer_id, points * 20 * 100, key=key)
        await core.till.accrue(earner, sale.purchase_id)
    return customer_id


async def leaves_the_bot(core: Services, person: Person = ANNA) -> None:
    """The customer blocks the customer bot: from now on only SMS reach them."""
    await identities.mark_blocked("customer", person.id, core.deps.clock.now())
