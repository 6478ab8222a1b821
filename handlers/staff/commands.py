"""The commands that Telegram offers in the staff bot: managers have one more, in their own chats."""

from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BotCommand, BotCommandScopeChat

from handlers.rendering import Renderer

EVERYBODY = ("start", "new", "refund", "shift", "language", "help", "cancel")
MANAGERS = ("start", "new", "refund", "shift", "admin", "language", "help", "cancel")


def described(renderer: Renderer, language: str, bot: str, names: tuple[str, ...]) -> list[BotCommand]:
    """Commands of a bot with their descriptions."""
    return [
        BotCommand(command=each, description=renderer.label(language, f"commands.{bot}.{each}")) for each in names
    ]


async def offer_to_manager(bot: Bot | None, renderer: Renderer, chat_id: int, language: str) -> None:
    """Offer a manager's commands in their chat; one whom the bot can't see any more has no use for them."""
    if bot is None:
        raise ValueError("an update that no bot received")
    commands = described(renderer, language, "staff", MANAGERS)
    with suppress(TelegramBadRequest):
        await bot.set_my_commands(commands, scope=BotCommandScopeChat(chat_id=chat_id))


async def withdraw(bot: Bot | None, chat_id: int) -> None:
    """Offer no more in a chat than everywhere."""
    if bot is None:
        raise ValueError("an update that no bot received")
    with suppress(TelegramBadRequest):
        await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id=chat_id))
