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
            if hopeless or (verdict is Verdict.TRANSIENT and self._held_too_long(update.update_id)):
                return await self._put_aside(received, update, failure, tries)
            if verdict is not Verdict.POISON:
                return False
            await asyncio.sleep(self._patience.retrying.delay(tries))
        self._failing.pop(received.update_id, None)
        return True

    async def _try(self, update: Update) -> Exception | None:
        try:
            async with asyncio.timeout(self._patience.handle_s):
                await self._handle(update)
        except Exception as failure:
            return failure
        return None

    def _held_too_long(self, update_id: int) -> bool:
        now = self._patience.passed_s()
        since = self._failing.setdefault(update_id, now)
        while len(self._failing) > _REMEMBERED:
            self._failing.popitem(last=False)
        return now - since >= self._patience.hold_s

    async def _put_aside(self, received: Received, update: Update, failure: Exception, tries: int) -> bool:
        if not await park(self._bot, self._inbox, received, failure):
            return False
        self._failing.pop(received.update_id, None)
        try:
            async with asyncio.timeout(TELLING_S):
                await self._on_error(update, failure, tries, True)
        except Exception as error:
            log.warning("person_not_told", **about(self._bot, update.update_id, error))
        return True
