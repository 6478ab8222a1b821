"""What telling customers rests on: where they are reached, what they agreed to, and the cap of marketing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.store.sql import fetch, is_postgres, placeholders

Consents = frozenset[tuple[str, str]]
"""(group, channel) that a customer agrees to now."""
_NOTHING: Consents = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """A customer to be told something: chat and phone where there are any, and their local time."""

    id: int
    language: str
    chat: int | None
    phone: str | None
    time_zone: str
    consents: Consents


async def people(customer_ids: Collection[int]) -> dict[int, Person]:
    """Customers who can be written to at all, by id: those who left or live on in another row aren't."""
    ids = sorted(customer_ids)
    if not ids:
        return {}
    rows = await fetch(
        "SELECT c.id, c.language, c.phone, t.telegram_id, COALESCE(b.time_zone, "
        "(SELECT time_zone FROM branch ORDER BY id LIMIT 1)) AS time_zone FROM customer c "
        "LEFT JOIN branch b ON b.id = c.branch_id LEFT JOIN telegram_identity t "
        "ON t.customer_id = c.id AND t.bot = 'customer' AND t.blocked_at IS NULL "
        f"WHERE c.id IN {placeholders(1, len(ids))} AND c.status = 'active' AND c.merged_into_id IS NULL",
        *ids,
    )
    said = await consents(row["id"] for row in rows)
    return {
        row["id"]: Person(
            id=row["id"],
            language=row["language"],
            chat=row["telegram_id"],
            phone=row["phone"],
            time_zone=row["time_zone"],
            consents=said.get(row["id"], _NOTHING),
        )
        for row in rows
    }


async def consents(customer_ids: Iterable[int]) -> dict[int, Consents]:
    """What each of the customers agrees to: what they said last counts."""
    ids = sorted(set(customer_ids))
    if not ids:
        return {}
    rows = await fetch(
        "SELECT customer_id, topic, channel FROM consent WHERE granted AND id IN (SELECT max(id) FROM consent "
        f"WHERE customer_id IN {placeholders(1, len(ids))} GROUP BY customer_id, topic, channel)",
        *ids,
    )
    found: dict[int, set[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["customer_id"], set()).add((row["topic"], row["channel"]))
    return {customer_id: frozenset(pairs) for customer_id, pairs in found.items()}


async def campaigns(campaign_ids: Collection[int]) -> dict[int, str]:
    """The state of campaigns by id."""
    ids = sorted(campaign_ids)
    if not ids:
        return {}
    rows = await fetch(f"SELECT id, state FROM campaign WHERE id IN {placeholders(1, len(ids))}", *ids)
    return {row["id"]: row["state"] for row in rows}


async def campaign_has_sms(campaign_id: int) -> bool:
    """Whether a campaign goes by SMS where Telegram can't reach somebody."""
    rows = await fetch("SELECT by_sms FROM campaign WHERE id = $1", campaign_id)
    return bool(rows and rows[0]["by_sms"])


async def count_marketing(
    wanted: Mapping[int, int], *, cap: int, since: datetime, now: datetime
) -> dict[int, bool]:
    """Count marketing messages against the cap, and say which may go: by message id, of messages to customers.

    In the caller's transaction. Whoever counts goes one by one, so that two at once can't both be the last one
    allowed; a message that was counted before stays allowed.
    """
    if not wanted:
        return {}
    if is_postgres():
        await fetch("SELECT pg_advisory_xact_lock(hashtext('kopilka:marketing'))")
    people_ids = sorted(set(wanted.values()))
    rows = await fetch(
        "SELECT customer_id, message_id FROM marketing_told "
        f"WHERE told_at > $1 AND customer_id IN {placeholders(1, len(people_ids), first=2)}",
        since,
        *people_ids,
    )
    counted = {row["message_id"] for row in rows}
    told = dict.fromkeys(people_ids, 0)
    for row in rows:
        told[row["customer_id"]] += 1
    allowed, fresh = {}, []
    for message_id, customer_id in wanted.items():
        allowed[message_id] = message_id in counted or told[customer_id] < cap
        if allowed[message_id] and message_id not in counted:
            told[customer_id] += 1
            fresh.append((customer_id, message_id))
    if fresh:
        values = [value for customer_id, message_id in fresh for value in (customer_id, message_id, now)]
        await fetch(
            "INSERT INTO marketing_told (customer_id, message_id, told_at) "
            f"VALUES {placeholders(len(fresh), 3)} "
            "ON CONFLICT (message_id) DO UPDATE SET told_at = excluded.told_at",
            *values,
        )
    return allowed


async def capped(customer_ids: Collection[int], *, cap: int, since: datetime) -> set[int]:
    """Customers who have had as much marketing as they may; what waits for them counts too."""
    ids = sorted(customer_ids)
    if not ids:
        return set()
    theirs = f"customer_id IN {placeholders(1, len(ids), first=3)}"
    rows = await fetch(
        "SELECT customer_id FROM (SELECT customer_id, message_id FROM marketing_told "
        f"WHERE told_at > $1 AND {theirs} UNION SELECT customer_id, id FROM message "
        f"WHERE state IN ('queued', 'sending') AND topic IN ('campaign', 'win_back') AND {theirs}) AS had "
        "GROUP BY customer_id HAVING count(*) >= $2",
        since,
        cap,
        *ids,
    )
    return {row["customer_id"] for row in rows}


async def uncount_marketing(message_ids: Sequence[int]) -> None:
    """Messages that surely reached nobody don't count."""
    if message_ids:
        await fetch(
            f"DELETE FROM marketing_told WHERE message_id IN {placeholders(1, len(message_ids))}", *message_ids
        )
