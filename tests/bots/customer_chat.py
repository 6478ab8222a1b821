"""One person's chat with the customer bot, so that a test reads like the conversation."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.actors import CustomerActor
from core.services import Services
from core.store.sql import fetch
from simulator import Message, Person
from tests.bots.world import ANNA, BORIS, CASHIER, CUSTOMER_BOT, BotWorld, running

NBSP = {ord(space): " " for space in "\u00a0\u202f"}


@dataclass
class Chat:
    """What the person does, each answered by what the bot has said or changed since."""

    bots: BotWorld
    person: Person

    async def say(self, text: str) -> str:
        """Type a text."""
        return await self.do(lambda: self.bots.world.send_text(self.person, CUSTOMER_BOT, text))

    async def start(self, payload: str = "") -> str:
        """Press Start, or follow a link."""
        return await self.do(lambda: self.bots.world.start(self.person, CUSTOMER_BOT, payload))

    async def share(self, **contact: object) -> str:
        """Share a contact: one's own unless told otherwise."""
        return await self.do(lambda: self.bots.world.send_contact(self.person, CUSTOMER_BOT, **contact))

    async def press(self, button: str, message: int | None = None, *, force: bool = False) -> str:
        """Press an inline button. What the bot says in an alert counts as said."""
        world = self.bots.world
        await self.settled()
        mark = world.mark()
        query = world.press(self.person, CUSTOMER_BOT, message, button, force=force)
        answer = await world.wait_answer(query)
        await self.settled()
        return "\n".join([str(answer.get("text") or ""), self._said(mark)]).strip().translate(NBSP)

    async def do(self, act: Callable[[], object]) -> str:
        """Anything else; waits until the bot is done with it."""
        await self.settled()
        mark = self.bots.world.mark()
        act()
        await self.settled()
        return self._said(mark)

    async def settled(self) -> None:
        """Until everything that was sent to the bot is handled to its end, and all that it owes is told."""
        await self.bots.world.wait_confirmed(CUSTOMER_BOT)
        await self.bots.told_all(self.person, CUSTOMER_BOT)

    async def told(self, contains: str) -> str:
        """Wait for what the bot says of its own accord; the newest message with that text."""

        def found() -> str | None:
            said = self.bots.world.from_bot(self.person, CUSTOMER_BOT)
            texts = [message.text.translate(NBSP) for message in reversed(said)]
            return next((text for text in texts if contains in text), None)

        said = await self.bots.world.wait_for(found)
        assert said is not None
        # What else is owed may overtake it, and would be the newest message a moment later.
        await self.bots.told_all(self.person, CUSTOMER_BOT)
        return said

    async def code(self, count: int = 1) -> str:
        """The digits in the newest SMS to the person's phone."""
        sms = await self.bots.world.wait_sms(self.person.phone or "", count=count)
        return next(word for word in sms.text.split() if word.isdigit())

    async def actor(self) -> CustomerActor:
        """The customer that the person is."""
        found = await self.bots.core.identification.customer(self.person.id, "ru")
        assert isinstance(found, CustomerActor)
        return found

    async def register(self, name: str | None = None) -> str:
        """The shortest way into the programme."""
        await self.start()
        await self.share()
        said = await self.press("✅ Согласен")
        if "Как вас зовут" in said:
            await (self.say(name) if name else self.press("Пропустить"))
            said = await self.press("Пропустить")
        assert "Готово!" in said
        return said

    @property
    def last(self) -> Message:
        """The bot's newest message."""
        return self.bots.world.last(self.person, CUSTOMER_BOT)

    @property
    def keys(self) -> list[str]:
        """The inline buttons under the bot's newest message."""
        rows = (self.last.markup or {}).get("inline_keyboard", [])
        return [button["text"] for row in rows for button in row]

    @property
    def menu(self) -> list[str]:
        """The buttons of the reply keyboard."""
        rows = self.bots.world.reply_keyboard(self.person, CUSTOMER_BOT) or []
        return [button for row in rows for button in row]

    def _said(self, mark: int) -> str:
        messages = self.bots.world.from_bot(self.person, CUSTOMER_BOT)
        return "\n".join(each.text for each in messages if each.touched > mark).translate(NBSP)


@asynccontextmanager
async def chatting(core: Services, person: Person = ANNA) -> AsyncIterator[Chat]:
    """Both bots, and one person's chat with the customer bot. In the end nothing is left unanswered.

    A ``person`` with the id of a usual one stands in for them.
    """
    people = {each.id: each for each in (ANNA, BORIS, CASHIER, person)}
    async with running(core, people=tuple(people.values())) as bots:
        chat = Chat(bots, person)
        yield chat
        await chat.settled()
        await nothing_left(bots)


async def nothing_left(bots: BotWorld) -> None:
    """No update was put aside, and every press was answered."""
    assert await fetch("SELECT update_id, error FROM parked_update") == []
    for person in (ANNA, BORIS):
        presses = bots.world.callback_queries(person, CUSTOMER_BOT)
        assert [press.data for press in presses if press.answer is None] == []
