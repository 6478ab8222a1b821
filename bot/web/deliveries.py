"""What Telegram has posted: done, put aside, or asked for again."""

import asyncio
from collections import OrderedDict

import structlog
from aiogram import Bot
from aiogram.types import Update
from pydantic import ValidationError

from bot.polling import Patience, Received, UpdateInbox, Verdict
from bot.polling.attempts import TELLING_S, Handle, Judge, OnError
from bot.polling.parking import about, park

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

WEBHOOK_PATIENCE = Patience(handle_s=50.0)
"""Telegram waits about a minute for an answer, then posts the update again."""
_REMEMBERED = 1000


class Deliveries:
    """Takes the updates of one bot, each as often as Telegram posts it.

    - The update's or the code's own fault: tried `poison_tries` times at once, then parked.
    - The network's fault: refused, so Telegram posts it again; parked when it has failed for `hold_s`, as
      the chat's later updates wait behind it.
    - The database's fault: refused, as often as it takes.

    What has failed for `tell_after_s` is told to the person, once by each process.
    """

    def __init__(
        self,
        bot: Bot,
        handle: Handle,
        inbox: UpdateInbox,
        *,
        judge: Judge,
        on_error: OnError,
        patience: Patience = WEBHOOK_PATIENCE,
    ) -> None:
        self._bot = bot
        self._handle = handle
        self._inbox = inbox
        self._judge = judge
        self._on_error = on_error
        self._patience = patience
        self._failing: OrderedDict[int, float] = OrderedDict()
        self._told: set[int] = set()

    async def take(self, received: Received) -> bool:
        """True when the update is handled or parked; False when Telegram shall post it again."""
        try:
            update = Update.model_validate(received.raw, context={"bot": self._bot})
        except ValidationError as error:
            return await park(self._bot, self._inbox, received, error)
        tries = 0
        while (failure := await self._try(update)) is not None:
            tries += 1
            verdict = self._judge(failure)
            if verdict is Verdict.FINISHED:
                break
            what = about(self._bot, update.update_id, failure)
            log.warning("update_failed", tries=tries, verdict=verdict.value, **what)
            hopeless = verdict is Verdict.POISON and tries >= self._patience.poison_tries
            age = self._failing_for(update.update_id)
            if hopeless or (verdict is Verdict.TRANSIENT and age >= self._patience.hold_s):
                return await self._put_aside(received, update, failure, tries)
            if verdict is not Verdict.POISON:
                if age >= self._patience.tell_after_s and update.update_id not in self._told:
                    self._told.add(update.update_id)
                    await self._tell(update, failure, tries, final=False)
                return False
            await asyncio.sleep(self._patience.retrying.delay(tries))
        self._forget(received.update_id)
        return True

    async def _try(self, update: Update) -> Exception | None:
        try:
            async with asyncio.timeout(self._patience.handle_s):
                await self._handle(update)
        except Exception as failure:
            return failure
        return None

    def _failing_for(self, update_id: int) -> float:
        """Seconds since the update's first failure here."""
        now = self._patience.passed_s()
        since = self._failing.setdefault(update_id, now)
        while len(self._failing) > _REMEMBERED:
            self._told.discard(self._failing.popitem(last=False)[0])
        return now - since

    def _forget(self, update_id: int) -> None:
        self._failing.pop(update_id, None)
        self._told.discard(update_id)

    async def _put_aside(self, received: Received, update: Update, failure: Exception, tries: int) -> bool:
        if not await park(self._bot, self._inbox, received, failure):
            return False
        self._forget(received.update_id)
        await self._tell(update, failure, tries, final=True)
        return True

    async def _tell(self, update: Update, failure: Exception, tries: int, *, final: bool) -> None:
        try:
            async with asyncio.timeout(TELLING_S):
                await self._on_error(update, failure, tries, final)
        except Exception as error:
            log.warning("person_not_told", **about(self._bot, update.update_id, error))
