"""What friends are told of each other: they came, they bought, their purchase was undone.

Written in the transaction of what it tells of. Points are in hundredths.
"""

from datetime import datetime
from typing import Any

from core.domain.account import Account
from core.domain.lots import EntryKind
from core.domain.programme import Programme
from core.store import identities, outbox
from core.store.customers import CustomerRow
from core.store.friends import Reward
from core.telling import in_chat


async def tell_joined(inviter: CustomerRow, friend_id: int, programme: Programme, now: datetime) -> None:
    """A friend has registered; the inviter's points come with the friend's first purchase."""
    await _tell(
        inviter,
        "notice/friend_joined",
        f"friend:{friend_id}:joined",
        now,
        points=programme.referral_inviter_points,
    )


async def tell_rewarded(inviter: CustomerRow, account: Account, purchase_id: int, now: datetime) -> None:
    """The inviter's account has been given points for a friend's first purchase."""
    await _tell(
        inviter,
        "notice/friend_bought",
        f"friend:{purchase_id}:bought",
        now,
        points=sum(each.points for each in account.postings if each.kind is EntryKind.GIFT),
        repaid=max(0, inviter.debt - account.debt),
        balance=account.active(now),
    )


async def tell_over_limit(
    inviter: CustomerRow, reward: Reward, limit: int, until: datetime, now: datetime
) -> None:
    """A friend has bought, and the inviter was rewarded for as many friends as a month may bring already."""
    await _tell(
        inviter,
        "notice/friend_over_limit",
        f"friend:{reward.purchase_id}:over",
        now,
        limit=limit,
        until_at=until.isoformat(),
        time_zone=reward.time_zone,
    )


async def tell_friend(friend: CustomerRow, account: Account, purchase_id: int, now: datetime) -> None:
    """The friend's own points, which had to wait, are there."""
    await _tell(
        friend,
        "notice/friend_gift",
        f"friend:{purchase_id}:gift",
        now,
        points=sum(each.points for each in account.postings),
        repaid=max(0, friend.debt - account.debt),
        balance=account.active(now),
    )


async def tell_undone(inviter: CustomerRow, account: Account, purchase_id: int, now: datetime) -> None:
    """The friend's purchase was undone, and the inviter's points with it."""
    await _tell(
        inviter,
        "notice/friend_undone",
        f"friend:{purchase_id}:undone",
        now,
        points=-sum(each.points for each in account.postings if (each.reason or "").endswith("_undone")),
        debt=account.debt,
        balance=account.active(now),
    )


async def _tell(person: CustomerRow, template: str, dedupe_key: str, now: datetime, **data: Any) -> None:
    chat = await identities.chat_of(person.id)
    drafts = in_chat(
        "referral", person.id, chat, person.language, template=template, dedupe_key=dedupe_key, data=data
    )
    await outbox.enqueue(drafts, now)
