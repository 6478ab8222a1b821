"""What registering comes to, wherever it is done: a known customer is joined, a new one is made.

Nobody is ever registered twice: a verified phone that is already known is joined to its customer.
"""

from dataclasses import dataclass
from datetime import datetime

from core.cards import bind_card, give_virtual_card
from core.deps import Deps
from core.domain.cards import new_promo_code
from core.domain.errors import CodeExpired
from core.domain.programme import Programme
from core.preferences import CHANNELS, TOPICS
from core.referral_notices import tell_joined
from core.rewards import give
from core.store import audit, cards, customers, friends, ledger, programmes, registrations
from core.store import consents as consent_rows
from core.store.customers import CustomerRow
from core.store.registrations import RegistrationRow
from core.verification import visitor_subject

PURPOSE = "register"


@dataclass(frozen=True, slots=True)
class Registered:
    """A customer who can now use the programme. Points in hundredths.

    ``uninvited`` says why a friend's invitation doesn't count: ``own`` or ``known`` (a customer before).
    """

    customer_id: int
    is_new: bool
    name: str | None
    card_number: str | None
    balance: int
    welcome_points: int
    invited: bool
    uninvited: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The steps that the bot and the till share. All run inside the caller's transaction."""

    deps: Deps

    async def join_or_create(
        self,
        phone: str,
        language: str,
        now: datetime,
        *,
        referral_code: str | None = None,
        telegram_id: int | None = None,
        till: RegistrationRow | None = None,
    ) -> Registered:
        """``telegram_id`` is the account of who registers in the bot."""
        asked = (referral_code, telegram_id)
        known = await customers.by_phone(phone, locked=True)
        if known is not None:
            if known.phone_verified_at is None:
                await customers.update(known.id, phone_verified_at=now)
            if await cards.number_of(known.id) is None:
                await give_virtual_card(known.id, now)
            if till is not None:
                await registrations.finish(till.id, known.id)
            return await self.registered(known.id, *asked, is_new=False, welcome=0)
        return await self._create(phone, language, now, *asked, till)

    async def _create(
        self,
        phone: str,
        language: str,
        now: datetime,
        referral_code: str | None,
        telegram_id: int | None,
        till: RegistrationRow | None,
    ) -> Registered:
        programme = (await programmes.in_force()).programme
        inviter = await _inviter(programme, referral_code)
        if inviter is not None and await is_same_person(telegram_id, inviter.id):
            inviter = None
        customer_id = await _insert(phone, language, inviter, till, now)
        if till is not None and till.card_number is not None:
            await bind_card(customer_id, till.card_number, now)
        else:
            await give_virtual_card(customer_id, now)
        await self._welcome(customer_id, programme, till.branch_id if till else None, now)
        if till is not None:
            await registrations.finish(till.id, customer_id)
        await audit.note(
            "customer.registered",
            "customer",
            customer_id,
            actor_kind="staff" if till else "customer",
            actor_id=till.staff_member_id if till else customer_id,
            now=now,
            after={"referred_by": inviter.id if inviter else None},
        )
        if inviter is not None:
            await tell_joined(inviter, customer_id, programme, now)
        return await self.registered(
            customer_id, referral_code, telegram_id, is_new=True, welcome=programme.welcome_points
        )

    async def _welcome(self, customer_id: int, programme: Programme, branch_id: int | None, now: datetime) -> None:
        """Give the points that a new customer begins with."""
        account, zone = await ledger.load_account(customer_id, 0), self.deps.time_zone
        key, points = f"welcome:{customer_id}", programme.welcome_points
        give(account, points, programme, key=key, reason="welcome", now=now, time_zone=zone)
        await ledger.write([account], ledger.Origin(now, branch_id))

    async def registered(
        self,
        customer_id: int,
        referral_code: str | None = None,
        telegram_id: int | None = None,
        *,
        is_new: bool,
        welcome: int,
    ) -> Registered:
        """The customer as they stand, and what came of a friend's code."""
        row = await customers.get(customer_id)
        if row is None:
            raise CodeExpired
        account = await ledger.load_account(customer_id, row.debt, locked=False)
        return Registered(
            customer_id,
            is_new,
            row.name,
            await cards.number_of(customer_id),
            account.active(self.deps.clock.now()),
            welcome,
            is_new and row.referred_by_id is not None,
            await _uninvited(row, referral_code, telegram_id),
        )

    async def consents(self, customer_id: int, messages: bool, source: str, now: datetime) -> None:
        version = (await programmes.in_force()).version_id
        grants = [("terms", "any", True)]
        for topic in TOPICS:
            for channel in CHANNELS:
                grants.append((topic, channel, (topic, channel) == ("receipts", "telegram") or messages))
        await consent_rows.add(customer_id, grants, version=str(version), source=source, now=now)


async def _insert(
    phone: str, language: str, inviter: CustomerRow | None, till: RegistrationRow | None, now: datetime
) -> int:
    """Write a new customer with what the questionnaire of the till says of them."""
    return await customers.insert(
        phone=phone,
        name=till.name if till else None,
        birthday=till.birthday if till else None,
        language=language,
        promo_code=await _free_promo_code(),
        referred_by_id=inviter.id if inviter else None,
        branch_id=till.branch_id if till else None,
        registered_by_id=till.staff_member_id if till else None,
        now=now,
    )


async def _inviter(programme: Programme, code: str | None) -> CustomerRow | None:
    """Whose code it is, if they can invite."""
    if not code or not programme.referral_on:
        return None
    found = await customers.by_promo_code(code)
    return found if found is not None and found.status == "active" else None


async def is_same_person(telegram_id: int | None, customer_id: int) -> bool:
    """Whether a Telegram account has proved a customer's phone, now or before: one can't invite oneself."""
    return telegram_id is not None and await friends.spoke_for(visitor_subject(telegram_id), customer_id)


async def _uninvited(row: CustomerRow, code: str | None, telegram_id: int | None) -> str | None:
    """Why a good code of somebody's did not make them the inviter."""
    if not code:
        return None
    inviter = await _inviter((await programmes.in_force()).programme, code)
    if inviter is None or row.referred_by_id == inviter.id:
        return None
    return "own" if inviter.id == row.id or await is_same_person(telegram_id, inviter.id) else "known"


async def _free_promo_code() -> str:
    for _ in range(20):
        code = new_promo_code()
        if await customers.by_promo_code(code) is None:
            return code
    raise AssertionError("no free promo code")
