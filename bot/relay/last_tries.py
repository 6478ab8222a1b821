"""When a message whose first try may have arrived is tried for the last time: there may be two copies at most."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiogram import Bot

from bot.telegram import single_try

QUIET_S = 4.0
"""Seconds without a lost answer after which Telegram is taken to be well again."""
PROBES = 4
"""So many questions in a row are answered before a last try: Telegram may answer every second one only."""
MOST_WAIT = 4
"""So many messages of a bot wait for their last try at once: Telegram may keep silent for as long as a call takes,
and the rest of the lane is for what is told for the first time."""


class Unwell(Exception):
    """Telegram did not answer right before a last try, or others wait for theirs, so that was not made. ``why`` is
    the error of the question; None when none was asked for this message."""

    def __init__(self, why: Exception | None = None) -> None:
        super().__init__()
        self.why = why


class LastTries:
    """Last tries of one bot's messages: they must not meet what the first ones met."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._troubled_at = -QUIET_S
        self._turn = asyncio.Lock()
        self._waiting = 0

    def note_trouble(self) -> None:
        """An answer was lost just now."""
        self._troubled_at = asyncio.get_running_loop().time()

    @property
    def must_wait(self) -> bool:
        """Whether an answer was lost a moment ago."""
        return asyncio.get_running_loop().time() - self._troubled_at < QUIET_S

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among those that wait for their turn. Raises Unwell when there is none or nobody may try now."""
        if self.must_wait or self._waiting >= MOST_WAIT:
            raise Unwell
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def begin(self) -> None:
        """Wait for the turn, which is given back by ``end``, and raise Unwell unless Telegram answers.

        They go one at a time: of those that wait, only one can meet a trouble that just began.
        """
        await self._turn.acquire()
        try:
            if self.must_wait:
                raise Unwell
            await self._probe()
        except BaseException:
            self._turn.release()
            raise

    async def _probe(self) -> None:
        try:
            with single_try():  # a question that is repeated until it is answered would prove nothing
                for _ in range(PROBES):
                    await self._bot.get_me()
        except Exception as error:
            self.note_trouble()
            raise Unwell(error) from error

    def end(self) -> None:
        """Let the next one try. What became of this one is noted before."""
        self._turn.release()
