"""Questions with buttons under them: which message asks, and what becomes of its buttons when it is left."""

from contextlib import suppress
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message

from handlers.ui import Screen, show


async def ask(
    event: Message | CallbackQuery, state: FSMContext, screen: Screen, question: State | None = None, **data: Any
) -> None:
    """Show a question and await its answer; without ``question`` the one that is open is asked anew."""
    shown = await show(event, screen)
    if question is not None:
        await state.set_state(question)
    await state.update_data(message_id=shown.message_id, **data)


async def leave(bot: Bot | None, chat_id: int, state: FSMContext) -> str | None:
    """Close the open question and take away its buttons; returns which it was, None when nothing was asked."""
    question, message_id = await state.get_state(), (await state.get_data()).get("message_id")
    await state.clear()
    if bot is not None and message_id is not None:
        with suppress(TelegramBadRequest):  # gone, or without buttons already: nothing there can be pressed
            await bot.edit_message_reply_markup(chat_id=chat_id, message_id=message_id)
    return question
