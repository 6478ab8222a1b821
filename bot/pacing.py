"""A bot's pace over all processes that speak for it: the relay's worker and every web process."""

import asyncio

import structlog

from bot.in_time import within
from bot.polling.verdict import Verdict
from bot.telegram import safe_text
from bot.verdicts import judge
from core.store import pace

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

EVERY_MS, BURST = 40, 3
"""25 a second and 2 more at once: what is late on its way still makes no more than 30 in any second."""
CHAT_EVERY_MS = 1000
LONGEST = 32
"""Characters of the key that turns are kept by."""


ANSWER_S, SILENCE_S = 4.0, 5.0
"""How long a database may take to give a turn, and for how long one that did not is left alone."""


class PaceOverAll:
    """Turns that are given by the database: one statement for the chat, one for the bot."""

    def __init__(self, bot: str) -> None:
        self._bot = bot
        self._silent_until = 0.0

    async def turn(self, within_s: float, chat: int | str | None = None) -> tuple[float, bool]:
        """See SharedPace. Without a database nothing is sent but apologies: the process's own pace is enough."""
        whose, every_ms, burst = (
            (self._bot, EVERY_MS, BURST) if chat is None else (f"{self._bot}:{chat}"[:LONGEST], CHAT_EVERY_MS, 1)
        )
        if asyncio.get_running_loop().time() < self._silent_until:
            return 0.0, True
        within_ms = int(within_s * 1000)
        asked = pace.take_turn(whose, every_ms=every_ms, burst=burst, within_ms=within_ms)
        try:
            wait_ms, is_ours = await within(ANSWER_S, asked)
        except TimeoutError as error:
            self._silent_until = asyncio.get_running_loop().time() + SILENCE_S
            self._survive(error)
            return 0.0, True
        except Exception as error:
            self._survive(error)
            return 0.0, True
        return wait_ms / 1000, is_ours

    async def pause(self, seconds: float) -> None:
        """See SharedPace. This process keeps the pause by itself as well."""
        try:
            await pace.pause(self._bot, every_ms=EVERY_MS, burst=BURST, pause_ms=int(seconds * 1000))
        except Exception as error:
            self._survive(error)

    def _survive(self, error: Exception) -> None:
        if judge(error) is Verdict.POISON:
            raise error
        log.warning("pace_not_shared", bot=self._bot, error=safe_text(error))
