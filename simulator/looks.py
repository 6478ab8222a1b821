"""What an observer can see in the simulated world, and how to wait for it."""

from collections.abc import Callable
from typing import TypeVar

from .chats import CallbackQuery, Chat, Message
from .events import PATIENCE_S
from .sms import Sms
from .state import BotRef, PersonRef, State
from .updates import Update

Found = TypeVar("Found")


class Looks(State):
    """Looks without touching. All lists are oldest first."""

    def chat(self, person: PersonRef, bot: BotRef, *, chat_id: int | None = None) -> list[Message]:
        """The messages that both see now; none where they never spoke."""
        chat = self._look_at(person, bot, chat_id)
        return chat.visible() if chat else []

    def from_bot(
        self, person: PersonRef, bot: BotRef, *, after: int = 0, chat_id: int | None = None
    ) -> list[Message]:
        """The bot's messages with ids above `after`."""
        messages = self.chat(person, bot, chat_id=chat_id)
        return [message for message in messages if message.from_bot and message.id > after]

    def last(self, person: PersonRef, bot: BotRef, *, chat_id: int | None = None) -> Message:
        """The bot's newest message. Raises LookupError where there is none."""
        messages = self.from_bot(person, bot, chat_id=chat_id)
        if not messages:
            raise LookupError("the bot has not said anything here")
        return messages[-1]

    def reply_keyboard(
        self, person: PersonRef, bot: BotRef, *, chat_id: int | None = None
    ) -> list[list[str]] | None:
        """Texts of the reply keyboard, row by row; None where there is no keyboard."""
        chat = self._look_at(person, bot, chat_id)
        if chat is None or chat.keyboard is None:
            return None
        return [[button["text"] for button in row] for row in chat.keyboard["keyboard"]]

    def is_blocked(self, person: PersonRef, bot: BotRef) -> bool:
        """Whether the person has stopped the bot."""
        chat = self._look_at(person, bot, None)
        return chat is not None and chat.blocked

    def callback_queries(self, person: PersonRef, bot: BotRef) -> list[CallbackQuery]:
        """The person's presses of inline buttons; each `answer` is None until the bot answers."""
        who = self.person(person)
        return [query for query in self.bot(bot).queries.values() if query.person.id == who.id]

    def callback_answers(self, person: PersonRef, bot: BotRef) -> list[dict[str, object]]:
        """What the bot answered to the person's presses: text and show_alert."""
        return [query.answer for query in self.callback_queries(person, bot) if query.answer is not None]

    def sms(self, phone: str) -> list[Sms]:
        """The SMS inbox of a phone (E.164)."""
        return self.sms_box.inbox(phone)

    def updates(self, bot: BotRef) -> list[Update]:
        """Every update that the bot was ever given."""
        return list(self.bot(bot).updates.log.values())

    def pending_updates(self, bot: BotRef) -> list[Update]:
        """The updates that the bot has not confirmed."""
        return list(self.bot(bot).updates.pending)

    def redeliver(
        self, update_id: int, times: int = 1, *, bot: BotRef | None = None, together: bool = False
    ) -> None:
        """Deliver an update again, confirmed or not: in each of the next `times` answers, or all in one answer."""
        owners = [self.bot(bot)] if bot is not None else list(self.bots.values())
        for owner in owners:
            if update_id in owner.updates.log:
                owner.updates.redeliver(update_id, times, together=together)
                self.bell.ring()
                return
        raise LookupError(f"no update {update_id}")

    async def wait_for(self, predicate: Callable[[], Found], timeout: float = PATIENCE_S) -> Found:  # noqa: ASYNC109
        """The first truthy value of `predicate`, asked again on each change. Raises TimeoutError."""
        return await self.bell.wait_for(predicate, timeout)

    def mark(self) -> int:
        """This moment, for `since` in wait_message."""
        return self.touches

    async def wait_message(
        self,
        person: PersonRef,
        bot: BotRef,
        contains: str = "",
        *,
        after: int = 0,
        since: int = 0,
        timeout: float = PATIENCE_S,  # noqa: ASYNC109
        chat_id: int | None = None,
    ) -> Message:
        """The bot's newest message with that text, sent or edited since a `mark` and with an id above `after`."""

        def found() -> Message | None:
            for message in reversed(self.from_bot(person, bot, after=after, chat_id=chat_id)):
                if contains in message.text and message.touched > since:
                    return message
            return None

        try:
            message = await self.bell.wait_for(found, timeout)
        except TimeoutError:
            texts = [message.text for message in self.chat(person, bot, chat_id=chat_id)]
            raise TimeoutError(f"no message with {contains!r} within {timeout} s; there are {texts}") from None
        assert message is not None
        return message

    async def wait_sms(self, phone: str, *, count: int = 1, timeout: float = PATIENCE_S) -> Sms:  # noqa: ASYNC109
        """The newest SMS of a phone that has at least `count`."""
        await self.bell.wait_for(lambda: len(self.sms(phone)) >= count, timeout)
        return self.sms(phone)[-1]

    async def wait_answer(self, query: CallbackQuery, timeout: float = PATIENCE_S) -> dict[str, object]:  # noqa: ASYNC109
        """What the bot answers to a press: text and show_alert."""
        await self.bell.wait_for(lambda: query.answer is not None, timeout)
        assert query.answer is not None
        return query.answer

    async def wait_confirmed(self, bot: BotRef, timeout: float = PATIENCE_S) -> None:  # noqa: ASYNC109
        """Until the bot has confirmed every update."""
        target = self.bot(bot)
        await self.bell.wait_for(lambda: not target.updates.pending, timeout)

    def _look_at(self, person: PersonRef, bot: BotRef, chat_id: int | None) -> Chat | None:
        return self.bot(bot).chats.get(self.person(person).id if chat_id is None else chat_id)
