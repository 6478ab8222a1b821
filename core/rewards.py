"""Points that are given rather than earned by a purchase."""

from datetime import datetime

from core.domain.account import Account
from core.domain.expiry import expires_at, rolling_days
from core.domain.lots import EntryKind
from core.domain.programme import Programme


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
