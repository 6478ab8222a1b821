"""What became of SMS after a gateway took them, and how the gateways fare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.alerts import raise_alert, settle_alert
from core.deps import Deps
from core.ports import Delivery, SmsStatus
from core.sms_budget import SmsBudget
from core.store import programmes, sms_gateways
from core.store.sms_gateways import Asked, GatewayRow
from core.store.transactions import run_in_transaction

NOT_AGAIN = timedelta(seconds=5)
"""A report makes no message be asked for more often."""
QUIET = timedelta(minutes=10)
"""A gateway that is down for so long and tells its balance is taken to be up: its next failure shows."""


@dataclass(frozen=True, slots=True)
class SmsStatuses:
    """Noting what the gateways say."""

    deps: Deps
    budget: SmsBudget

    async def due(self, limit: int) -> list[Asked]:
        """Messages without an end that are to be asked for now, the newest first."""
        return await sms_gateways.due(self.deps.clock.now(), limit)

    async def note(self, asked: Asked, said: SmsStatus) -> bool:
        """Note what the gateway says of a message; whether this is the news that it failed."""

        async def work() -> bool:
            now = self.deps.clock.now()
            await self.budget.book(asked.id, said.cost)
            if said.delivery in (Delivery.PENDING, Delivery.UNKNOWN):
                await sms_gateways.note_pending(asked.id, now)
                return False
            delivered = said.delivery is Delivery.DELIVERED
            noted = await sms_gateways.note_end(
                asked.id, "delivered" if delivered else "failed", None if delivered else said.reason, now
            )
            return noted and not delivered

        return await run_in_transaction(work)

    async def hint(self, provider_ids: Sequence[str]) -> int:
        """A report says that something is new of these: they are asked for at the next look. Nothing else is
        believed. How many it concerns."""
        return await sms_gateways.hint(provider_ids, self.deps.clock.now() - NOT_AGAIN)

    async def note_down(self, gateway: str, reason: str | None) -> None:
        """A gateway has failed several times in a row, or refused for good."""

        async def work() -> None:
            now = self.deps.clock.now()
            await sms_gateways.note_down(gateway, reason, now)
            await raise_alert(f"gateway_down:{gateway}", {"reason": reason}, now)

        await run_in_transaction(work)

    async def note_up(self, gateway: str) -> None:
        """A gateway works."""

        async def work() -> None:
            await sms_gateways.note_up(gateway)
            await settle_alert(f"gateway_down:{gateway}", self.deps.clock.now())

        await run_in_transaction(work)

    async def note_balance(self, gateway: str, balance: int) -> None:
        """The money on a gateway's account, in minor units: little of it is told to the owner."""
        now = self.deps.clock.now()
        programme = (await programmes.in_force()).programme
        low = programme.sms_low_balance
        await sms_gateways.note_balance(gateway, balance, now)
        if low is not None and balance < low:
            await raise_alert(f"money_short:{gateway}", {"balance": balance, "low": low}, now)
        else:
            await settle_alert(f"money_short:{gateway}", now)
        for row in await sms_gateways.gateways():
            rested = row.down_since is not None and now - row.down_since >= QUIET
            if row.name == gateway and rested and balance >= programme.sms_price:
                await self.note_up(gateway)

    async def gateways(self) -> list[GatewayRow]:
        """All gateways that were ever used."""
        return await sms_gateways.gateways()
