"""Chats as one bot sees them, and the messages in them."""

from dataclasses import dataclass, field
from typing import Literal

from . import clock
from .files import StoredFile
from .people import Json, Person

MediaKind = Literal["photo", "document", "sticker", "voice", "contact"]


@dataclass(frozen=True)
class Media:
    """What a message carries besides text. `value` is the Bot API's field named by `kind`."""

    kind: MediaKind
    value: Json | list[Json]
    file: StoredFile | None = None


@dataclass
class Version:
    """What an edit has replaced."""

    text: str
    markup: Json | None
    media: Media | None


@dataclass
class Message:
    """One message. `text` is the caption where there is media; `source` is the text as the bot sent it.

    `markup` is the inline keyboard; `sent_markup` is any markup it was sent with, reply keyboards included.
    `touched` grows with every sending and edit in the whole world (see Looks.mark).
    """

    id: int
    chat: Json
    sender: Json
    date: int
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    media: Media | None = None
    source: str = ""
    parse_mode: str = ""
    markup: Json | None = None
    sent_markup: Json | None = None
    reply_to: int | None = None
    forward_origin: Json | None = None
    edit_date: int | None = None
    history: list[Version] = field(default_factory=list)
    update_id: int = 0
    touched: int = 0
    deleted: bool = False

    @property
    def from_bot(self) -> bool:
        """Whether the bot sent it."""
        return bool(self.sender["is_bot"])

    @property
    def html(self) -> str:
        """The text as it was sent, tags and all."""
        return self.source

    @property
    def edits(self) -> int:
        """How often it was edited."""
        return len(self.history)

    @property
    def photo(self) -> bytes | None:
        """The picture's bytes, in full size."""
        return self._bytes("photo")

    @property
    def document(self) -> bytes | None:
        """The attached file's bytes."""
        return self._bytes("document")

    def _bytes(self, kind: MediaKind) -> bytes | None:
        return self.media.file.data if self.media and self.media.kind == kind and self.media.file else None

    @property
    def buttons(self) -> list[list[str]]:
        """Texts of the inline keyboard, row by row."""
        rows = self.markup["inline_keyboard"] if self.markup else []
        return [[button["text"] for button in row] for row in rows]

    def inline_button(self, wanted: str) -> Json | None:
        """The inline button with that text, else with that callback_data."""
        rows = self.markup["inline_keyboard"] if self.markup else []
        flat: list[Json] = [button for row in rows for button in row]
        by_text = [button for button in flat if button["text"] == wanted]
        return next(iter(by_text or [b for b in flat if b.get("callback_data") == wanted]), None)

    def to_json(self) -> Json:
        """The Bot API's Message object."""
        made: Json = {"message_id": self.id, "from": self.sender, "chat": self.chat, "date": self.date}
        if self.forward_origin:
            made["forward_origin"] = self.forward_origin
        if self.edit_date:
            made["edit_date"] = self.edit_date
        if self.media:
            made[self.media.kind] = self.media.value
        words, marks = ("caption", "caption_entities") if self.media else ("text", "entities")
        if self.text:
            made[words] = self.text
        if self.text and self.entities:
            made[marks] = self.entities
        if self.markup:
            made["reply_markup"] = self.markup
        return made


@dataclass
class Chat:
    """A chat between one bot and one person (its id is the person's), or a group that the bot is in."""

    bot_id: int
    info: Json
    next_id: int
    members: list[Person] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)
    blocked: bool = False
    keyboard: Json | None = None
    keyboard_message: int | None = None
    unread: int = 0
    action: str = ""
    action_until: float = 0.0

    @property
    def id(self) -> int:
        """The chat's id in the Bot API."""
        return int(self.info["id"])

    @property
    def is_private(self) -> bool:
        """Whether this is a chat with one person."""
        return bool(self.info["type"] == "private")

    @property
    def typing(self) -> bool:
        """Whether the bot's chat action is still shown."""
        return clock.now() < self.action_until

    def visible(self) -> list[Message]:
        """The messages that are not deleted, oldest first."""
        return [message for message in self.messages.values() if not message.deleted]

    def find(self, message_id: int) -> Message | None:
        """The message of that id unless it is deleted."""
        message = self.messages.get(message_id)
        return None if message is None or message.deleted else message

    def new_message(self, sender: Json, **content: object) -> Message:
        """Append a message. Its place in time is now."""
        message = Message(self.next_id, self.info, sender, int(clock.now()))
        for name, value in content.items():
            setattr(message, name, value)
        self.next_id += 1
        self.messages[message.id] = message
        return message

    def message_json(self, message: Message) -> Json:
        """The Message object with the message it replies to."""
        made = message.to_json()
        replied = self.find(message.reply_to) if message.reply_to else None
        if replied:
            made["reply_to_message"] = replied.to_json()
        return made


@dataclass
class CallbackQuery:
    """A press of an inline button. `answer` is what the bot answered: text, alert and url."""

    id: str
    person: Person
    chat_id: int
    message_id: int
    data: str
    update_id: int
    expires: float
    answer: Json | None = None
