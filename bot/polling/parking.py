"""Where updates go that could not be handled."""

import json
from typing import Protocol

import structlog
from aiogram import Bot

from bot.polling.fetch import Received
from bot.telegram import safe_text, where

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class UpdateInbox(Protocol):
    """The table of parked updates."""

    async def park(self, bot_id: int, update_id: int, payload: str, error: str) -> None:
        """Keep an update. `payload` is its JSON, `error` one line without tokens and then where it arose.

        Must be idempotent by (bot_id, update_id): after a crash the update comes again. Returns only when
        the update is safely stored; whatever it raises is taken as "not now" and tried again.
        """


def about(bot: Bot, update_id: int, exc: BaseException) -> dict[str, object]:
    """What a log line may say of a failure: no texts of errors, as they may quote what a person wrote."""
    return {"bot": bot.id, "update": update_id, "error": type(exc).__name__, "where": where(exc)}


async def park(bot: Bot, inbox: UpdateInbox, received: Received, failure: BaseException) -> bool:
    """Put an update into the inbox. False if that failed, which is logged."""
    payload = json.dumps(received.raw, ensure_ascii=False)
    error = f"{safe_text(failure)}\n{where(failure)}"
    try:
        await inbox.park(bot.id, received.update_id, payload, error)
    except Exception as exc:
        log.error("update_not_parked", **about(bot, received.update_id, exc))
        return False
    log.error("update_parked", **about(bot, received.update_id, failure))
    return True
