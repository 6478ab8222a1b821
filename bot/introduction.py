"""What a bot says of itself in Telegram: commands, descriptions; and what it is called there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)

from bot.polling import TokenRefused
from bot.telegram import NotSent, safe_text
from core.deps import Links
from core.store.transactions import StoreUnavailable
from handlers.rendering import Renderer
from handlers.staff.commands import EVERYBODY, described, offer_to_manager

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

COMMANDS = {
    "customer": ("start", "card", "balance", "history", "invite", "settings", "language", "help", "cancel"),
    "staff": EVERYBODY,
}
_LONGEST_PAUSE_S = 60.0


async def learn_names(bots: Mapping[str, Bot], links: Links) -> None:
    """Ask Telegram for the bots' user names, for the links into them."""
    links.customer_bot = (await bots["customer"].me()).username or ""
    links.staff_bot = (await bots["staff"].me()).username or ""


async def name_bots(bots: Mapping[str, Bot], links: Links) -> None:
    """learn_names, however long the network takes to come up. Raises TokenRefused."""
    try:
        await insist(partial(learn_names, bots, links), "bots_named")
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise TokenRefused("CUSTOMER_BOT_TOKEN or STAFF_BOT_TOKEN") from None


async def introduce(
    bots: Mapping[str, Bot], renderer: Renderer, merchant: str, managers: Sequence[tuple[int, str]] = ()
) -> None:
    """Set commands and descriptions of both bots in every language, and the commands of managers.

    ``managers`` are their accounts with the languages they speak.
    """
    for name, bot in bots.items():
        for language in renderer.languages:
            code = None if language == renderer.language(None) else language
            commands = described(renderer, language, name, COMMANDS[name])
            await bot.set_my_commands(commands, language_code=code)
            await bot.set_my_description(
                renderer.sms(language, f"about/{name}", merchant=merchant), language_code=code
            )
            await bot.set_my_short_description(
                renderer.sms(language, f"about/{name}_short", merchant=merchant), language_code=code
            )
    for chat_id, language in managers:
        await offer_to_manager(bots["staff"], renderer, chat_id, language)


async def insist(step: Callable[[], Awaitable[None]], event: str) -> None:
    """Do a step of the start however long network and database take to come up. A refused token is raised."""
    pause = 1.0
    while True:
        try:
            await step()
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise
        except (TelegramAPIError, ClientDecodeError, NotSent, StoreUnavailable, OSError, TimeoutError) as error:
            log.warning(f"{event}_delayed", error=safe_text(error), again_in_s=pause)
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE_S, pause * 2)
        else:
            log.info(event)
            return
