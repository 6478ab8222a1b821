"""What a customer agreed to and when, and withdrawing it: in the bot, by a link in an SMS, at the till."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import CustomerActor, StaffActor
from core.deps import Deps
from core.domain.errors import CustomerUnknown, StopLinkBroken
from core.domain.people import Right
from core.store import audit, consents, customers, programmes
from core.store.transactions import run_in_transaction

GROUPS = ("reminders", "offers")
"""What one word withdraws; receipts are switched by themselves, as they tell of the customer's own money."""
PAIRS = tuple((group, channel) for group in GROUPS for channel in ("telegram", "sms"))
LOOK_BACK = timedelta(minutes=10)
"""How long a sweep may take that looked at consents before they were withdrawn."""
_MAC_DIGITS = 10
_ID = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer last said of a topic on a channel (``terms`` on ``any``): text version, when, where."""

    topic: str
    channel: str
    granted: bool
    version: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms as the customer agreed to them. ``newer``: the merchant's are others by now."""

    text: str
    version: str
    at: datetime
    source: str
    newer: bool


@dataclass(frozen=True, slots=True)
class Consents:
    """Consents and their withdrawal."""

    deps: Deps

    async def withdraw(self, actor: CustomerActor, *, source: str = "bot") -> int:
        """No reminders and offers any more, by any channel; how many topics and channels that changed."""
        return await run_in_transaction(lambda: self._withdraw(actor.id, source))

    async def withdraw_by_link(self, token: str) -> None:
        """The link in an SMS: whoever holds the SMS may say no for its reader. Raises StopLinkBroken."""
        number, _, mac = token.rpartition("-")
        if not _ID.fullmatch(number) or not hmac.compare_digest(mac.encode(), self._mac(int(number)).encode()):
            raise StopLinkBroken

        async def work() -> None:
            customer_id = await consents.merged_into(int(number))
            if customer_id is not None:
                await self._withdraw(customer_id, "link")

        await run_in_transaction(work)

    def stop_link(self, customer_id: int) -> str:
        """The way to say no from an SMS, as short as a link into the bot can be."""
        token = f"{customer_id}-{self._mac(customer_id)}"
        return self.deps.links.customer(f"stop_{token}").removeprefix("https://")

    async def withdraw_at_till(self, actor: StaffActor, customer_id: int) -> int:
        """What a customer said aloud or by phone. Consent is never given this way. Raises CustomerUnknown."""
        actor.require(Right.SERVE)

        async def work() -> int:
            await _known(customer_id)
            changed = await self._withdraw(customer_id, "staff")
            if changed:
                await audit.note(
                    "customer.consents_withdrawn",
                    "customer",
                    customer_id,
                    actor_kind="staff",
                    actor_id=actor.id,
                    now=self.deps.clock.now(),
                )
            return changed

        return await run_in_transaction(work)

    async def of_customer(self, actor: StaffActor, customer_id: int) -> tuple[Said, ...]:
        """All that the customer last said. Raises CustomerUnknown."""
        actor.require(Right.SERVE)
        await _known(customer_id)
        return tuple(
            Said(
                row["topic"], row["channel"], row["granted"], row["text_version"], row["created_at"], row["source"]
            )
            for row in await consents.stand(customer_id)
        )

    async def terms_of(self, actor: StaffActor, customer_id: int) -> Terms | None:
        """The terms that the customer agreed to; None for whoever agreed to none. Raises CustomerUnknown."""
        actor.require(Right.SERVE)
        await _known(customer_id)
        return await self._terms(customer_id)

    async def my_terms(self, actor: CustomerActor) -> Terms | None:
        """The same for the customers themselves."""
        return await self._terms(actor.id)

    async def suppress_withdrawn(self) -> int:
        """See to what a sweep wrote while somebody withdrew; how many messages were kept from being sent."""
        return await consents.suppress_withdrawn(self.deps.clock.now() - LOOK_BACK)

    async def _terms(self, customer_id: int) -> Terms | None:
        found = await consents.agreed_terms(customer_id)
        if found is None:
            return None
        newest = (await programmes.in_force()).programme.terms
        return Terms(**found, newer=newest != found["text"])

    async def _withdraw(self, customer_id: int, source: str) -> int:
        # The customer's row is not locked: a refusal must not wait for a sweep that queues for thousands.
        said = await consents.said(customer_id)
        wanted = [pair for pair in PAIRS if said.get(pair) is not False]
        if wanted:
            version = (await programmes.in_force()).version_id
            await consents.add(
                customer_id,
                [(group, channel, False) for group, channel in wanted],
                version=str(version),
                source=source,
                now=self.deps.clock.now(),
            )
        await consents.suppress(customer_id, PAIRS)
        return len(wanted)

    def _mac(self, customer_id: int) -> str:
        return self.deps.keys.hash("stop", str(customer_id))[:_MAC_DIGITS]


async def _known(customer_id: int) -> None:
    row = await customers.get(customer_id)
    if row is None or row.status != "active":
        raise CustomerUnknown(phone=None)
