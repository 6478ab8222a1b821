"""Limits against fraud: what a purchase may earn at once, a customer in a day, a cashier's customer in a week.

A purchase above them is completed, and what it earned waits for a manager (core.held). They are off unless the
merchant sets them.
"""

from datetime import datetime, timedelta

from core.domain.people import MANAGERS
from core.store import held, outbox, staff
from core.store.purchases import PurchaseRow
from core.telling import to_member

WEEK = timedelta(days=7)
TELLS_EVERY = timedelta(hours=1)
PRIORITY_HELD = 40


def is_too_large(row: PurchaseRow, points: int) -> bool:
    """Whether one accrual (hundredths) is above what the merchant lets through."""
    largest = row.programme_now.largest_accrual
    return largest is not None and points > largest


async def exceeded(row: PurchaseRow, points: int, staff_id: int, day: datetime, now: datetime) -> str | None:
    """The limit that an accrual of a sale under lock goes beyond: largest, daily or weekly.

    ``day`` is when the branch's day began. No statement runs where no limit is set.
    """
    limits = row.programme_now
    if not points:
        return None
    if is_too_large(row, points):
        return "largest"
    if limits.daily_accruals is None and limits.weekly_pair_accruals is None:
        return None
    today, of_pair = await held.counts(row.customer_id, staff_id, day, now - WEEK)
    if limits.daily_accruals is not None and today >= limits.daily_accruals:
        return "daily"
    if limits.weekly_pair_accruals is not None and of_pair >= limits.weekly_pair_accruals:
        return "weekly"
    return None


async def keep_back(row: PurchaseRow, points: int, reason: str, now: datetime) -> None:
    """Let an accrual wait, and tell the branch's managers and the owners: each at most once an hour.

    The message is made when it is sent and counts all that waits then, so what comes within the hour waits for the
    next one.
    """
    await held.insert(row.id, row.customer_id, row.branch_id, points, reason, now)
    drafts = []
    for member in await staff.to_tell(row.branch_id, MANAGERS):
        last = await held.last_notice(member["id"])
        if last is not None and last > now:
            continue
        at = now if last is None else max(now, last + TELLS_EVERY)
        drafts.append(
            to_member(
                member["id"],
                member["telegram_id"],
                template=held.NOTICE,
                dedupe_key=f"held:{member['id']}:{at.isoformat()}",
                priority=PRIORITY_HELD,
                not_before=at,
            )
        )
    await outbox.enqueue(drafts, now)
