"""Two customers who are one person: what of the one becomes the other's. Both are locked by the caller."""

from datetime import datetime

from core.domain.topics import TOPICS
from core.store.friends import repoint as repoint_reward
from core.store.sql import fetch, placeholders


async def friends(customer_id: int) -> list[int]:
    """Those whom the customer invited."""
    rows = await fetch("SELECT id FROM customer WHERE referred_by_id = $1 ORDER BY id", customer_id)
    return [row["id"] for row in rows]


async def is_busy(customer_ids: tuple[int, int], now: datetime) -> bool:
    """Whether points of either wait for a confirmation at a till."""
    rows = await fetch(
        "SELECT 1 AS busy FROM hold WHERE customer_id IN ($1, $2) AND settled_at IS NULL AND expires_at > $3 "
        "UNION ALL SELECT 1 FROM gift_exchange WHERE customer_id IN ($1, $2) AND status = 'waiting' "
        "AND confirm_until > $3 LIMIT 1",
        *customer_ids,
        now,
    )
    return bool(rows)


_REPOINTED = (
    "purchase",
    "hold",
    "card",
    "visit",
    "coupon_use",
    "gift_exchange",
    "held_accrual",
    "manual_points",
    "review",
)


async def drop_drafts(other_id: int, now: datetime) -> None:
    """Quotes that rest on the other's points are thrown away, and questions nobody answered in time are closed."""
    await fetch(
        "UPDATE hold SET settled_at = $2, outcome = 'expired' WHERE customer_id = $1 AND settled_at IS NULL",
        other_id,
        now,
    )
    await fetch(
        "UPDATE purchase SET status = 'cancelled', cancelled_at = $2 "
        "WHERE customer_id = $1 AND status IN ('draft', 'waiting')",
        other_id,
        now,
    )


async def repoint(other_id: int, kept_id: int) -> None:
    """Purchases, cards, visits and the like are the kept customer's from now on; entries and lots never move."""
    for table in _REPOINTED:
        await fetch(f"UPDATE {table} SET customer_id = $2 WHERE customer_id = $1", other_id, kept_id)
    await fetch(
        "INSERT INTO customer_category (customer_id, name, source, created_at) "
        "SELECT $2, name, source, created_at FROM customer_category WHERE customer_id = $1 "
        "ON CONFLICT (customer_id, name) DO NOTHING",
        other_id,
        kept_id,
    )
    await fetch("DELETE FROM customer_category WHERE customer_id = $1", other_id)
    await fetch("DELETE FROM shown_code WHERE customer_id = $1", other_id)
    await repoint_reward(other_id, kept_id)
    await fetch("UPDATE customer SET merged_into_id = $2 WHERE merged_into_id = $1", other_id, kept_id)


_OWED = ", ".join(f"'{name}'" for name, topic in TOPICS.items() if not topic.at_most_once)
"""Topics of what must be told."""


async def take_told(other_id: int, kept_id: int) -> None:
    """What the other was told of, and given for, counts as told to the kept one: birthdays, steps of an absence,
    offers. What they are still owed word of is said; what was meant to remind or to win them over is not."""
    await fetch(
        "INSERT INTO reminder_mark (customer_id, kind, until, step, noted_at) "
        "SELECT $2, kind, until, step, noted_at FROM reminder_mark WHERE customer_id = $1 "
        "ON CONFLICT (customer_id, kind) DO UPDATE SET until = excluded.until, step = excluded.step, "
        "noted_at = excluded.noted_at WHERE excluded.until > reminder_mark.until "
        "OR (excluded.until = reminder_mark.until AND excluded.step > reminder_mark.step)",
        other_id,
        kept_id,
    )
    await fetch("DELETE FROM reminder_mark WHERE customer_id = $1", other_id)
    await fetch("UPDATE marketing_told SET customer_id = $2 WHERE customer_id = $1", other_id, kept_id)
    await fetch(
        "UPDATE message SET customer_id = $2 WHERE customer_id = $1 "
        f"AND state IN ('queued', 'sending', 'unknown') AND topic IN ({_OWED})",
        other_id,
        kept_id,
    )


async def add_counters(other_id: int, kept_id: int) -> None:
    """What counted towards the other's N-th purchase counts towards the kept one's."""
    await fetch(
        "INSERT INTO purchase_counter (customer_id, category_id, counted, owed) "
        "SELECT $2, category_id, counted, owed FROM purchase_counter WHERE customer_id = $1 "
        "ON CONFLICT (customer_id, category_id) DO UPDATE SET "
        "counted = purchase_counter.counted + excluded.counted, owed = purchase_counter.owed + excluded.owed",
        other_id,
        kept_id,
    )
    await fetch("DELETE FROM purchase_counter WHERE customer_id = $1", other_id)


async def take_friends(friend_ids: list[int], kept_id: int) -> None:
    """The kept customer has invited them."""
    if friend_ids:
        keys = placeholders(1, len(friend_ids), first=2)
        await fetch(f"UPDATE customer SET referred_by_id = $1 WHERE id IN {keys}", kept_id, *friend_ids)


async def take_account(other_id: int, kept_id: int) -> None:
    """The other's Telegram account speaks for the kept customer, unless they have one that they didn't block. The
    account that is left over speaks for none."""
    rows = await fetch(
        "SELECT customer_id, blocked_at FROM telegram_identity WHERE bot = 'customer' AND customer_id IN ($1, $2)",
        other_id,
        kept_id,
    )
    blocked = {row["customer_id"]: row["blocked_at"] is not None for row in rows}
    if other_id not in blocked:
        return
    if kept_id in blocked and (blocked[other_id] or not blocked[kept_id]):
        await _speaks_for(other_id, None)
        return
    await _speaks_for(kept_id, None)
    await _speaks_for(other_id, kept_id)


async def _speaks_for(customer_id: int, from_now_on: int | None) -> None:
    await fetch(
        "UPDATE telegram_identity SET customer_id = $2 WHERE bot = 'customer' AND customer_id = $1",
        customer_id,
        from_now_on,
    )
