"""Points that are given rather than earned by a purchase: welcome and referral."""

from datetime import datetime

from core.domain.account import Account, EntryKind
from core.domain.expiry import expires_at, rolling_days
from core.domain.programme import Programme
from core.store import customers, ledger
from core.store.customers import CustomerRow
from core.store.purchases import PurchaseRow


def give(
    account: Account,
    points: int,
    programme: Programme,
    *,
    key: str,
    reason: str,
    now: datetime,
    time_zone: str,
    purchase_id: int | None = None,
) -> None:
    """A gift: usable at once, expiring as earned points do. Nothing happens for zero points."""
    if points:
        account.grant(
            EntryKind.GIFT,
            points,
            key=key,
            now=now,
            activates_at=now,
            expires_at=expires_at(programme.expiry, programme.expiry_days, now, time_zone),
            rolling_days=rolling_days(programme.expiry, programme.expiry_days),
            reason=reason,
            purchase_id=purchase_id,
        )


async def referral_rewards(
    sale: PurchaseRow, friend: CustomerRow, inviter: CustomerRow, account: Account, now: datetime
) -> Account | None:
    """Reward both sides of a friend's first purchase; returns the inviter's account to be written.

    The inviter's row is locked by the caller; its debt is updated here.
    """
    programme = sale.programme
    if not programme.referral_on or inviter.status != "active":
        return None
    key = f"referral:{friend.id}:{sale.id}"
    give(
        account,
        programme.referral_friend_points,
        programme,
        key=f"{key}:friend",
        reason="referral_friend",
        now=now,
        time_zone=sale.time_zone,
        purchase_id=sale.id,
    )
    if not programme.referral_inviter_points:
        return None
    theirs = await ledger.load_account(inviter.id, inviter.debt)
    give(
        theirs,
        programme.referral_inviter_points,
        programme,
        key=f"{key}:inviter",
        reason="referral_inviter",
        now=now,
        time_zone=sale.time_zone,
        purchase_id=sale.id,
    )
    if theirs.debt != inviter.debt:
        await customers.update(inviter.id, debt=theirs.debt)
    return theirs
