"""What happened in the simulated world, for the page and for whoever waits."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from .chats import CallbackQuery, Chat, Message
from .people import Person

if TYPE_CHECKING:
    from .bots import Bot
    from .sms import Sms

Found = TypeVar("Found")

PATIENCE_S = 60.0
"""How many seconds something is waited for that is expected to come: generous, as a busy machine is no failure."""


@dataclass(frozen=True)
class MessageShown:
    """A message is new or edited."""

    chat: Chat
    message: Message


@dataclass(frozen=True)
class MessageGone:
    """A message was deleted."""

    chat: Chat
    message: Message


@dataclass(frozen=True)
class ChatChanged:
    """Something about the chat as a whole: blocked, read, keyboard."""

    chat: Chat


@dataclass(frozen=True)
class ActionShown:
    """The bot is typing or the like."""

    chat: Chat
    action: str


@dataclass(frozen=True)
class PressAnswered:
    """The bot answered a press of an inline button."""

    bot: "Bot"
    query: CallbackQuery


@dataclass(frozen=True)
class SmsAccepted:
    """The gateway has taken an SMS."""

    sms: "Sms"


@dataclass(frozen=True)
class PersonAdded:
    """Somebody new."""

    person: Person


@dataclass(frozen=True)
class BotChanged:
    """A bot's commands, name or description changed."""

    bot: "Bot"


@dataclass(frozen=True)
class TitleChanged:
    """The page is headed by another name."""

    title: str


Event = (
    MessageShown
    | MessageGone
    | ChatChanged
    | ActionShown
    | PressAnswered
    | SmsAccepted
    | PersonAdded
    | BotChanged
    | TitleChanged
)
Listener = Callable[[Event], None]


class Bell:
    """Tells listeners about events at once, and wakes those who wait for a condition. One event loop only."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self, event: Event | None = None) -> None:
        """Publish an event; without one, just wake those who wait."""
        if event is not None:
            for listener in list(self.listeners):
                listener(event)
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def wait_for(self, predicate: Callable[[], Found], timeout: float = PATIENCE_S) -> Found:  # noqa: ASYNC109
        """The first truthy value of `predicate`, asked again on each change.

        Raises TimeoutError after `timeout` seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not (found := predicate()):
            future: asyncio.Future[None] = loop.create_future()
            self._waiting.add(future)
            try:
                async with asyncio.timeout_at(deadline):
                    await future
            except TimeoutError:
                if found := predicate():
                    return found
                raise TimeoutError(f"nothing of the kind within {timeout} s") from None
            finally:
                self._waiting.discard(future)
        return found
