"""What a friend's purchase brings both sides: at once, or once the wait is over and the purchase still stands."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.deps import Deps
from core.domain.account import Account
from core.domain.programme import Programme
from core.domain.schedule import Every
from core.referral_notices import tell_friend, tell_over_limit, tell_rewarded
from core.rewards import give
from core.schedule import Periodic, Schedule
from core.store import customers, friends, ledger, programmes
from core.store.customers import CustomerRow
from core.store.friends import Reward, Waiting
from core.store.purchases import PurchaseRow
from core.store.transactions import run_in_transaction

EVERY_S = 900
AT_ONCE = 50
"""Rewards of one transaction: a fraction of a second, during which sales of these customers wait."""


async def friend_bought(
    sale: PurchaseRow, friend: CustomerRow, inviter: CustomerRow, account: Account, now: datetime
) -> tuple[Account | None, datetime | None]:
    """See to what a purchase of a friend's brings, whose reward is open: the inviter's account to be written, and
    when it was settled (None while it is open).

    Only a purchase of at least the minimum counts. Both rows are locked by the caller; the inviter's debt is
    updated here.
    """
    programme = sale.programme
    if not programme.referral_on or inviter.status != "active":
        return None, now
    if sale.subtotal < programme.referral_min_purchase:
        return None, None
    reward = Reward(
        friend.id,
        sale.id,
        sale.branch_id,
        sale.time_zone,
        programme.referral_min_purchase,
        programme.referral_friend_points,
        programme.referral_inviter_points,
    )
    due_at = now + timedelta(days=programme.referral_wait_days)
    if due_at > now:
        await friends.note(reward, due_at=due_at, given_at=None)
        return None, None
    await friends.note(reward, due_at=due_at, given_at=now)
    _give_friend(account, reward, programme, now)
    return await _reward_inviter(reward, inviter, sale.programme_now, now), now


def _give_friend(account: Account, reward: Reward, programme: Programme, now: datetime) -> None:
    give(
        account,
        reward.friend_points,
        programme,
        key=f"referral:{reward.friend_id}:{reward.purchase_id}:friend",
        reason="referral_friend",
        now=now,
        time_zone=reward.time_zone,
        purchase_id=reward.purchase_id,
    )


async def _reward_inviter(
    reward: Reward, inviter: CustomerRow, programme: Programme, now: datetime
) -> Account | None:
    """Post the inviter's points, and tell them, or why there are none: more friends than a month may bring.

    What is counted is safe from rivals, since the inviter's row is locked.
    """
    if not reward.inviter_points or inviter.blocked_at is not None:
        return None
    limit = programme.referral_month_limit
    begins, ends = month_of(now, reward.time_zone)
    if limit is not None and await friends.rewarded(inviter.id, begins, ends) >= limit:
        await tell_over_limit(inviter, reward, limit, ends, now)
        return None
    account = await ledger.load_account(inviter.id, inviter.debt)
    give(
        account,
        reward.inviter_points,
        programme,
        key=f"referral:{reward.friend_id}:{reward.purchase_id}:inviter",
        reason="referral_inviter",
        now=now,
        time_zone=reward.time_zone,
        purchase_id=reward.purchase_id,
    )
    if account.debt != inviter.debt:
        await customers.update(inviter.id, debt=account.debt)
    await tell_rewarded(inviter, account, reward.purchase_id, now)
    return account


def month_of(at: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """The beginning and the end of a moment's local month, in UTC."""
    zone = ZoneInfo(time_zone)
    first = at.astimezone(zone).date().replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    begins, ends = (datetime.combine(day, time(), zone) for day in (first, after))
    return begins.astimezone(UTC), ends.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class FriendRewards:
    """Giving the rewards whose wait is over."""

    deps: Deps
    schedule: Schedule

    def __post_init__(self) -> None:
        self.schedule.register(Periodic("referrals", Every(EVERY_S), self.sweep))

    async def sweep(self, now: datetime) -> None:
        """Give what is due by now. Safe to run twice, and beside itself."""
        while await run_in_transaction(lambda: _give_some(now)):
            continue


async def _give_some(now: datetime) -> bool:
    """Give the next rewards; whether there were any."""
    await friends.one_by_one()
    seen = await friends.due(now, AT_ONCE)
    if not seen:
        return False
    people = await customers.lock(
        *(each.reward.friend_id for each in seen),
        *(each.inviter_id for each in seen if each.inviter_id is not None),
    )
    programme = (await programmes.in_force()).programme
    # Under lock they are looked at anew: a purchase may have been refunded meanwhile.
    for each in await friends.due(now, AT_ONCE):
        if each.reward.friend_id in people and (each.inviter_id is None or each.inviter_id in people):
            await _see_to(each, programme, now)
    return True


async def _see_to(each: Waiting, programme: Programme, now: datetime) -> None:
    """Give one reward, let it wait for another purchase, or drop it: with its purchase, or with its people."""
    if not each.stands:
        if each.next_id is not None and each.next_due is not None:
            await friends.move(each.id, each.next_id, each.next_due)
        else:
            await friends.drop(each.id)
        return
    # Read again for each one: an inviter's debt changes with every friend. The rows are locked.
    friend = await customers.get(each.reward.friend_id)
    inviter = await customers.get(each.inviter_id) if each.inviter_id is not None else None
    if friend is None or friend.status != "active" or friend.blocked_at or friend.referral_settled_at:
        await friends.drop(each.id)
        return
    if inviter is None or inviter.status != "active":
        await friends.drop(each.id)
        await customers.update(friend.id, referral_settled_at=now)
        return
    await friends.mark_given(each.id, now)
    account = await ledger.load_account(friend.id, friend.debt)
    _give_friend(account, each.reward, programme, now)
    await customers.update(friend.id, debt=account.debt, referral_settled_at=now)
    if account.postings:
        await tell_friend(friend, account, each.reward.purchase_id, now)
    theirs = await _reward_inviter(each.reward, inviter, programme, now)
    accounts = [account] if theirs is None else [account, theirs]
    await ledger.write(accounts, ledger.Origin(now, each.reward.branch_id))
