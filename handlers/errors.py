"""Refusals become sentences: the template of an error is its code in ``errors/``."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware, Bot
from aiogram.types import CallbackQuery, Message, TelegramObject, Update

from core.domain.errors import LoyaltyError
from handlers.input_error import InputError
from handlers.rendering import Renderer
from handlers.scan import UnreadableImage
from handlers.ui import Ui

Refusal = LoyaltyError | InputError | UnreadableImage
Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Refusals(BaseMiddleware):
    """Answers what the core or a parser refused; everything else is the update loop's to retry."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        try:
            return await handler(event, data)
        except (LoyaltyError, InputError, UnreadableImage) as error:
            return await refuse(event, data["ui"], error)


async def refuse(event: TelegramObject, ui: Ui, error: Refusal) -> None:
    """Say an error: under the pressed button as an alert, else as a message."""
    name, values = template_of(error)
    if isinstance(event, CallbackQuery):
        await event.answer(ui.plain(name, **values), show_alert=True)
    elif isinstance(event, Message):
        await event.answer(ui.text(name, **values))


def template_of(error: Refusal) -> tuple[str, dict[str, Any]]:
    """The template that says an error, and what it may use."""
    return f"errors/{error.code}", dict(error.data)


async def apologise(bot: Bot, renderer: Renderer, update: Update, *, code: str) -> None:
    """Tell a person that something failed on our side, with a short code for support."""
    event = update.message or update.callback_query
    if event is None or event.from_user is None:
        return
    text = renderer.text(renderer.language(event.from_user.language_code), "errors/infrastructure", code=code)
    await bot.send_message(event.from_user.id, text)
