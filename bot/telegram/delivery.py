"""The one layer that paces, pauses and repeats calls; nothing above or below it retries."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import cast

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramRetryAfter
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.telegram.backoff import Backoff
from bot.telegram.kinds import Method, excused, is_edit, is_fetch, is_idempotent, is_message
from bot.telegram.outcome import NotSent, Outcome, OutcomeUnknown, classify
from bot.telegram.pace import Pace
from bot.telegram.safe import safe_text

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

BeforeTry = Callable[[], Awaitable[object]]
TURN_S = 3.0
"""How long a call of the outbox waits for its turn; what waits longer goes back there, where it can be stopped."""

_single: ContextVar[BeforeTry | None] = ContextVar("single", default=None)


async def _nothing() -> None:
    """Nothing to be noted."""


@contextmanager
def single_try(before: BeforeTry = _nothing) -> Iterator[None]:
    """Within it a call is made once: for the outbox, which repeats by itself, also over a crash.

    ``before`` runs when the call's turn has come, right before it is made. In a chat such a call keeps a second's
    distance from the message before.
    """
    token = _single.set(before)
    try:
        yield
    finally:
        _single.reset(token)


def _log_repeated(bot: Bot, method: Method, outcome: Outcome, tried: int, exc: Exception) -> None:
    log.info(
        "telegram_call_repeated",
        bot=bot.id,
        method=method.__api_method__,
        outcome=outcome.value,
        tries=tried,
        error=safe_text(exc),
    )


class Delivery(BaseRequestMiddleware):
    """Session middleware of one bot. Each call but getUpdates takes at most `total_s` seconds in all.

    A call is repeated, at most `tries` times in all, when it was certainly not made, or when making it
    twice is harmless, or once when its outcome is unknown; within `single_try` never. Raises, besides aiogram's
    errors:

    - NotSent: its turn didn't come in time (limits, or a pause Telegram asked for);
    - OutcomeUnknown: a message that may have arrived and must not be sent again.

    Refusals that are no errors give a value: see `kinds.excused`.
    """

    def __init__(
        self, pace: Pace, *, total_s: float = 40.0, tries: int = 4, backoff: Backoff | None = None
    ) -> None:
        self._pace = pace
        self._total_s = total_s
        self._tries = tries
        self._backoff = backoff or Backoff(first_s=0.3, cap_s=5.0)

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        if is_fetch(method):
            return await make_request(bot, method)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._total_s
        before = _single.get()
        most, turn_by = (self._tries, deadline) if before is None else (1, loop.time() + TURN_S)
        unknown = 0
        for tried in range(1, most + 1):
            try:
                await self._pace.turn(method, turn_by, apart=before is not None)
                if before is not None:
                    await before()
                    deadline = loop.time() + self._total_s  # what it takes is not the call's
                async with asyncio.timeout_at(deadline):
                    return await make_request(bot, method)
            except (TelegramAPIError, ClientDecodeError, NotSent, TimeoutError) as exc:
                value = excused(method, exc)
                if value is not None:
                    log.debug("telegram_refusal_excused", bot=bot.id, method=method.__api_method__)
                    return cast("Response[TelegramType]", value)
                outcome = classify(exc)
                unknown += outcome in (Outcome.UNKNOWN, Outcome.SENT)
                pause = self._wait_after(method, exc, tried)
                in_time = loop.time() + pause < deadline
                if tried == most or not in_time or not self._may_repeat(method, exc, outcome, unknown):
                    if unknown and not is_idempotent(method):
                        raise OutcomeUnknown(method.__api_method__, unknown) from exc
                    raise
                _log_repeated(bot, method, outcome, tried, exc)
            await asyncio.sleep(pause)
        raise AssertionError("unreachable: the last try returns or raises")

    def _wait_after(self, method: Method, exc: Exception, tried: int) -> float:
        if not isinstance(exc, TelegramRetryAfter):
            return self._backoff.delay(tried)
        if is_message(method) or is_edit(method):
            self._pace.pause(exc.retry_after)
            return self._pace.paused_for()
        return float(exc.retry_after)

    @staticmethod
    def _may_repeat(method: Method, exc: Exception, outcome: Outcome, unknown: int) -> bool:
        if outcome is Outcome.NOT_SENT:
            return not isinstance(exc, NotSent)  # that one has had all its time
        if outcome is Outcome.UNKNOWN:
            return is_idempotent(method) or unknown < 2
        return False
