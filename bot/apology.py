"""Telling a person that an update of theirs failed on our side."""

import structlog
from aiogram.types import Update

from bot.build import App
from bot.polling.attempts import OnError
from bot.polling.parking import about
from handlers.errors import apologise

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


def apologising(app: App, name: str) -> OnError:
    """What a bot does when an update keeps failing: a line in the log, a sentence with a code for support."""

    async def on_error(update: Update, error: BaseException, tries: int, final: bool) -> None:
        log.error(
            "update_given_up" if final else "update_delayed",
            tries=tries,
            **about(app.bots[name], update.update_id, error),
        )
        await apologise(app.bots[name], app.renderer, update, code=f"{update.update_id}")

    return on_error
