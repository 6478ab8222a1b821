"""Several gateways as one: which of them a message goes by, and a breaker for each that has failed.

A message is handed to another gateway only when the one before surely does not have it: it said so, or was never
asked. What may have gone is never sent by a second one.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.ports import Delivery, SmsGateway, SmsOutcome, SmsResult, SmsStatus

FAILURES = 3
"""Failures in a row that open a gateway's breaker."""
REST_S = 30.0
"""Seconds for which an open breaker lets nothing through; then one message tries.

Where another gateway is well, none that somebody waits for does so before the one that failed answers a question:
a message that gets lost in it would go by no other.
"""
_CLOSED_AT_ONCE = frozenset({"auth", "no_money"})
"""Refusals that the next message would meet as well."""
_OF_THE_MESSAGE = frozenset({"bad_number"})
"""Refusals that another gateway would give as well."""


@dataclass(slots=True)
class Breaker:
    """How a gateway fares: ``open_until`` by the process's clock while it is left alone; ``answers`` says that it
    has answered a question since it failed."""

    failures: int = 0
    open_until: float | None = None
    reason: str | None = None
    trying: bool = False
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A gateway and the name that messages keep of it."""

    name: str
    gateway: SmsGateway
    breaker: Breaker = field(default_factory=Breaker)


class Failover:
    """The gateways in the order of preference; is itself a ``core.ports.SmsGateway``."""

    def __init__(
        self, gateways: Sequence[tuple[str, SmsGateway]], passed_s: Callable[[], float] = time.monotonic
    ) -> None:
        """``passed_s`` gives seconds that only grow. Raises ValueError for no gateway, or a name twice."""
        self._passed_s = passed_s
        self._named = {name: Named(name, gateway) for name, gateway in gateways}
        if not gateways or len(self._named) != len(gateways):
            raise ValueError("a failover needs gateways with different names")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._named)})"

    @property
    def names(self) -> tuple[str, ...]:
        """The gateways, the preferred one first."""
        return tuple(self._named)

    def ways(self, *, urgent: bool) -> tuple[str, ...]:
        """Where a message may go, in this order. What is urgent may go by any gateway that is not known to be
        down; when all are, by the preferred one all the same. What is not urgent waits for the preferred one."""
        rested = {name for name, named in self._named.items() if self._lets_through(named.breaker)}
        if not urgent:
            return tuple(name for name in self.names[:1] if name in rested)
        well = tuple(name for name in self.names if name in rested and self._may_lead(self._named[name].breaker))
        return well + tuple(name for name in self.names if name in rested - set(well)) or self.names[:1]

    def is_open(self, name: str) -> bool:
        """Whether a gateway is known to be down."""
        return self._named[name].breaker.open_until is not None

    def is_well(self, name: str) -> bool:
        """Whether the last message that a gateway was given went well."""
        return self._named[name].breaker.failures == 0

    def reason(self, name: str) -> str | None:
        """Why a gateway failed last."""
        return self._named[name].breaker.reason

    def goes_on(self, result: SmsResult) -> bool:
        """Whether a message with this outcome surely did not go, and another gateway may take it."""
        if result.outcome is SmsOutcome.REFUSED:
            return result.reason not in _OF_THE_MESSAGE
        return result.outcome is SmsOutcome.NOT_SENT

    async def send_by(self, name: str, phone: str, text: str, *, sender: str | None = None) -> SmsResult:
        """Hand over by one gateway, and note how it fared. ``sender`` is known to the preferred one alone."""
        named = self._named[name]
        sender = sender if name == self.names[0] else None
        named.breaker.trying = named.breaker.open_until is not None
        try:
            result = await named.gateway.send(phone, text, sender=sender)
        finally:
            named.breaker.trying = False
        self._note(named.breaker, result)
        return result

    async def look_again(self) -> None:
        """Ask each gateway that has failed and rested whether it answers: for its balance, which sends nothing."""
        for named in self._named.values():
            breaker = named.breaker
            if breaker.open_until is None or breaker.answers or not self._lets_through(breaker):
                continue
            breaker.trying = True
            try:
                breaker.answers = await named.gateway.balance() is not None
            finally:
                breaker.trying = False
            if not breaker.answers:
                breaker.open_until = self._passed_s() + REST_S

    async def send(self, phone: str, text: str, *, sender: str | None = None) -> SmsResult:
        """Hand over by the first gateway that takes it; see the port."""
        result = SmsResult(SmsOutcome.NOT_SENT, reason="unreachable")
        for name in self.ways(urgent=True):
            result = await self.send_by(name, phone, text, sender=sender)
            if not self.goes_on(result):
                break
        return result

    async def find(self, phone: str, text: str, since: datetime, *, name: str | None = None) -> SmsResult:
        """Ask the gateway ``name`` for a message; without a name all of them: NOT_SENT only when none has it."""
        if name is not None:
            known = self._named.get(name)
            return await known.gateway.find(phone, text, since) if known else _gone()
        doubtful = None
        for named in self._named.values():
            result = await named.gateway.find(phone, text, since)
            if result.outcome is SmsOutcome.SENT:
                return result
            doubtful = result if result.outcome is not SmsOutcome.NOT_SENT else doubtful
        return doubtful or SmsResult(SmsOutcome.NOT_SENT)

    async def status(self, provider_id: str, *, name: str | None = None) -> SmsStatus:
        """Ask the gateway that took a message; the preferred one where that is not known."""
        known = self._named.get(name or self.names[0])
        return await known.gateway.status(provider_id) if known else SmsStatus(Delivery.UNKNOWN)

    async def balance(self) -> int | None:
        """Money at the preferred gateway; see the port."""
        return await self.balance_of(self.names[0])

    async def balance_of(self, name: str) -> int | None:
        """Money at one gateway."""
        return await self._named[name].gateway.balance()

    async def close(self) -> None:
        for named in self._named.values():
            await named.gateway.close()

    def _lets_through(self, breaker: Breaker) -> bool:
        return breaker.open_until is None or (self._passed_s() >= breaker.open_until and not breaker.trying)

    def _may_lead(self, breaker: Breaker) -> bool:
        return breaker.open_until is None or breaker.answers

    def _note(self, breaker: Breaker, result: SmsResult) -> None:
        fine = result.outcome is SmsOutcome.SENT or (
            result.outcome is SmsOutcome.REFUSED and result.reason not in _CLOSED_AT_ONCE
        )
        if fine:
            breaker.failures, breaker.open_until, breaker.reason, breaker.answers = 0, None, None, False
            return
        breaker.answers = False
        breaker.failures += 1
        breaker.reason = result.reason
        if breaker.failures >= FAILURES or result.reason in _CLOSED_AT_ONCE or breaker.open_until is not None:
            breaker.open_until = self._passed_s() + REST_S


def _gone() -> SmsResult:
    """A gateway that is not configured any more can't be asked."""
    return SmsResult(SmsOutcome.UNKNOWN, reason="no_gateway")


def as_failover(gateway: SmsGateway, name: str = "sms") -> Failover:
    """Any gateway with the failover's ways."""
    return gateway if isinstance(gateway, Failover) else Failover([(name, gateway)])
