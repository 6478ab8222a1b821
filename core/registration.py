"""Becoming a customer in the customer bot: a verified phone, consent, and a card."""

from dataclasses import dataclass, replace
from datetime import datetime

from core.actors import Visitor
from core.contact_proofs import PROOF_LIFETIME
from core.deps import Deps
from core.domain.errors import AlreadyRegistered, ProofStale, RegistrationStale
from core.enrolment import PURPOSE, Enrolment, Registered
from core.store import cards, codes, customers, identities, programmes, reads, registrations
from core.store.codes import CodeRow
from core.store.registrations import RegistrationRow
from core.store.transactions import run_against_rivals
from core.verification import CodeSent, Requester, Verification, visitor_subject


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
class Registrations:
    """A visitor's verbs of becoming a customer."""

    deps: Deps
    verification: Verification
    enrolment: Enrolment

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
        once it was used. Raises ProofStale, and AlreadyRegistered for an account that is somebody else's:
        one account can't speak for two customers, nor invite itself.
        """

        async def work() -> Registered:
            now = self.deps.clock.now()
            proof = await codes.spend_proof(proof_id, now)
            if proof is None:
                return await self._answer_again(visitor, proof_id, referral_code)
            _require_fresh(proof, visitor, now)
            await self._require_free(visitor, proof.phone)
            till = await _from_till(registration_id, proof.phone) if registration_id else None
            registered = await self.enrolment.join_or_create(
                proof.phone,
                visitor.language,
                now,
                referral_code=referral_code,
                telegram_id=visitor.telegram_id,
                till=till,
            )
            if not registered.is_new and await identities.chat_of(registered.customer_id) is None:
                # Whoever was registered at the till is known by the till's language until now.
                await customers.update(registered.customer_id, language=visitor.language)
            await identities.link_customer(visitor.telegram_id, registered.customer_id, visitor.language, now)
            await self.enrolment.consents(registered.customer_id, messages, "bot", now)
            return registered

        return await run_against_rivals(work)

    async def _require_free(self, visitor: Visitor, phone: str) -> None:
        mine = await customers.by_telegram(visitor.telegram_id)
        if mine is not None and mine.phone != phone:
            raise AlreadyRegistered

    async def _answer_again(self, visitor: Visitor, proof_id: int, referral_code: str | None) -> Registered:
        """What came of a proof that was used. A customer made by it was made at the moment of its use."""
        row = await customers.by_telegram(visitor.telegram_id)
        proof = await codes.get(proof_id)
        if row is None or proof is None or proof.subject != visitor_subject(visitor.telegram_id):
            raise ProofStale
        is_new = proof.spent_at is not None and proof.spent_at == row.created_at
        return await self.enrolment.registered(
            row.id,
            referral_code,
            visitor.telegram_id,
            is_new=is_new,
            welcome=await reads.points_of(f"welcome:{row.id}") if is_new else 0,
        )


def _require_fresh(proof: CodeRow, visitor: Visitor, now: datetime) -> None:
    """Raises ProofStale for a proof that is old, or of something else, or somebody else's."""
    stale = proof.used_at is None or now - proof.used_at > PROOF_LIFETIME
    if stale or proof.purpose != PURPOSE or proof.subject != visitor_subject(visitor.telegram_id):
        raise ProofStale


async def _from_till(registration_id: int, phone: str) -> RegistrationRow | None:
    """The questionnaire that was filled in at the till for this phone, locked."""
    till = await registrations.get(registration_id, locked=True)
    return await _still_good(till) if till is not None and till.phone == phone else None


async def _still_good(till: RegistrationRow) -> RegistrationRow:
    """The questionnaire without its card when that was given away or blocked since: days may have passed."""
    card = await cards.by_number(till.card_number, locked=True) if till.card_number else None
    return till if card is None or card["status"] == "issued" else replace(till, card_number=None)
