"""Names of methods to functions, and what the functions share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from simulator.bots import Bot
from simulator.chats import Chat, Message
from simulator.errors import bad_request
from simulator.formatting import clean, fix, parse_html, utf16_length
from simulator.markup import parse_markup
from simulator.params import Params
from simulator.people import Json
from simulator.state import State

Handler = Callable[["Request"], Any | Awaitable[Any]]
HandlerType = TypeVar("HandlerType", bound=Handler)
METHODS: dict[str, Handler] = {}
MAX_TEXT = 4096
MAX_CAPTION = 1024
_MAX_MARK = 1_000_000


def method(*names: str) -> Callable[[HandlerType], HandlerType]:
    """Register a function under names of the Bot API, whose letters' case does not matter."""

    def register(handler: HandlerType) -> HandlerType:
        for name in names:
            METHODS[name.lower()] = handler
        return handler

    return register


@dataclass
class Request:
    """A call of a method: by which bot, with what."""

    world: State
    bot: Bot
    params: Params
    method: str
    notes: Json = field(default_factory=dict)

    def chat_id(self) -> int:
        """The target chat. Raises ApiError 400 for none or no number."""
        text = self.params.text("chat_id").strip()
        if not text:
            raise bad_request("chat_id is empty")
        try:
            return int(text)
        except ValueError:
            raise bad_request("chat not found") from None

    def chat(self) -> Chat:
        """The target chat, which may be one that can't be written to."""
        return self.bot.chat(self.chat_id())

    def writable_chat(self) -> Chat:
        """The target chat. Raises ApiError: 400 unknown, 403 blocked, 429 too fast."""
        chat = self.world.writable_chat(self.bot, self.chat_id())
        self.world.flood.check(self.bot.id, chat.id)
        return chat

    def message(self, chat: Chat, what: str) -> Message:
        """The message named by message_id; `what` completes "message to … not found"."""
        number = self.params.number("message_id")
        if not number:
            raise bad_request("message identifier is not specified")
        message = chat.find(number)
        if message is None:
            raise bad_request(f"message to {what} not found")
        return message

    def markup(self) -> Json | None:
        """The reply_markup, checked."""
        return parse_markup(self.params.values.get("reply_markup"))

    def formatted(self, name: str, entities: str) -> tuple[str, list[Json]]:
        """Text and entities of a parameter, by its parse_mode or its list of entities."""
        marks = self.params.data(entities, "entities")
        return format_text(self.params.text(name), self.params.text("parse_mode"), marks)

    def caption(self) -> tuple[str, list[Json]]:
        """Caption and its entities, at most MAX_CAPTION UTF-16 units."""
        text, entities = self.formatted("caption", "caption_entities")
        return checked_caption(text), entities


def format_text(raw: str, mode: str, marks: object) -> tuple[str, list[Json]]:
    """Text and entities as the real server makes them. Raises ApiError 400."""
    text = clean(raw)
    found: list[Json] = []
    match mode.strip().lower():
        case "":
            found = _listed(marks)
        case "html":
            text, found = parse_html(text)
        case "markdown" | "markdownv2":
            raise bad_request(f"parse_mode {mode} is not simulated")
        case _:
            raise bad_request("unsupported parse_mode")
    return fix(text, found)


def checked_caption(text: str) -> str:
    """The caption, if it is not too long."""
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text


def _listed(marks: object) -> list[Json]:
    if marks is None:
        return []
    if not isinstance(marks, list) or not all(isinstance(mark, dict) for mark in marks):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    for mark in marks:
        if not isinstance(mark.get("type"), str):
            raise bad_request('can\'t parse entities: Field "type" must be of type String')
        for name in ("offset", "length"):
            value = mark.get(name)
            if not isinstance(value, int):
                raise bad_request(f'can\'t parse entities: Field "{name}" must be of type Number')
            if not 0 <= value <= _MAX_MARK:
                raise bad_request(f"receive an entity with incorrect {name} {value}")
    return [dict(mark) for mark in marks]
