"""The relay's loops. One relay works at a time: it holds a lease, others stand by and take over."""

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog
from aiogram import Bot

from bot.machine import name_of_process
from bot.polling.verdict import Verdict
from bot.relay.by_sms import SmsLane
from bot.relay.by_telegram import TelegramLane
from bot.relay.lane import Lane, Queue
from bot.telegram import safe_text
from bot.verdicts import judge
from core.ports import SmsGateway
from core.services import Services
from core.store import claims, outcomes, updates
from handlers.rendering import Renderer

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=9)
STAND_BY_S = 1.0
"""Whoever stands by asks for the lease so often: with it, a relay that died is replaced within ten seconds."""
SLOTS, BULK_SLOTS = 20, 12
"""Messages of a bot at once: bulk holds less than a second's worth, so that what is stopped stops."""
SMS_SLOTS, BULK_SMS_SLOTS = 8, 2
BULK_PER_SECOND = 20.0
"""What is told to many leaves the rest of a bot's 25 a second to answers, codes and receipts."""
_SAY_EVERY_S = 5.0
"""A trouble that lasts is not said twice a second."""


def _is_dead(holder: str, asker: str) -> bool:
    """Whether a lease's holder was a process of the asker's machine that is no more."""
    machine, pid, _ = holder.rsplit(":", 2)
    if machine != asker.rsplit(":", 2)[0]:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class Relay:
    """Sends the outbox of all bots and the SMS gateway until it is stopped."""

    def __init__(
        self,
        core: Services,
        renderer: Renderer,
        bots: Mapping[str, Bot],
        sms: SmsGateway,
        *,
        idle_s: float = 0.5,
        tidy_s: float = 3.0,
        bulk_per_second: float = BULK_PER_SECOND,
    ) -> None:
        self._core = core
        self._clock = core.deps.clock
        self._idle_s = idle_s
        self._tidy_s = tidy_s
        self._worker = f"{name_of_process()}:{secrets.token_hex(4)}"
        self._telegram = {
            name: TelegramLane(core, renderer, name, bot, bulk_per_second) for name, bot in bots.items()
        }
        self._sms = SmsLane(core, renderer, sms)
        self._kicked = asyncio.Condition()
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._leads = False
        self._said: dict[str, float] = {}

    async def kick(self) -> None:
        """Something was just written to the outbox: look at once."""
        async with self._kicked:
            self._kicked.notify_all()

    def request_stop(self) -> None:
        """Make ``run`` end once what is being sent has been sent."""
        self._stopping.set()

    async def stop(self) -> None:
        """Request a stop and wait for it."""
        self.request_stop()
        await self._ended.wait()

    async def run(self) -> None:
        """Send until a stop is requested. Errors of the infrastructure are waited out."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for queue in self._queues():
                    lane = Lane(queue, self, self._worker, self._clock, self._idle_s)
                    tasks.create_task(lane.run())
                tasks.create_task(self._tidy())
                tasks.create_task(self._while_leading(self._core.sendings.drive, "campaigns_not_driven"))
                # A gateway that hangs must not keep the lease from being kept.
                tasks.create_task(self._while_leading(self._sms.ask_for_lost, "lost_sms_not_asked_for"))
                tasks.create_task(self._wake_on_stop())
            await self._give_lease_back()
        finally:
            self._ended.set()

    async def _give_lease_back(self) -> None:
        """For the next one not to wait; where the database is away, it waits until the lease runs out."""
        try:
            await updates.drop_lease("relay", self._worker)
        except Exception as error:
            self.survive("relay_lease_not_given_back", error)

    def _queues(self) -> list[Queue]:
        found = [
            Queue("telegram", name, bulk, slots, lane.deliver, lane.paused_for)
            for name, lane in self._telegram.items()
            for bulk, slots in ((False, SLOTS), (True, BULK_SLOTS))
        ]
        return found + [
            Queue("sms", None, bulk, slots, self._sms.deliver)
            for bulk, slots in ((False, SMS_SLOTS), (True, BULK_SMS_SLOTS))
        ]

    @property
    def may_claim(self) -> bool:
        """Whether this relay leads and isn't about to end."""
        return self._leads and not self._stopping.is_set()

    @property
    def is_ending(self) -> bool:
        """Whether a stop was requested."""
        return self._stopping.is_set()

    async def _wake_on_stop(self) -> None:
        await self._stopping.wait()
        await self.kick()

    async def _tidy(self) -> None:
        """Keep the lease, and see to what time brings: overdue holds, withdrawals, lost workers."""
        works: dict[str, Callable[[], Awaitable[object]]] = {
            "lost_messages_not_recovered": self._recover,
            "holds_not_released": self._core.redemption.release_overdue,
            "withdrawn_not_suppressed": self._core.consents.suppress_withdrawn,
        }
        while not self._stopping.is_set():
            await self._lead()
            for event, work in works.items():
                # One that fails, and may fail for good, keeps neither the others nor the sending from going on.
                try:
                    if self._leads:
                        await work()
                except Exception as error:
                    self.survive(event, error)
            try:
                async with asyncio.timeout(self._tidy_s if self._leads else min(self._tidy_s, STAND_BY_S)):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _lead(self) -> None:
        """Take or keep the lease; without it nothing is claimed."""
        now = self._clock.now()
        led = self._leads
        try:
            leads = await self._take_lease(now)
            if leads and not led:
                await claims.inherit(self._worker, now)
        except Exception as error:
            leads = False
            self.survive("relay_lease_not_kept", error)
        self._leads = leads
        if leads != led:
            log.info("relay_leads" if leads else "relay_stands_by")
            await self.kick()

    async def _while_leading(self, work: Callable[[], Awaitable[object]], event: str) -> None:
        """Do something now and then as long as this relay leads."""
        while not self._stopping.is_set():
            try:
                if self._leads:
                    await work()
            except Exception as error:
                self.survive(event, error)
            try:
                async with asyncio.timeout(self._tidy_s):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _take_lease(self, now: datetime) -> bool:
        """Take or keep the lease; one of a dead process of this machine need not run out."""
        if await updates.take_lease("relay", self._worker, now, LEASE):
            return True
        holder = await updates.lease_holder("relay")
        if holder is None or not _is_dead(holder, self._worker):
            return False
        await updates.drop_lease("relay", holder)
        return await updates.take_lease("relay", self._worker, now, LEASE)

    async def _recover(self) -> None:
        """Messages whose worker died while sending. By SMS only after asking; by Telegram what surely did not
        leave goes as if nothing had been, what was tried once goes once more, and the rest is not sent again."""
        for message in await claims.take_over(f"{self._worker}/r", self._clock.now(), LEASE):
            now = self._clock.now()
            if message.channel == "sms" and message.gateway is None:  # no gateway was ever asked
                await outcomes.postpone(message, now, reason=message.reason, uncounted=True)
            elif message.channel == "sms":
                await self._sms.abandon(message)
            elif message.reason in (claims.LAST_TRY, claims.ONLY_TRY):
                await outcomes.settle(message, "unknown", now=now, reason="worker_lost")
            elif message.reason == claims.FIRST_TRY:
                await outcomes.postpone(message, now, reason="worker_lost")
            else:
                reason = message.reason if message.is_doubtful else "not_sent"
                await outcomes.postpone(message, now, reason=reason, uncounted=True)

    async def rest(self, seconds: float) -> None:
        """Wait so long, or until something is written to the outbox."""
        try:
            async with asyncio.timeout(seconds), self._kicked:
                if not self._stopping.is_set():
                    await self._kicked.wait()
        except TimeoutError:
            return

    def survive(self, event: str, error: Exception, **more: object) -> None:
        """What the database or the network does is waited out, and said now and then; anything else is a
        fault to be seen."""
        if judge(error) is Verdict.POISON:
            log.error(event, error=safe_text(error), **more)
            return
        now = asyncio.get_running_loop().time()
        if now - self._said.get(event, -_SAY_EVERY_S) >= _SAY_EVERY_S:
            self._said[event] = now
            log.warning(event, error=safe_text(error), **more)
