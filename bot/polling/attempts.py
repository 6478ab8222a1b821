"""One update until its end: handled, or parked for a person to look at."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.types import Update
from pydantic import ValidationError

from bot.polling.fetch import Received
from bot.polling.parking import UpdateInbox, about, park
from bot.polling.patience import Patience
from bot.polling.verdict import Verdict

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

Handle = Callable[[Update], Awaitable[None]]
Judge = Callable[[BaseException], Verdict]
OnError = Callable[[Update, BaseException, int, bool], Awaitable[None]]

TELLING_S = 10.0
"""Seconds that telling the person of a failure may take: the chat's other updates wait meanwhile."""


class _Stopped(Exception):
    """A stop was requested before the next try."""


@dataclass
class _Course:
    """How it went with an update so far. Times are of `Patience.passed_s`."""

    started: float | None = None
    held_from: float = 0.0
    tries: int = 0
    faults: int = 0
    told: bool = False


class Attempts:
    """Tries updates, at most `concurrency` at the same time; waiting between tries takes no place.

    When `stopping` is set, tries in progress go on and no new ones begin.
    """

    def __init__(
        self,
        bot: Bot,
        handle: Handle,
        inbox: UpdateInbox,
        stopping: asyncio.Event,
        *,
        judge: Judge,
        on_error: OnError | None,
        concurrency: int,
        patience: Patience,
    ) -> None:
        self._bot = bot
        self._handle = handle
        self._inbox = inbox
        self._stopping = stopping
        self._judge = judge
        self._on_error = on_error
        self._places = asyncio.Semaphore(concurrency)
        self._patience = patience
        self.handled = self.parked = self.failed_tries = 0

    async def settle(self, received: Received) -> bool:
        """True once the update is handled or parked; False when a stop came before its next try.

        Raises nothing but CancelledError.
        """
        try:
            await self._settle(received)
        except _Stopped:
            return False
        return True

    async def _settle(self, received: Received) -> None:
        try:
            update = Update.model_validate(received.raw, context={"bot": self._bot})
        except ValidationError as exc:
            await self._park(received, exc, insist=True)
            return
        course = _Course()
        while (failure := await self._try(update, course)) is not None:
            verdict = self._judge(failure)
            if verdict is Verdict.FINISHED:
                log.info("update_unanswered", **about(self._bot, update.update_id, failure))
                break
            self._note(update, course, failure, verdict)
            poison = course.faults >= self._patience.poison_tries
            if (poison or self._held_too_long(course, verdict)) and await self._park(
                received, failure, insist=poison
            ):
                await self._tell(update, course, failure, final=True)
                return
            await self._tell_if_long(update, course, failure)
            await self._rest(course.tries)
        self.handled += 1

    async def _try(self, update: Update, course: _Course) -> BaseException | None:
        """Handle once; the error, if any. A CancelledError that isn't meant for this task counts as one."""
        async with self._places:
            if self._stopping.is_set():
                raise _Stopped
            if course.started is None:
                course.started = course.held_from = self._patience.passed_s()
            try:
                async with asyncio.timeout(self._patience.handle_s):
                    await self._handle(update)
            except asyncio.CancelledError as exc:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                return exc
            except Exception as exc:
                return exc
        return None

    def _note(self, update: Update, course: _Course, failure: BaseException, verdict: Verdict) -> None:
        self.failed_tries += 1
        course.tries += 1
        course.faults += verdict is Verdict.POISON
        if verdict is Verdict.STORAGE:
            course.held_from = self._patience.passed_s()
        what = about(self._bot, update.update_id, failure)
        log.warning("update_failed", tries=course.tries, verdict=verdict.value, **what)

    def _held_too_long(self, course: _Course, verdict: Verdict) -> bool:
        held = self._patience.passed_s() - course.held_from
        return verdict is Verdict.TRANSIENT and held >= self._patience.hold_s

    async def _park(self, received: Received, failure: BaseException, *, insist: bool) -> bool:
        """Park; with `insist` until it succeeds, else once. Tells whether it did."""
        tries = 0
        while not await park(self._bot, self._inbox, received, failure):
            if not insist:
                return False
            tries += 1
            await self._rest(tries)
        self.parked += 1
        return True

    async def _tell_if_long(self, update: Update, course: _Course, failure: BaseException) -> None:
        age = self._patience.passed_s() - (course.started or 0.0)
        if not course.told and age >= self._patience.tell_after_s:
            course.told = True
            await self._tell(update, course, failure, final=False)

    async def _tell(self, update: Update, course: _Course, failure: BaseException, *, final: bool) -> None:
        if self._on_error is None:
            return
        try:
            async with asyncio.timeout(TELLING_S):
                await self._on_error(update, failure, course.tries, final)
        except Exception as exc:
            log.warning("person_not_told", **about(self._bot, update.update_id, exc))

    async def _rest(self, tries: int) -> None:
        """Wait before the next try. Raises _Stopped as soon as a stop is requested."""
        try:
            async with asyncio.timeout(self._patience.retrying.delay(tries)):
                await self._stopping.wait()
        except TimeoutError:
            return
        raise _Stopped
