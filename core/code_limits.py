"""How many codes may be sent, how soon another one, and that only the newest lives.

Every limit lives in the database, so that it holds under a race and across a restart.
"""

from datetime import datetime, timedelta

from core.deps import CodePolicy
from core.domain.errors import CodeLimit, ResendTooSoon
from core.domain.phone import is_mobile
from core.store import codes, outbox, sms_money

_DAY = timedelta(days=1)


async def keep_limits(
    policy: CodePolicy, purpose: str, subject: str, phone: str, staff_id: int | None, now: datetime
) -> None:
    """Refuse a code that is one too many, while requests for codes pass one by one (``codes.queue_up``).

    ``staff_id`` of who asks at the till, None in the customer bot. Raises ResendTooSoon, CodeLimit.
    """
    if await sms_money.is_stopped("bot" if staff_id is None else "till"):
        raise CodeLimit(scope="stopped")
    await _keep_pauses(policy, purpose, subject, phone, now)
    by_phone, by_member, by_subject, by_merchant = await codes.counts(phone, staff_id, subject, now - _DAY)
    if by_phone >= policy.per_phone or not is_mobile(phone):
        raise CodeLimit(scope="phone" if is_mobile(phone) else "landline")
    if staff_id is not None and by_member >= policy.per_member:
        raise CodeLimit(scope="member")
    if by_subject >= policy.per_visitor:
        raise CodeLimit(scope="member")
    if by_merchant >= policy.per_merchant:
        raise CodeLimit(scope="merchant")


async def _keep_pauses(policy: CodePolicy, purpose: str, subject: str, phone: str, now: datetime) -> None:
    """The pause after any code, and the longer one after a code whose tries were used up."""
    last = await codes.last_sent(phone, purpose)
    if last is not None and now - last < policy.resend_pause:
        raise ResendTooSoon(wait_s=seconds_left(last + policy.resend_pause, now))
    newest = await codes.newest(purpose, subject)
    if newest is not None and newest.tries_left == 0 and newest.used_at is None and newest.killed_at:
        free_at = newest.killed_at + policy.exhausted_pause
        if now < free_at:
            raise ResendTooSoon(wait_s=seconds_left(free_at, now))


async def supersede(purpose: str, subject: str, now: datetime) -> None:
    """End what is live of a purpose and subject; what of it has not been sent is not sent any more."""
    killed = await codes.kill_live(purpose, subject, now)
    await outbox.suppress([f"code:{code_id}" for code_id in killed], "superseded")


def seconds_left(until: datetime, now: datetime) -> int:
    """Whole seconds until a moment, at least 0."""
    return max(0, -int((now - until).total_seconds() // 1))
