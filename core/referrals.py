"""Inviting friends: the personal code and link, and entering a friend's code later."""

from dataclasses import dataclass
from datetime import timedelta

from core.actors import CustomerActor
from core.deps import Deps
from core.domain.errors import NotRegistered, PromoCodeCircle, PromoCodeOwn, PromoCodeTooLate, PromoCodeUnknown
from core.enrolment import is_same_person
from core.referral_notices import tell_joined
from core.store import customers, friends, identities, programmes
from core.store.customers import CustomerRow
from core.store.transactions import run_in_transaction

CLAIM_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A customer's means to invite, and what came of it. Points in hundredths.

    ``waiting`` friends have bought, and their rewards come ``wait_days`` later. A purchase of ``minimum`` counts.
    ``can_claim``: the customer may still enter the code of a friend who invited them.
    """

    on: bool
    link: str
    promo_code: str
    came: int
    bought: int
    waiting: int
    earned: int
    inviter_points: int
    friend_points: int
    minimum: int
    wait_days: int
    can_claim: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """A friend's code was entered, now or before; ``gift`` is what the first purchase of at least ``minimum`` will
    bring for it, ``wait_days`` later."""

    is_new: bool
    gift: int
    minimum: int = 0
    wait_days: int = 0


@dataclass(frozen=True, slots=True)
class Referrals:
    """Who invited whom."""

    deps: Deps

    async def invitation(self, actor: CustomerActor) -> Invitation:
        """The personal link and code. Raises NotRegistered."""
        row = await customers.get(actor.id)
        if row is None:
            raise NotRegistered
        programme = (await programmes.in_force()).programme
        came, bought, waiting, earned = await friends.figures(actor.id)
        return Invitation(
            programme.referral_on,
            self.deps.links.customer(f"ref_{row.promo_code}"),
            row.promo_code,
            came,
            bought,
            waiting,
            earned,
            programme.referral_inviter_points,
            programme.referral_friend_points,
            programme.referral_min_purchase,
            programme.referral_wait_days,
            row.referred_by_id is None and self._may_claim(row),
        )

    def _may_claim(self, me: CustomerRow) -> bool:
        """Whether it is early enough: within 7 days of registration and before the first purchase."""
        young = me.created_at is not None and self.deps.clock.now() - me.created_at <= CLAIM_WITHIN
        return young and not me.purchases

    async def claim(self, actor: CustomerActor, code: str) -> Claimed:
        """Enter a friend's promo code: within 7 days of registration, once, before the first purchase.

        The same code again changes nothing. Raises PromoCodeUnknown, PromoCodeCircle, PromoCodeTooLate, and
        PromoCodeOwn, also for that of a customer whose phone this account proved before.
        """

        async def work() -> Claimed:
            programme = (await programmes.in_force()).programme
            inviter = await customers.by_promo_code(code.upper())
            if inviter is None or inviter.status != "active" or not programme.referral_on:
                raise PromoCodeUnknown
            if inviter.id == actor.id or await is_same_person(await identities.chat_of(actor.id), inviter.id):
                raise PromoCodeOwn
            await friends.one_by_one()
            locked = await customers.lock(actor.id, inviter.id)
            me, inviter = locked[actor.id], locked[inviter.id]
            terms = (programme.referral_min_purchase, programme.referral_wait_days)
            if me.referred_by_id == inviter.id:
                return Claimed(False, 0 if me.referral_settled_at else programme.referral_friend_points, *terms)
            # Those who name each other in a circle would all be paid for knowing each other.
            if await friends.is_above(actor.id, inviter.id):
                raise PromoCodeCircle
            if me.referred_by_id is not None or not self._may_claim(me):
                raise PromoCodeTooLate(days=CLAIM_WITHIN.days)
            await customers.update(actor.id, referred_by_id=inviter.id)
            await tell_joined(inviter, actor.id, programme, self.deps.clock.now())
            return Claimed(True, programme.referral_friend_points, *terms)

        return await run_in_transaction(work)
