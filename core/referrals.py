"""Inviting friends: the personal code and link, and entering a friend's code later."""

from dataclasses import dataclass
from datetime import timedelta

from core.actors import CustomerActor
from core.deps import Deps
from core.domain.errors import NotRegistered, PromoCodeOwn, PromoCodeTooLate, PromoCodeUnknown
from core.store import customers, programmes, reads
from core.store.transactions import run_in_transaction

CLAIM_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A customer's means to invite, and what came of it. Points in hundredths."""

    on: bool
    link: str
    promo_code: str
    came: int
    bought: int
    earned: int
    inviter_points: int
    friend_points: int


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
        )

    async def claim(self, actor: CustomerActor, code: str) -> None:
        """Enter a friend's promo code: within 7 days of registration, once, before the first purchase.

        The same code again is no error. Raises PromoCodeUnknown, PromoCodeOwn, PromoCodeTooLate.
        """

        async def work() -> None:
            programme = (await programmes.in_force()).programme
            inviter = await customers.by_promo_code(code.upper())
            if inviter is None or inviter.status != "active" or not programme.referral_on:
                raise PromoCodeUnknown
            if inviter.id == actor.id:
                raise PromoCodeOwn
            locked = await customers.lock(actor.id, inviter.id)
            me, inviter = locked[actor.id], locked[inviter.id]
            if me.referred_by_id == inviter.id:
                return
            now = self.deps.clock.now()
            too_old = me.created_at is None or now - me.created_at > CLAIM_WITHIN
            # Two who name each other would both be paid for knowing each other.
            mutual = inviter.referred_by_id == actor.id
            if me.referred_by_id is not None or me.purchases or too_old or mutual:
                raise PromoCodeTooLate(days=CLAIM_WITHIN.days)
            await customers.update(actor.id, referred_by_id=inviter.id)

        await run_in_transaction(work)
