"""One SMS on its way: its money is taken, a gateway is chosen and noted, and what surely did not go is undone."""

import structlog

from core.ports import SmsGateway, SmsOutcome, SmsResult
from core.services import Services
from core.sms_budget import Expense
from core.store import claims
from sms.failover import Failover, as_failover
from sms.parts import count_parts

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

RESTS = "gateway_rests"
"""Reason of what is told to many and waits until its gateway is well again."""


class SmsSending:
    """Hands messages to the gateways, each one at most once."""

    def __init__(self, core: Services, gateway: SmsGateway) -> None:
        self._core = core
        self.gateways: Failover = as_failover(gateway)
        self._open: dict[str, bool] = {}
        self._used: set[str] = set()

    async def send(self, message: claims.Claimed, text: str) -> SmsResult:
        """Send by the first gateway that takes it. What the budget does not allow is REFUSED, with the reason.

        The gateway is in the database before it is asked, so that a crash leaves it known whom to ask.
        """
        programme = await self._core.programmes.current()
        result = SmsResult(SmsOutcome.NOT_SENT, reason=RESTS)
        for name in self.gateways.ways(urgent=not message.is_bulk):
            refusal = await self._core.sms_budget.reserve(_expense(message, text), name)
            if refusal is not None:
                return SmsResult(SmsOutcome.REFUSED, reason=refusal)
            sender = programme.sms_sender or None
            result = await self.gateways.send_by(name, message.phone or "", text, sender=sender)
            self._used.add(name)
            if not self.gateways.goes_on(result):
                break
        await self._settle(message.id, result)
        return result

    async def find(self, message: claims.Claimed, text: str) -> SmsResult:
        """Ask for a message whose answer was lost, and settle its money when that is known."""
        result = await self.gateways.find(message.phone or "", text, message.created_at, name=message.gateway)
        await self._settle(message.id, result)
        return result

    async def _settle(self, message_id: int, result: SmsResult) -> None:
        """What may have gone keeps the money that was taken for it."""
        if result.outcome is SmsOutcome.SENT:
            await self._core.sms_budget.book(message_id, result.cost)
        elif result.outcome is not SmsOutcome.UNKNOWN:
            await self._core.sms_budget.give_back(message_id)

    async def watch(self) -> None:
        """Write down how the gateways that were just used fare, and look again at those that failed.

        One that is down is written down whenever it was tried in vain, as it may have been taken to be up
        meanwhile; one that this process has not yet seen succeed is not called up.
        """
        used, self._used = self._used, set()
        for name in used:
            was_open = self._open.get(name)
            if self.gateways.is_open(name):
                if not was_open:
                    log.warning("sms_gateway_down", gateway=name, reason=self.gateways.reason(name))
                await self._core.sms_statuses.note_down(name, self.gateways.reason(name))
                self._open[name] = True
            elif was_open is not False and self.gateways.is_well(name):
                await self._core.sms_statuses.note_up(name)
                self._open[name] = False
        await self.gateways.look_again()


def _expense(message: claims.Claimed, text: str) -> Expense:
    origin = {"staff": "till", "customer": "bot"}.get(message.notify_bot or "")
    return Expense(message.id, message.worker, message.topic, count_parts(text).parts, origin)
