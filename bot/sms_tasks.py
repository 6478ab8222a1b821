"""Periodic questions to the SMS gateways: what became of messages, and how much money is left."""

import asyncio
from datetime import datetime

import structlog

from bot.relay.sms_waiting import tell_waiting
from core.domain.schedule import Every
from core.ports import Delivery, SmsGateway
from core.schedule import Periodic
from core.services import Services
from core.store.sms_gateways import Asked
from sms.failover import Failover, as_failover

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

STATUS_EVERY_S = 30
BALANCE_EVERY_S = 300
BATCH = 40
MOST_BATCHES = 5
AT_ONCE = 4
ENOUGH_UNKNOWN = 8
"""After so many answers of no use in one batch the gateway is left alone until the next time."""


class SmsTasks:
    """Asks the gateways, in whichever process does the periodic work."""

    def __init__(self, core: Services, gateways: Failover) -> None:
        self._core = core
        self._gateways = gateways

    @classmethod
    def register(cls, core: Services, gateway: SmsGateway) -> "SmsTasks":
        """Make the tasks known to the schedule."""
        tasks = cls(core, as_failover(gateway))
        core.schedule.register(Periodic("sms_status", Every(STATUS_EVERY_S), tasks.ask_statuses))
        core.schedule.register(Periodic("sms_balance", Every(BALANCE_EVERY_S), tasks.ask_balances))
        return tasks

    async def ask_statuses(self, now: datetime) -> None:
        """Ask for messages that were sent and have no end yet: a bounded number, a few at once."""
        for _ in range(MOST_BATCHES):
            batch = await self._core.sms_statuses.due(BATCH)
            slots = asyncio.Semaphore(AT_ONCE)
            answers = await asyncio.gather(*(self._ask(each, slots) for each in batch))
            if len(batch) < BATCH or answers.count(Delivery.UNKNOWN) >= ENOUGH_UNKNOWN:
                return

    async def _ask(self, asked: Asked, slots: asyncio.Semaphore) -> Delivery:
        async with slots:
            said = await self._gateways.status(asked.provider_id, name=asked.gateway)
        if await self._core.sms_statuses.note(asked, said):
            log.info("sms_not_delivered", message=asked.id, reason=said.reason)
            await self._tell(asked, said.reason)
        return said.delivery

    async def _tell(self, asked: Asked, reason: str | None) -> None:
        """Whoever still waits for a code hears that it was not delivered."""
        now = self._core.deps.clock.now()
        if asked.not_after is not None and asked.not_after > now:
            await tell_waiting(asked, "notice/sms_failed", reason, now)

    async def ask_balances(self, now: datetime) -> None:
        """Ask each gateway for its money; a new day's budget begins here, too."""
        await self._core.sms_budget.begin_day(now)
        for name in self._gateways.names:
            balance = await self._gateways.balance_of(name)
            if balance is not None:
                await self._core.sms_statuses.note_balance(name, balance)
