"""Telling Telegram where to post, and seeing that it stays so."""

import asyncio
from collections.abc import Mapping

import structlog
from aiogram import Bot

from bot.addresses import WebSettings
from bot.intake import ALLOWED_UPDATES
from bot.metrics import Metrics
from bot.telegram import safe_text

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

LOOK_EVERY_S = 60.0


def path_of(name: str) -> str:
    """A bot's address below PUBLIC_URL: no secret, that is in the header."""
    return f"/telegram/{name}"


async def set_webhooks(bots: Mapping[str, Bot], settings: WebSettings) -> None:
    """Point both bots here. What waits at Telegram is kept."""
    for name, bot in bots.items():
        await _set(name, bot, settings)


async def _set(name: str, bot: Bot, settings: WebSettings) -> None:
    await bot.set_webhook(
        f"{settings.public_url}{path_of(name)}",
        secret_token=settings.secret,
        allowed_updates=ALLOWED_UPDATES,
        drop_pending_updates=False,
    )


async def watch(bots: Mapping[str, Bot], settings: WebSettings, metrics: Metrics) -> None:
    """Look now and then whether Telegram still posts here; what somebody took away is set again."""
    errors: dict[str, object] = {}
    while True:
        for name, bot in bots.items():
            try:
                info = await bot.get_webhook_info()
                metrics.pending(name, info.pending_update_count)
                if info.url != f"{settings.public_url}{path_of(name)}":
                    log.warning("webhook_was_changed", bot=name, advice="Does another process poll this bot?")
                    await _set(name, bot, settings)
                if info.last_error_date is not None and errors.get(name) != info.last_error_date:
                    errors[name] = info.last_error_date
                    log.warning("telegram_could_not_post", bot=name, error=info.last_error_message)
            except Exception as error:
                # Looking is not worth the process; whatever it was is tried again at the next look.
                log.warning("webhook_not_looked_at", bot=name, error=safe_text(error))
        await asyncio.sleep(LOOK_EVERY_S)
