"""Cards: the customer's rotating code, and numbers bound to customers."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import CustomerActor, StaffActor
from core.deps import Deps
from core.domain.cards import new_card_number
from core.domain.errors import CardBlocked, CardTaken, CustomerUnknown
from core.domain.people import Right
from core.store import audit, cards, customers, reads
from core.store.transactions import run_against_rivals, run_in_transaction

SHOWN_FOR = timedelta(seconds=120)
_TRIES = 20


@dataclass(frozen=True, slots=True)
class ShownCard:
    """What a customer shows at the till: the QR's text and the six digits, good until ``expires_at``."""

    qr_text: str
    code: str
    card_number: str | None
    name: str | None
    expires_at: datetime
    lives_s: int


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards of customers."""

    deps: Deps

    async def show(self, actor: CustomerActor) -> ShownCard:
        """A new signed QR and six digits; the digits of an earlier screen die."""

        async def work() -> ShownCard:
            now = self.deps.clock.now()
            expires_at = now + SHOWN_FOR
            for _ in range(_TRIES):
                code = str(100_000 + secrets.randbelow(900_000))
                if await reads.save_shown_code(actor.id, code, expires_at, now):
                    break
            else:
                raise AssertionError("no free code among 900 000: more screens are live than can be")
            return ShownCard(
                self.deps.keys.sign_card(actor.id, int(expires_at.timestamp())),
                code,
                await cards.number_of(actor.id),
                actor.name,
                expires_at,
                int(SHOWN_FOR.total_seconds()),
            )

        return await run_against_rivals(work)

    async def bind(self, actor: StaffActor, customer_id: int, number: str, *, replace: bool = True) -> list[str]:
        """Give a card to a customer; with ``replace`` their older cards are blocked (lost), and returned.

        Raises CardTaken, CardBlocked, CustomerUnknown. The balance is the customer's and stays.
        """
        actor.require(Right.SERVE)

        async def work() -> list[str]:
            now = self.deps.clock.now()
            if customer_id not in await customers.lock(customer_id):
                raise CustomerUnknown(phone=None)
            await bind_card(customer_id, number, now)
            blocked = await cards.block(customer_id, keep=number, now=now) if replace else []
            await audit.note(
                "card.bound",
                "customer",
                customer_id,
                actor_kind="staff",
                actor_id=actor.id,
                now=now,
                after={"number": number},
            )
            return blocked

        return await run_in_transaction(work)


async def bind_card(customer_id: int, number: str, now: datetime) -> None:
    """Bind a card inside the caller's transaction. Raises CardTaken, CardBlocked."""
    found = await cards.by_number(number, locked=True)
    if found is not None and found["status"] == "blocked":
        raise CardBlocked(number=number)
    if found is not None and found["customer_id"] not in (None, customer_id):
        raise CardTaken(number=number)
    if not await cards.bind(number, customer_id, now):
        raise CardTaken(number=number)


async def give_virtual_card(customer_id: int, now: datetime) -> str:
    """A new random number for a customer, inside the caller's transaction."""
    for _ in range(_TRIES):
        number = new_card_number()
        if await cards.by_number(number) is None and await cards.bind(number, customer_id, now):
            return number
    raise AssertionError("no free card number")
