"""How a handler speaks: one person's language, screens of text and keyboard, and where they are shown."""

from dataclasses import dataclass
from typing import Any

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InaccessibleMessage,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from handlers.rendering import Renderer

Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove
ALERT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Ui:
    """The renderer in one person's language."""

    renderer: Renderer
    language: str

    def text(self, name: str, /, **data: Any) -> str:
        """A message's text in Telegram's HTML: the template ``<language>/<name>.j2``."""
        return self.renderer.text(self.language, name, **data)

    def plain(self, name: str, /, **data: Any) -> str:
        """The same without HTML, for the answer to a press, within its length."""
        text = self.renderer.sms(self.language, name, **data)
        return text if len(text) <= ALERT_LENGTH else f"{text[: ALERT_LENGTH - 1]}…"

    def label(self, key: str, /, **values: Any) -> str:
        """A button's word."""
        return self.renderer.label(self.language, key, **values)

    def number(self, points: int) -> str:
        """Points (hundredths) without the word, for a button."""
        return self.renderer.formats(self.language).number(points)


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown: text (HTML), a keyboard, and perhaps a picture that the text stands under."""

    text: str
    keyboard: Keyboard | None = None
    photo: bytes | None = None


async def show(event: Message | CallbackQuery, screen: Screen) -> Message:
    """Show a screen: after a press in the pressed message, else as a new one. Returns the message.

    A message that can't be edited any more (too old, gone, of another kind) is followed by a new one.
    """
    if isinstance(event, Message):
        return await _send(event, screen)
    pressed = event.message
    if pressed is None or isinstance(pressed, InaccessibleMessage) or not _fits(pressed, screen):
        return await _send(_chat_of(event), screen)
    try:
        return await _edit(pressed, screen)
    except TelegramBadRequest:
        return await _send(pressed, screen)


def _fits(pressed: Message, screen: Screen) -> bool:
    """Whether the pressed message can become the screen: pictures stay pictures, and only inline keys edit."""
    keyboard_fits = screen.keyboard is None or isinstance(screen.keyboard, InlineKeyboardMarkup)
    return keyboard_fits and bool(pressed.photo) == (screen.photo is not None)


async def _edit(pressed: Message, screen: Screen) -> Message:
    keyboard = screen.keyboard if isinstance(screen.keyboard, InlineKeyboardMarkup) else None
    if screen.photo is not None:
        media = InputMediaPhoto(media=BufferedInputFile(screen.photo, "card.png"), caption=screen.text)
        edited = await pressed.edit_media(media, reply_markup=keyboard)
    else:
        edited = await pressed.edit_text(screen.text, reply_markup=keyboard)
    return edited if isinstance(edited, Message) else pressed


async def _send(message: Message | InaccessibleMessage, screen: Screen) -> Message:
    if screen.photo is not None:
        picture = BufferedInputFile(screen.photo, "card.png")
        return await message.answer_photo(picture, caption=screen.text, reply_markup=screen.keyboard)
    return await message.answer(screen.text, reply_markup=screen.keyboard)


def _chat_of(event: CallbackQuery) -> Message | InaccessibleMessage:
    if event.message is None:
        raise ValueError("a press without its message comes from inline mode, which is off")
    return event.message
