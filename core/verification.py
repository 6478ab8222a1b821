"""Codes by SMS and other proofs that a phone is in a person's hands.

A code's digits are stored as a keyed hash; the outbox holds them encrypted until they are sent, and wipes them
then.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.code_limits import keep_limits, seconds_left, supersede
from core.contact_proofs import insert_proof
from core.deps import Deps
from core.domain.errors import (
    CodeExhausted,
    CodeExpired,
    CodeWrong,
    ContactForeign,
    ContactNotProof,
    DifferentInputs,
)
from core.keyring import fingerprint, new_digits
from core.refusals import raised
from core.store import codes, outbox, programmes
from core.store.codes import CodeRow
from core.store.transactions import run_against_rivals, run_in_transaction

PRIORITY_CODE = 0


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asked for a code, and where to say so when the SMS can't be delivered."""

    bot: str
    chat_id: int
    language: str
    staff_member_id: int | None = None


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is on its way: ``length`` digits, living ``lives_s`` seconds; another after ``resend_s``."""

    code_id: int
    phone: str
    length: int
    lives_s: int
    resend_s: int


@dataclass(frozen=True, slots=True)
class Verification:
    """Requesting and checking codes."""

    deps: Deps

    async def request(
        self, *, purpose: str, subject: str, phone: str, by: Requester, key: str, **data: Any
    ) -> CodeSent:
        """Send a code by SMS; a new one kills the old of the same purpose and subject.

        The same ``key`` sends nothing a second time. ``data`` goes to the template ``sms/code_<purpose>``.
        Raises ResendTooSoon, CodeLimit, DifferentInputs.
        """
        return await run_in_transaction(
            lambda: self.request_within(purpose=purpose, subject=subject, phone=phone, by=by, key=key, data=data)
        )

    async def request_within(
        self, *, purpose: str, subject: str, phone: str, by: Requester, key: str, data: dict[str, Any]
    ) -> CodeSent:
        """The same inside the caller's transaction. Raises as ``request`` does."""
        inputs = fingerprint(purpose=purpose, subject=subject, phone=phone)
        await codes.queue_up()
        before = await codes.by_request(key)
        now = self.deps.clock.now()
        if before is not None:
            if before.input_hash != inputs:
                raise DifferentInputs
            length = (await programmes.in_force()).programme.code_length
            return self._sent(before.id, phone, length, before.created_at)
        await keep_limits(self.deps.codes, purpose, subject, phone, by.staff_member_id, now)
        length = (await programmes.in_force()).programme.code_length
        digits = new_digits(length)
        await supersede(purpose, subject, now)
        code_id = await codes.insert(
            purpose=purpose,
            subject=subject,
            method="sms",
            phone=phone,
            code_hash=self.deps.keys.hash("code", purpose, subject, phone, digits),
            staff_member_id=by.staff_member_id,
            tries_left=self.deps.codes.tries,
            expires_at=now + self.deps.codes.lifetime,
            used_at=None,
            request_key=key,
            input_hash=inputs,
            now=now,
        )
        await outbox.enqueue([self._message(code_id, purpose, phone, by, digits, data, now)], now)
        return self._sent(code_id, phone, length, now)

    async def count_link(self, subject: str, phone: str, by: Requester, key: str) -> None:
        """Count an SMS with a link against the limits of codes, inside the caller's transaction.

        Raises ResendTooSoon, CodeLimit.
        """
        now = self.deps.clock.now()
        await codes.queue_up()
        await keep_limits(self.deps.codes, "link", subject, phone, by.staff_member_id, now)
        await codes.kill_live("link", subject, now)
        await codes.insert(
            purpose="link",
            subject=subject,
            method="sms",
            phone=phone,
            code_hash=None,
            staff_member_id=by.staff_member_id,
            tries_left=0,
            expires_at=now,
            used_at=now,
            request_key=key,
            input_hash=fingerprint(phone=phone),
            now=now,
        )

    def _sent(self, code_id: int, phone: str, length: int, at: datetime) -> CodeSent:
        policy = self.deps.codes
        return CodeSent(
            code_id,
            phone,
            length,
            int(policy.lifetime.total_seconds()),
            seconds_left(at + policy.resend_pause, self.deps.clock.now()),
        )

    def _message(
        self,
        code_id: int,
        purpose: str,
        phone: str,
        by: Requester,
        digits: str,
        data: dict[str, Any],
        now: datetime,
    ) -> outbox.Draft:
        return outbox.Draft(
            topic="code",
            channel="sms",
            phone=phone,
            staff_member_id=by.staff_member_id,
            template=f"sms/code_{purpose}",
            language=by.language,
            dedupe_key=f"code:{code_id}",
            priority=PRIORITY_CODE,
            data=data,
            secret=self.deps.keys.seal({"code": digits}),
            notify_bot=by.bot,
            notify_chat_id=by.chat_id,
            not_after=now + self.deps.codes.lifetime,
        )

    async def check(self, *, purpose: str, subject: str, digits: str, key: str) -> CodeRow:
        """Compare digits with the live code and, when they match, use it up.

        A try is taken before the comparison, so parallel guesses compare at most the allowed tries. The
        same ``key`` is answered the same without a further try. Raises CodeWrong, CodeExhausted,
        CodeExpired.
        """
        return raised(await run_in_transaction(lambda: self.check_within(purpose, subject, digits, key)))

    async def check_within(
        self, purpose: str, subject: str, digits: str, key: str
    ) -> CodeRow | CodeWrong | CodeExhausted | CodeExpired:
        """The same inside the caller's transaction. A refusal is returned: the try must be kept."""
        now = self.deps.clock.now()
        newest = await codes.newest(purpose, subject, locked=True)
        if newest is None or newest.code_hash is None:
            return CodeExpired()
        right = self.deps.keys.matches(newest.code_hash, "code", purpose, subject, newest.phone, digits)
        if newest.last_key == key:
            return newest if newest.used_at and right else self._refusal(newest, now)
        tried = await codes.use_try(newest.id, key, now)
        if tried is None:
            return self._refusal(newest, now) if not newest.tries_left else CodeExpired()
        if right:
            await codes.mark_used(tried.id, now)
            return tried
        if tried.tries_left == 0:
            await codes.mark_killed(tried.id, now)
        return self._refusal(tried, now)

    def _refusal(self, code: CodeRow, now: datetime) -> CodeWrong | CodeExhausted:
        if code.tries_left:
            return CodeWrong(tries_left=code.tries_left)
        free_at = (code.killed_at or now) + self.deps.codes.exhausted_pause
        return CodeExhausted(wait_s=seconds_left(free_at, now))

    async def accept_contact(
        self, *, telegram_id: int, contact_user_id: int | None, phone: str, purpose: str, key: str
    ) -> CodeRow:
        """Take one's own contact as proof of its phone, when the programme does.

        Raises ContactForeign for a forwarded or somebody else's contact, ContactNotProof,
        DifferentInputs when ``key`` came before with another phone.
        """
        if contact_user_id != telegram_id:
            raise ContactForeign

        async def work() -> CodeRow:
            if not (await programmes.in_force()).programme.contact_is_proof:
                raise ContactNotProof(phone=phone)
            subject = visitor_subject(telegram_id)
            inputs = fingerprint(subject=subject, phone=phone)
            before = await codes.by_request(key)
            if before is None:
                return await insert_proof(purpose, subject, phone, key, inputs, self.deps.clock.now())
            if before.input_hash != inputs:
                raise DifferentInputs
            return before

        return await run_against_rivals(work)


def visitor_subject(telegram_id: int) -> str:
    """The subject of codes that a Telegram account asks for itself."""
    return f"tg:{telegram_id}"
