"""Inviting friends: the personal code and link, and entering a friend's code later."""

from dataclasses import dataclass
from datetime import timedelta

from core.actors import CustomerActor
from core.deps import Deps
from core.domain.errors import NotRegistered, PromoCodeOwn, PromoCodeTooLate, PromoCodeUnknown
from core.referral_notices import tell_joined
from core.store import customers, programmes, reads
from core.store.customers import CustomerRow
from core.store.transactions import run_in_transaction

CLAIM_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A customer's means to invite, and what came of it. Points in hundredths.

    ``can_claim``: the customer may still enter the code of a friend who invited them.
    """

    on: bool
    link: str
    promo_code: str
    came: int
    bought: int
    earned: int
    inviter_points: int
    friend_points: int
    can_claim: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """A friend's code was entered, now or before; ``gift`` is what the first purchase will bring for it."""

    is_new: bool
    gift: int


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
        came, bought, earned = await reads.referral_figures(actor.id)
        return Invitation(
            programme.referral_on,
            self.deps.links.customer(f"ref_{row.promo_code}"),
            row.promo_code,
            came,
            bought,
            earned,
            programme.referral_inviter_points,
            programme.referral_friend_points,
            row.referred_by_id is None and self._may_claim(row),
        )

    def _may_claim(self, me: CustomerRow) -> bool:
        """Whether it is early enough: within 7 days of registration and before the first purchase."""
        young = me.created_at is not None and self.deps.clock.now() - me.created_at <= CLAIM_WITHIN
        return young and not me.purchases

    async def claim(self, actor: CustomerActor, code: str) -> Claimed:
        """Enter a friend's promo code: within 7 days of registration, once, before the first purchase.

        The same code again changes nothing. Raises PromoCodeUnknown, PromoCodeOwn, PromoCodeTooLate.
        """

        async def work() -> Claimed:
            programme = (await programmes.in_force()).programme
            inviter = await customers.by_promo_code(code.upper())
            if inviter is None or inviter.status != "active" or not programme.referral_on:
                raise PromoCodeUnknown
            if inviter.id == actor.id:
                raise PromoCodeOwn
            locked = await customers.lock(actor.id, inviter.id)
            me, inviter = locked[actor.id], locked[inviter.id]
            if me.referred_by_id == inviter.id:
                return Claimed(False, 0 if me.referral_settled_at else programme.referral_friend_points)
            # Two who name each other would both be paid for knowing each other.
            mutual = inviter.referred_by_id == actor.id
            if me.referred_by_id is not None or not self._may_claim(me) or mutual:
                raise PromoCodeTooLate(days=CLAIM_WITHIN.days)
            await customers.update(actor.id, referred_by_id=inviter.id)
            await tell_joined(inviter, actor.id, programme, self.deps.clock.now())
            return Claimed(True, programme.referral_friend_points)

        return await run_in_transaction(work)
