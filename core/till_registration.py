"""Becoming a customer at the till: at once with a code, or later by a link in an SMS."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import LoyaltyError, PhoneTaken, RegistrationStale
from core.domain.people import Right
from core.enrolment import PURPOSE, Enrolment, Registered
from core.keyring import new_token
from core.refusals import raised
from core.store import codes, customers, outbox, programmes, reads, registrations
from core.store.registrations import Answers, RegistrationRow
from core.store.transactions import run_against_rivals, run_in_transaction
from core.verification import CodeSent, Requester, Verification

LINK_LIFETIME = timedelta(days=3)
TILL_LIFETIME = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class TillRegistrations:
    """The cashier's verbs of registering a customer."""

    deps: Deps
    verification: Verification
    enrolment: Enrolment

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
        actor.require(Right.SERVE)

        async def work() -> int:
            known = await customers.by_phone(phone)
            if known is not None:
                raise PhoneTaken(customer_id=known.id)
            now = self.deps.clock.now()
            answers = Answers(name, birthday, card_number, now + TILL_LIFETIME)
            again = await registrations.answer_again(phone, answers, staff_member_id=actor.id, now=now)
            if again is not None:
                return again
            return await registrations.insert(
                phone, answers, branch_id=actor.branch_id, staff_member_id=actor.id, now=now
            )

        return await run_in_transaction(work)

    async def send_till_code(self, actor: StaffActor, registration_id: int, *, key: str) -> CodeSent:
        """Send the new customer a code. Raises RegistrationStale, ResendTooSoon, CodeLimit."""
        actor.require(Right.SERVE)
        row = await self._open_row(actor, registration_id)
        programme = (await programmes.in_force()).programme
        return await self.verification.request(
            purpose=PURPOSE,
            subject=f"registration:{registration_id}",
            phone=row.phone,
            by=Requester("staff", actor.telegram_id, actor.language, actor.id),
            key=key,
            merchant=programme.name,
            at_till=True,
        )

    async def finish_at_till(
        self, actor: StaffActor, registration_id: int, digits: str, *, key: str
    ) -> Registered:
        """Activate the card by the code that the customer reads out.

        Raises CodeWrong, CodeExhausted, CodeExpired, RegistrationStale, CardTaken, CardBlocked.
        """
        actor.require(Right.SERVE)

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
            registered = await self.enrolment.join_or_create(row.phone, self.deps.language, now, till=row)
            if registered.is_new:
                await self.enrolment.consents(registered.customer_id, False, "till", now)
            return registered

        return raised(await run_against_rivals(work))

    async def _till_again(self, registration_id: int, customer_id: int) -> Registered:
        made = await registrations.made_its_customer(registration_id)
        welcome = await reads.points_of(f"welcome:{customer_id}") if made else 0
        return await self.enrolment.registered(customer_id, is_new=made, welcome=welcome)

    async def send_link(self, actor: StaffActor, registration_id: int, *, key: str) -> str:
        """Send the new customer an SMS with a link to the customer bot; returns the phone.

        Counts like a code. Raises RegistrationStale, ResendTooSoon, CodeLimit.
        """
        actor.require(Right.SERVE)
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
                topic="registration",
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
