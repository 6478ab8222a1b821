"""A bot without a network: updates go straight into a dispatcher, and what it would send is written down."""

import itertools
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiogram import BaseMiddleware, Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.methods import AnswerCallbackQuery, GetMe, TelegramMethod
from aiogram.types import Chat, Message, TelegramObject, Update, User

from bot.intake import Intake
from core.ports import Clock

SENT_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIVE_MESSAGE = 77
"""The message that every press comes from."""


class RecordingSession(BaseSession):
    """Answers every call as Telegram does when all is well."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[TelegramMethod[Any]] = []
        self._ids = itertools.count(1000)

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], *_: Any, **__: Any) -> Any:
        self.calls.append(method)
        if isinstance(method, GetMe):
            return User(id=bot.id, is_bot=True, first_name="Sample", username="sample_bot")
        if not method.__api_method__.startswith(("send", "editMessage")):
            return True
        chat = Chat(id=method.chat_id, type="private")
        number = getattr(method, "message_id", None) or next(self._ids)
        return Message(message_id=number, date=SENT_AT, chat=chat).as_(bot)

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        raise AssertionError("nothing is downloaded here")
        yield b""

    async def close(self) -> None:
        """Nothing is held open."""

    def said(self) -> str:
        """Every word of messages, captions, alerts and buttons."""
        return "\n".join(_words(call) for call in self.calls).replace("\u00a0", " ").replace("\u202f", " ")

    def answered(self, query_id: str) -> bool:
        """Whether the press was answered."""
        answers = (call for call in self.calls if isinstance(call, AnswerCallbackQuery))
        return any(answer.callback_query_id == query_id for answer in answers)


def _words(call: TelegramMethod[Any]) -> str:
    dumped = call.model_dump(exclude_none=True, exclude={"chat_id", "callback_query_id"}, warnings=False)
    return "\n".join(_texts(dumped))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for each in inner for text in _texts(each)]


class Reached(BaseMiddleware):
    """Remembers which handlers came to their end without refusing."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def __call__(self, handler: Any, event: TelegramObject, data: dict[str, Any]) -> Any:
        result = await handler(event, data)
        self.names.append(name_of(data["handler"].callback))
        return result


def name_of(callback: Any) -> str:
    """``staff.selling.accrue`` of a handler."""
    return f"{callback.__module__.removeprefix('handlers.')}.{callback.__name__}"


@dataclass(frozen=True)
class Reply:
    """What came of one update."""

    said: str
    answered: bool
    reached: tuple[str, ...]


@dataclass
class Line:
    """One bot with its dispatcher, taking updates one by one as the product does."""

    bot: Bot
    session: RecordingSession
    intake: Intake
    reached: Reached
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, token: str, dispatcher: Dispatcher, clock: Clock) -> "Line":
        """Connect a dispatcher to a bot that records."""
        session, reached = RecordingSession(), Reached()
        bot = Bot(token, session=session)
        for observer in (dispatcher.message, dispatcher.callback_query, dispatcher.my_chat_member):
            observer.middleware(reached)
        return cls(bot, session, Intake(bot, dispatcher, clock), reached)

    async def take(self, sent: dict[str, Any], *, update_id: int | None = None) -> Reply:
        """Handle one update, whose kind and body are ``sent``; raises what the dispatcher raises."""
        self.session.calls.clear()
        self.reached.names.clear()
        number = next(self.ids) if update_id is None else update_id
        await self.intake.handle(Update.model_validate({"update_id": number} | sent, context={"bot": self.bot}))
        press = sent.get("callback_query")
        answered = press is None or self.session.answered(press["id"])
        return Reply(self.session.said(), answered, tuple(self.reached.names))


# --- what a person can send ---------------------------------------------------------------------------
def message(person: int, **body: Any) -> dict[str, Any]:
    """A message in the private chat."""
    return {"message": _message(person) | {"message_id": 5} | body}


def text(person: int, words: str) -> dict[str, Any]:
    """A typed text; commands are marked as Telegram marks them."""
    marked = {"entities": [{"type": "bot_command", "offset": 0, "length": len(words.split()[0])}]}
    return message(person, text=words, **(marked if words.startswith("/") else {}))


def press(person: int, data: str | None, *, query_id: str = "q", at: int = LIVE_MESSAGE) -> dict[str, Any]:
    """A button's press; ``data`` of None is a game's."""
    under = _message(person, of_bot=True) | {"message_id": at, "text": "…"}
    what = {"data": data} if data is not None else {"game_short_name": "game"}
    body = {"id": query_id, "from": _user(person), "chat_instance": "1", "message": under}
    return {"callback_query": body | what}


def contact(person: int, phone: str, *, whose: int | None = None) -> dict[str, Any]:
    """A shared contact: one's own, or that of ``whose``."""
    card = {"phone_number": phone, "first_name": "Sample", "user_id": whose or person}
    return message(person, contact=card)


def photo(person: int, file_id: str) -> dict[str, Any]:
    """A photo whose bytes are fetched by ``file_id``."""
    size = {"file_id": file_id, "file_unique_id": file_id, "width": 300, "height": 300}
    return message(person, photo=[size])


def document(person: int, file_id: str) -> dict[str, Any]:
    """A file whose bytes are fetched by ``file_id``."""
    body = {"file_id": file_id, "file_unique_id": file_id, "file_name": f"{file_id}.csv", "mime_type": "text/csv"}
    return message(person, document=body)


def sticker(person: int) -> dict[str, Any]:
    """Something that no bot of ours awaits."""
    body = {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1}
    return message(person, sticker=body | {"is_animated": False, "is_video": False})


def blocks(person: int) -> dict[str, Any]:
    """The person stops the bot."""
    bot = {"id": 1, "is_bot": True, "first_name": "Sample"}
    changed = {
        "chat": {"id": person, "type": "private"},
        "from": _user(person),
        "date": int(SENT_AT.timestamp()),
        "old_chat_member": {"status": "member", "user": bot},
        "new_chat_member": {"status": "kicked", "user": bot, "until_date": 0},
    }
    return {"my_chat_member": changed}


def _message(person: int, *, of_bot: bool = False) -> dict[str, Any]:
    sender = {"id": 1, "is_bot": True, "first_name": "Sample"} if of_bot else _user(person)
    chat = {"id": person, "type": "private"}
    return {"date": int(SENT_AT.timestamp()), "chat": chat, "from": sender}


def _user(person: int) -> dict[str, Any]:
    return {"id": person, "is_bot": False, "first_name": "Sample", "language_code": "ru"}
