"""Becoming a customer: in the bot, at the till with a code, or by a link that the till sends.

Nobody is ever registered twice: a verified phone that is already known is joined to its customer.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.actors import StaffActor, Visitor
from core.cards import bind_card, give_virtual_card
from core.deps import Deps
from core.domain.cards import new_promo_code
from core.domain.errors import (
    CodeExpired,
    LoyaltyError,
    PhoneTaken,
    ProofStale,
    RegistrationStale,
)
from core.domain.people import Role
from core.domain.programme import Programme
from core.keyring import new_token
from core.preferences import CHANNELS, TOPICS
from core.rewards import give
from core.store import audit, codes, customers, ledger, outbox, programmes, reads, registrations
from core.store.customers import CustomerRow
from core.store.registrations import RegistrationRow
from core.store.transactions import run_against_rivals, run_in_transaction
from core.verification import PROOF_LIFETIME, CodeSent, Requester, Verification, visitor_subject

LINK_LIFETIME = timedelta(days=3)
TILL_LIFETIME = timedelta(hours=2)
PURPOSE = "register"


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a visitor reads first."""

    merchant: str
    description: str
    terms: str
    contact_is_proof: bool
    welcome_points: int
    accrual_percent: int
    currency: str
    invited: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified phone. ``known``: it belongs to a customer already; ``name`` is theirs."""

    proof_id: int
    phone: str
    known: bool
    name: str | None


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """A link from the till was followed; a code went to its phone."""

    registration_id: int
    phone: str
    name: str | None
    sent: CodeSent


@dataclass(frozen=True, slots=True)
class Registered:
    """A customer who can now use the programme. Points in hundredths."""

    customer_id: int
    is_new: bool
    name: str | None
    card_number: str | None
    balance: int
    welcome_points: int
    invited: bool


@dataclass(frozen=True, slots=True)
class Registrations:
    """The verbs of becoming a customer."""

    deps: Deps
    verification: Verification

    # --- in the customer bot --------------------------------------------------------------------------
    async def greet(self, referral_code: str | None = None) -> Greeting:
        """What the programme says of itself, and whether the invitation is good."""
        programme = (await programmes.in_force()).programme
        invited = bool(referral_code and programme.referral_on and await customers.by_promo_code(referral_code))
        return Greeting(
            programme.name,
            programme.description,
            programme.terms,
            programme.contact_is_proof,
            programme.welcome_points,
            programme.accrual_percent,
            programme.currency,
            invited,
        )

    async def request_code(self, visitor: Visitor, phone: str, *, key: str) -> CodeSent:
        """Send a code to a typed phone. Says nothing of whether the phone is known.

        Raises ResendTooSoon, CodeLimit.
        """
        programme = (await programmes.in_force()).programme
        return await self.verification.request(
            purpose=PURPOSE,
            subject=visitor_subject(visitor.telegram_id),
            phone=phone,
            by=Requester("customer", visitor.telegram_id, visitor.language),
            key=key,
            merchant=programme.name,
        )

    async def check_code(self, visitor: Visitor, digits: str, *, key: str) -> Proof:
        """Raises CodeWrong, CodeExhausted, CodeExpired."""
        code = await self.verification.check(
            purpose=PURPOSE, subject=visitor_subject(visitor.telegram_id), digits=digits, key=key
        )
        return await self._proof(code.id, code.phone)

    async def accept_contact(
        self, visitor: Visitor, contact_user_id: int | None, phone: str, *, key: str
    ) -> Proof:
        """Raises ContactForeign, ContactNotProof."""
        code = await self.verification.accept_contact(
            telegram_id=visitor.telegram_id,
            contact_user_id=contact_user_id,
            phone=phone,
            purpose=PURPOSE,
            key=key,
        )
        return await self._proof(code.id, code.phone)

    async def _proof(self, proof_id: int, phone: str) -> Proof:
        known = await customers.by_phone(phone)
        return Proof(proof_id, phone, known is not None, known.name if known else None)

    async def open_link(self, visitor: Visitor, token: str, *, key: str) -> LinkOpened:
        """Follow a link from an SMS: a code is sent to its phone. Raises RegistrationStale and more."""
        row = await registrations.by_token(self.deps.keys.hash("registration", token))
        if row is None or row.status != "open" or row.expires_at <= self.deps.clock.now():
            raise RegistrationStale
        sent = await self.request_code(visitor, row.phone, key=key)
        return LinkOpened(row.id, row.phone, row.name, sent)

    async def finish(
        self,
        visitor: Visitor,
        proof_id: int,
        *,
        messages: bool,
        referral_code: str | None = None,
        registration_id: int | None = None,
    ) -> Registered:
        """Register, or join the known customer, on a proof of the phone and consent to the terms.

        ``messages`` is the separate consent to reminders and offers. The same proof answers the same
        once it was used. Raises ProofStale.
        """

        async def work() -> Registered:
            now = self.deps.clock.now()
            proof = await codes.spend_proof(proof_id, now)
            if proof is None:
                return await self._answer_again(visitor, proof_id)
            stale = proof.used_at is None or now - proof.used_at > PROOF_LIFETIME
            if stale or proof.purpose != PURPOSE or proof.subject != visitor_subject(visitor.telegram_id):
                raise ProofStale
            till = await registrations.get(registration_id, locked=True) if registration_id else None
            if till is not None:
                till = await _still_good(till) if till.phone == proof.phone else None
            registered = await self._join_or_create(
                proof.phone, visitor.language, now, referral_code=referral_code, till=till
            )
            await customers.link_identity(visitor.telegram_id, registered.customer_id, visitor.language, now)
            await self._consents(registered.customer_id, messages, "bot", now)
            return registered

        return await run_against_rivals(work)

    async def _answer_again(self, visitor: Visitor, proof_id: int) -> Registered:
        """What came of a proof that was used. A customer made by it was made at the moment of its use."""
        row = await customers.by_telegram(visitor.telegram_id)
        proof = await codes.get(proof_id)
        if row is None or proof is None or proof.subject != visitor_subject(visitor.telegram_id):
            raise ProofStale
        is_new = proof.spent_at is not None and proof.spent_at == row.created_at
        return await self._registered(
            row.id,
            is_new=is_new,
            welcome=await reads.points_of(f"welcome:{row.id}") if is_new else 0,
            invited=is_new and row.referred_by_id is not None,
        )

    # --- at the till ----------------------------------------------------------------------------------
    async def open_at_till(
        self,
        actor: StaffActor,
        phone: str,
        *,
        name: str | None = None,
        birthday: date | None = None,
        card_number: str | None = None,
    ) -> int:
        """Keep a questionnaire; returns its id. Raises PhoneTaken with the customer's id.

        A questionnaire that the member left open for this phone takes the new answers, so that asking twice
        is asking once.
        """
        actor.require(Role.CASHIER)

        async def work() -> int:
            known = await customers.by_phone(phone)
            if known is not None:
                raise PhoneTaken(customer_id=known.id)
            now = self.deps.clock.now()
            again = await registrations.answer_again(
                phone,
                actor.id,
                name=name,
                birthday=birthday,
                card_number=card_number,
                expires_at=now + TILL_LIFETIME,
                now=now,
            )
            if again is not None:
                return again
            return await registrations.insert(
                phone=phone,
                name=name,
                birthday=birthday,
                card_number=card_number,
                branch_id=actor.branch_id,
                staff_member_id=actor.id,
                expires_at=now + TILL_LIFETIME,
                now=now,
            )

        return await run_in_transaction(work)

    async def send_till_code(self, actor: StaffActor, registration_id: int, *, key: str) -> CodeSent:
        """Send the new customer a code. Raises RegistrationStale, ResendTooSoon, CodeLimit."""
        actor.require(Role.CASHIER)
        row = await self._open_row(actor, registration_id)
        programme = (await programmes.in_force()).programme
        return await self.verification.request(
            purpose=PURPOSE,
            subject=f"registration:{registration_id}",
            phone=row.phone,
            by=Requester("staff", actor.telegram_id, actor.language, actor.id),
            key=key,
            merchant=programme.name,
        )

    async def finish_at_till(
        self, actor: StaffActor, registration_id: int, digits: str, *, key: str
    ) -> Registered:
        """Activate the card by the code that the customer reads out.

        Raises CodeWrong, CodeExhausted, CodeExpired, RegistrationStale, CardTaken, CardBlocked.
        """
        actor.require(Role.CASHIER)

        async def work() -> Registered | LoyaltyError:
            now = self.deps.clock.now()
            row = await registrations.get(registration_id, locked=True)
            if row is None or not actor.may_touch(row.branch_id):
                raise RegistrationStale
            if row.status == "done" and row.customer_id is not None:
                return await self._till_again(row.id, row.customer_id)
            checked = await self.verification.check_within(PURPOSE, f"registration:{registration_id}", digits, key)
            if isinstance(checked, LoyaltyError):
                return checked
            if row.expires_at <= now:
                raise RegistrationStale
            registered = await self._join_or_create(row.phone, self.deps.language, now, till=row)
            if registered.is_new:
                await self._consents(registered.customer_id, True, "till", now)
            return registered

        outcome = await run_against_rivals(work)
        if isinstance(outcome, LoyaltyError):
            raise outcome
        return outcome

    async def _till_again(self, registration_id: int, customer_id: int) -> Registered:
        made = await registrations.made_its_customer(registration_id)
        welcome = await reads.points_of(f"welcome:{customer_id}") if made else 0
        return await self._registered(customer_id, is_new=made, welcome=welcome, invited=False)

    async def send_link(self, actor: StaffActor, registration_id: int, *, key: str) -> str:
        """Send the new customer an SMS with a link to the customer bot; returns the phone.

        Counts like a code. Raises RegistrationStale, ResendTooSoon, CodeLimit.
        """
        actor.require(Role.CASHIER)
        row = await self._open_row(actor, registration_id)

        async def work() -> str:
            await codes.queue_up()
            if await codes.by_request(key) is not None:
                return row.phone
            programme = (await programmes.in_force()).programme
            now = self.deps.clock.now()
            token = new_token()
            by = Requester("staff", actor.telegram_id, self.deps.language, actor.id)
            await self.verification.count_link(f"link:{registration_id}", row.phone, by, key)
            await registrations.set_token(
                registration_id, self.deps.keys.hash("registration", token), now + LINK_LIFETIME
            )
            link = self.deps.links.customer(f"reg_{token}")
            draft = outbox.Draft(
                topic="registration_link",
                channel="sms",
                phone=row.phone,
                staff_member_id=actor.id,
                template="sms/registration_link",
                language=self.deps.language,
                dedupe_key=f"registration:{registration_id}:{key}",
                priority=0,
                data={"merchant": programme.name},
                secret=self.deps.keys.seal({"link": link}),
                notify_bot="staff",
                notify_chat_id=actor.telegram_id,
                not_after=now + timedelta(hours=1),
            )
            await outbox.enqueue([draft], now)
            return row.phone

        return await run_in_transaction(work)

    async def _open_row(self, actor: StaffActor, registration_id: int) -> RegistrationRow:
        row = await registrations.get(registration_id)
        if (
            row is None
            or row.status != "open"
            or row.expires_at <= self.deps.clock.now()
            or not actor.may_touch(row.branch_id)
        ):
            raise RegistrationStale
        return row

    # --- both -----------------------------------------------------------------------------------------
    async def _join_or_create(
        self,
        phone: str,
        language: str,
        now: datetime,
        *,
        referral_code: str | None = None,
        till: RegistrationRow | None = None,
    ) -> Registered:
        known = await customers.by_phone(phone, locked=True)
        if known is not None:
            if known.phone_verified_at is None:
                await customers.update(known.id, phone_verified_at=now)
            if await customers.card_number_of(known.id) is None:
                await give_virtual_card(known.id, now)
            if till is not None:
                await registrations.finish(till.id, known.id)
            return await self._registered(known.id, is_new=False, welcome=0, invited=False)
        return await self._create(phone, language, now, referral_code, till)

    async def _create(
        self,
        phone: str,
        language: str,
        now: datetime,
        referral_code: str | None,
        till: RegistrationRow | None,
    ) -> Registered:
        programme = (await programmes.in_force()).programme
        inviter = await self._inviter(programme, referral_code)
        customer_id = await customers.insert(
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
        if till is not None and till.card_number is not None:
            await bind_card(customer_id, till.card_number, now)
        else:
            await give_virtual_card(customer_id, now)
        account = await ledger.load_account(customer_id, 0)
        key = f"welcome:{customer_id}"
        give(account, programme.welcome_points, programme, key=key, reason="welcome", now=now)
        await ledger.write([account], ledger.Origin(now, till.branch_id if till else None))
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
        return await self._registered(
            customer_id, is_new=True, welcome=programme.welcome_points, invited=inviter is not None
        )

    async def _inviter(self, programme: Programme, referral_code: str | None) -> CustomerRow | None:
        if not referral_code or not programme.referral_on:
            return None
        found = await customers.by_promo_code(referral_code)
        return found if found is not None and found.status == "active" else None

    async def _registered(self, customer_id: int, *, is_new: bool, welcome: int, invited: bool) -> Registered:
        row = await customers.get(customer_id)
        if row is None:
            raise CodeExpired
        account = await ledger.load_account(customer_id, row.debt, locked=False)
        return Registered(
            customer_id,
            is_new,
            row.name,
            await customers.card_number_of(customer_id),
            account.active(self.deps.clock.now()),
            welcome,
            invited,
        )

    async def _consents(self, customer_id: int, messages: bool, source: str, now: datetime) -> None:
        version = (await programmes.in_force()).version_id
        grants = [("terms", "any", True)]
        for topic in TOPICS:
            for channel in CHANNELS:
                grants.append((topic, channel, (topic, channel) == ("receipts", "telegram") or messages))
        await customers.add_consents(customer_id, grants, version=str(version), source=source, now=now)


async def _still_good(till: RegistrationRow) -> RegistrationRow:
    """The questionnaire without its card when that was given away or blocked since: days may have passed."""
    card = await customers.card(till.card_number, locked=True) if till.card_number else None
    return till if card is None or card["status"] == "issued" else replace(till, card_number=None)


async def _free_promo_code() -> str:
    for _ in range(20):
        code = new_promo_code()
        if await customers.by_promo_code(code) is None:
            return code
    raise AssertionError("no free promo code")
