"""People of the load: they type and press, look whether anything came of it, and try again as people do."""

import asyncio
import random
from collections.abc import Callable

from simulator import Message, Person, World
from tests.bots.world import CUSTOMER_BOT, STAFF_BOT
from tests.faults.facts import Facts, Sale, money

ANSWER_S = 600.0
"""Far more than any answer may take here: only for not waiting for ever."""
GRACE_S = 0.5
"""An answer stands before its update is confirmed; this long for the eye to see it."""
PATIENCE_S = 12.0
"""How long a cashier waits for the customer's press, and a newcomer for an SMS, before giving it up."""
TRIES = 6

Shown = Callable[[], Message | None]


class Hand:
    """One person in one bot's chat."""

    def __init__(self, world: World, person: Person, bot: str) -> None:
        self.world = world
        self.person = person
        self.bot = bot

    async def answer(self, shown: Shown, update_id: int) -> Message | None:
        """What is shown in answer to an update; None when the bot is done with it and it isn't there."""

        def looked() -> bool:
            return shown() is not None or self._is_done(update_id)

        await self.world.wait_for(looked, ANSWER_S)
        if shown() is None:
            await asyncio.sleep(GRACE_S)
        return shown()

    async def type(self, text: str, shown: Shown) -> Message | None:
        """Type and look for the answer."""
        return await self.answer(shown, self.world.send_text(self.person.id, self.bot, text).update_id)

    async def press(self, message: Shown, begins: str, shown: Shown) -> Message | None:
        """Press the button that begins so, again when nothing comes of it. None when the button is gone."""
        for _ in range(TRIES):
            if (found := shown()) is not None:
                return found
            under = message()
            word = button(under, begins)
            if under is None or word is None:
                return None
            pressed = self.world.press(self.person.id, self.bot, under.id, word)
            if (found := await self.answer(shown, pressed.update_id)) is not None:
                return found
        return None

    def newest(self, *contains: str) -> Message | None:
        """The bot's newest message with all of that in it."""
        for message in reversed(self.world.from_bot(self.person.id, self.bot)):
            if all(part in message.text for part in contains):
                return message
        return None

    def _is_done(self, update_id: int) -> bool:
        return all(update.id != update_id for update in self.world.bot(self.bot).updates.pending)


def button(message: Message | None, begins: str) -> str | None:
    """The whole word of the message's button that begins so."""
    words = (word for row in message.buttons for word in row) if message is not None else ()
    return next((word for word in words if word.startswith(begins)), None)


class Cashier(Hand):
    """Sells at a till."""

    def __init__(self, world: World, person: Person, facts: Facts) -> None:
        super().__init__(world, person, STAFF_BOT.username)
        self.facts = facts

    async def sell(self, customer: Person, *, by_points: bool = False, undo: bool = False) -> Sale:
        """One sale as far as it gets; the facts tell how far."""
        assert customer.phone is not None
        sale = self.facts.new_sale(customer.id)

        def screen() -> Message | None:
            return self.newest(f"Чек: {money(sale.amount)}")

        line = f"{customer.phone[2:]} {money(sale.amount)}"
        if await self.type(line, screen) is None:
            self.facts.give_up("quote")
            return sale
        if by_points:
            await self._spend(sale, screen)
        if not sale.acknowledged:
            sale.pressed = True
            self._note(sale, await self.press(screen, "✅", lambda: _with(screen(), "↩️ Отменить")))
        if not sale.acknowledged:
            self.facts.give_up("sale")
        if undo and sale.acknowledged:
            await self._undo(sale, screen)
        return sale

    async def _spend(self, sale: Sale, screen: Shown) -> None:
        sale.pressed = True
        await self.press(screen, "💸", lambda: _without(screen(), "💸"))
        if button(screen(), "📩") is None and _with(screen(), "↩️ Отменить") is None:
            return  # no points, or no answer: what the till shows is what it is
        try:
            done = await self.world.wait_for(lambda: _without(screen(), "📩"), PATIENCE_S)
        except TimeoutError:
            done = None
        if done is None:
            self.facts.give_up("confirmation")
            done = await self.press(screen, "❌", lambda: _without(screen(), "📩"))
        self._note(sale, _with(done, "↩️ Отменить"))

    def _note(self, sale: Sale, done: Message | None) -> None:
        if done is not None:
            sale.acknowledged = True
            sale.redeemed = "Списано:" in done.text

    async def _undo(self, sale: Sale, screen: Shown) -> None:
        sale.undo_pressed = True
        words = f"Покупка на {money(sale.amount)}"
        if await self.press(screen, "↩️ Отменить", lambda: self.newest(words, "отменена")) is None:
            self.facts.give_up("undo")
        else:
            sale.undone = True


class Customer(Hand):
    """Answers the till's questions."""

    def __init__(self, world: World, person: Person, rng: random.Random) -> None:
        super().__init__(world, person, CUSTOMER_BOT.username)
        self._rng = rng

    async def answer_questions(self) -> None:
        """Press yes under each question, now and then no, until cancelled."""
        while True:
            await self.world.wait_for(self._question, 1e9)
            question = self._question()
            if question is None:
                continue
            word = "❌" if self._rng.random() < 0.1 else "✅"

            def gone(asked: Message = question) -> Message | None:
                return None if button(asked, "✅") else asked

            await self.press(lambda asked=question: asked, word, gone)  # type: ignore[misc]

    def _question(self) -> Message | None:
        for message in self.world.from_bot(self.person.id, self.bot):
            if button(message, "✅ Списать"):
                return message
        return None


class Newcomer(Hand):
    """Registers by a code from an SMS."""

    def __init__(self, world: World, person: Person, facts: Facts) -> None:
        super().__init__(world, person, CUSTOMER_BOT.username)
        self.facts = facts

    async def register(self) -> None:
        """From the first words to the card, unless patience ends before."""
        phone = self.person.phone
        assert phone is not None
        if await self.type("/start", lambda: self.newest("Здравствуйте")) is None:
            return self.facts.give_up("greeting")
        self.facts.begun[phone.lstrip("+")] = self.person.id
        if await self.type(phone, lambda: self.newest("Введите код из SMS")) is None:
            return self.facts.give_up("code")
        try:
            sms = await self.world.wait_sms(phone, timeout=PATIENCE_S)
        except TimeoutError:
            return self.facts.give_up("sms")
        digits = next(word for word in sms.text.split() if word.isdigit())
        if await self.type(digits, lambda: self.newest("Почти готово")) is None:
            return self.facts.give_up("consent")
        consent = lambda: self.newest("Почти готово")  # noqa: E731
        if await self.press(consent, "✅ Согласен", lambda: self.newest("Как вас зовут")) is None:
            return self.facts.give_up("name")
        self.facts.registered[phone.lstrip("+")] = self.person.id
        return None


def _with(message: Message | None, begins: str) -> Message | None:
    return message if button(message, begins) else None


def _without(message: Message | None, begins: str) -> Message | None:
    return message if message is not None and not button(message, begins) else None
