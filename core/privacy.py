"""What a customer may do with their own data: another phone, all of it as a file, none of it any more."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from core.actors import CustomerActor
from core.deps import Deps
from core.domain.errors import LoyaltyError, NotRegistered, PhoneNotChangeable, PhoneSame
from core.domain.phone import mask
from core.refusals import raised
from core.store import audit, codes, consents, customers, friends, held, ledger, privacy, programmes
from core.store.customers import CustomerRow
from core.store.transactions import run_against_rivals, run_in_transaction
from core.verification import CodeSent, Requester, Verification, visitor_subject

PURPOSE = "new_phone"


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes with the data: points that can be spent now, and those that could be later. Hundredths."""

    points: int
    pending: int


@dataclass(frozen=True, slots=True)
class Privacy:
    """A customer's own data."""

    deps: Deps
    verification: Verification

    async def request_code(self, actor: CustomerActor, phone: str, *, key: str) -> CodeSent:
        """Send a code to the phone that is to be the customer's. Says nothing of whether it is known.

        Raises PhoneSame, ResendTooSoon, CodeLimit, NotRegistered.
        """
        if (await self._me(actor)).phone == phone:
            raise PhoneSame
        return await self.verification.request(
            purpose=PURPOSE,
            subject=visitor_subject(actor.telegram_id),
            phone=phone,
            by=Requester("customer", actor.telegram_id, actor.language),
            key=key,
            merchant=(await programmes.in_force()).programme.name,
        )

    async def change_phone(self, actor: CustomerActor, digits: str, *, key: str) -> str:
        """The phone that the code was sent to is the customer's now; returns it. The old one is free.

        Cards and points stay. The same ``key`` answers the same. Raises CodeWrong, CodeExhausted, CodeExpired,
        and PhoneNotChangeable for a phone that another customer has.
        """
        subject = visitor_subject(actor.telegram_id)

        async def work() -> str | LoyaltyError:
            me = await self._me(actor, locked=True)
            code = await self.verification.check_within(PURPOSE, subject, digits, key)
            if isinstance(code, LoyaltyError):
                return code
            if me.phone == code.phone:
                return code.phone
            if await customers.by_phone(code.phone) is not None:
                return PhoneNotChangeable()
            now = self.deps.clock.now()
            await codes.spend_proof(code.id, now)
            await customers.update(me.id, phone=code.phone, phone_verified_at=now)
            await self._note("customer.phone_changed", actor, now, after={"phone": mask(code.phone)})
            return code.phone

        return raised(await run_against_rivals(work))

    async def export(self, actor: CustomerActor) -> dict[str, Any]:
        """All that is kept of the customer, as plain JSON values. Points in hundredths, money in minor units.

        Raises NotRegistered.
        """

        async def work() -> dict[str, Any]:
            me = await self._me(actor)
            came, bought, waiting, earned = await friends.figures(me.id)
            about = {
                "customer": _about(me),
                "invitations": {
                    "promo_code": me.promo_code,
                    "came": came,
                    "bought": bought,
                    "waiting": waiting,
                    "earned": earned,
                },
                "currency": (await programmes.in_force()).programme.currency,
            }
            await self._note("customer.exported", actor, self.deps.clock.now())
            return about | await privacy.everything(me.id)

        found: dict[str, Any] = _plain(await run_in_transaction(work))
        return found

    async def loss(self, actor: CustomerActor) -> Loss:
        """What an erasure would cost. Raises NotRegistered."""
        me = await self._me(actor)
        account = await ledger.load_account(me.id, me.debt, locked=False)
        now = self.deps.clock.now()
        pending = sum(lot.remaining for lot in account.lots if lot.activates_at > now)
        return Loss(account.active(now), pending)

    async def erase(self, actor: CustomerActor) -> None:
        """Take the person out of what is kept; points are lost, and the rows of money stay of nobody.

        Raises NotRegistered, also for whoever was erased already.
        """

        async def work() -> None:
            me = await self._me(actor, locked=True)
            now = self.deps.clock.now()
            await privacy.close_sales(me.id, now)
            await held.refuse_all(me.id, now)
            account = await ledger.load_account(me.id, me.debt)
            account.forfeit(key=f"erased:{me.id}", now=now, reason="erased")
            await ledger.write([account], ledger.Origin(now))
            await consents.withdraw(me.id, version="", source="erased", now=now)
            await privacy.erase(me.id, me.phone, now)
            await self._note("customer.erased", actor, now)

        await run_in_transaction(work)

    async def _me(self, actor: CustomerActor, *, locked: bool = False) -> CustomerRow:
        me = (await customers.lock(actor.id)).get(actor.id) if locked else await customers.get(actor.id)
        if me is None or me.status != "active":
            raise NotRegistered
        return me

    async def _note(
        self, action: str, actor: CustomerActor, now: datetime, after: dict[str, Any] | None = None
    ) -> None:
        await audit.note(
            action, "customer", actor.id, actor_kind="customer", actor_id=actor.id, now=now, after=after
        )


def _about(me: CustomerRow) -> dict[str, Any]:
    return {
        "id": me.id,
        "name": me.name,
        "phone": me.phone,
        "phone_verified_at": me.phone_verified_at,
        "birthday": me.birthday,
        "language": me.language,
        "registered_at": me.created_at,
        "invited_by_a_friend": me.referred_by_id is not None,
        "purchases": me.purchases,
        "sold": me.sold,
        "paid": me.paid,
        "points_owed": me.debt,
    }


def _plain(value: Any) -> Any:
    """Values as JSON has them: moments in UTC, ISO 8601."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
