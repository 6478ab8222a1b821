"""What customers agreed to, row by row, and keeping from them what they no longer want."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.domain.topics import TOPICS
from core.store.sql import decoded, fetch, fetch_one, moment, placeholders


def _topics_of(group: str) -> tuple[str, ...]:
    """The topics of messages that a consent is for; once they were named as the consent itself."""
    return (group, *(name for name, topic in TOPICS.items() if topic.consent == group))


_GROUPS = {group: _topics_of(group) for group in ("receipts", "reminders", "offers")}


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in dict.fromkeys(names))


_ALL = _quoted([name for names in _GROUPS.values() for name in names])
_GROUP_OF = " ".join(
    f"WHEN message.topic IN ({_quoted(names)}) THEN '{group}'" for group, names in _GROUPS.items()
)


async def suppress(customer_id: int, pairs: Sequence[tuple[str, str]]) -> int:
    """Keep what waits from being sent, by (consent, channel); how many messages that were."""
    if not pairs:
        return 0
    wanted = " OR ".join(
        f"(channel = '{channel}' AND topic IN ({_quoted(_GROUPS[group])}))" for group, channel in pairs
    )
    rows = await fetch(
        "UPDATE message SET state = 'suppressed', reason = 'consent', secret = NULL "
        f"WHERE customer_id = $1 AND state = 'queued' AND ({wanted}) RETURNING id",
        customer_id,
    )
    return len(rows)


async def suppress_withdrawn(since: datetime) -> int:
    """The same for all who withdrew something since: a sweep may have looked before they did, and written after.

    One statement, by the index of withdrawals; how many messages that were.
    """
    rows = await fetch(
        "UPDATE message SET state = 'suppressed', reason = 'consent', secret = NULL "
        "WHERE state = 'queued' AND customer_id IN "
        "(SELECT w.customer_id FROM consent w WHERE NOT w.granted AND w.created_at > $1) "
        f"AND topic IN ({_ALL}) AND NOT COALESCE((SELECT c.granted FROM consent c "
        f"WHERE c.customer_id = message.customer_id AND c.topic = CASE {_GROUP_OF} END "
        "AND c.channel = message.channel ORDER BY c.id DESC LIMIT 1), FALSE) RETURNING id",
        since,
    )
    return len(rows)


async def stand(customer_id: int) -> list[dict[str, Any]]:
    """The newest row of each topic and channel, with the moment of the settings that its version names."""
    rows = await fetch(
        "SELECT topic, channel, granted, text_version, source, created_at FROM consent WHERE id IN "
        "(SELECT max(id) FROM consent WHERE customer_id = $1 GROUP BY topic, channel) ORDER BY topic, channel",
        customer_id,
    )
    for row in rows:
        row["granted"] = bool(row["granted"])
        row["created_at"] = moment(row["created_at"])
    return rows


async def agreed_terms(customer_id: int) -> dict[str, Any] | None:
    """The terms that the customer last agreed to, as they were then: text, version, created_at; None for none."""
    row = await fetch_one(
        "SELECT c.text_version, c.created_at, c.source, v.settings FROM consent c LEFT JOIN programme_version v "
        "ON CAST(v.id AS TEXT) = c.text_version WHERE c.customer_id = $1 AND c.topic = 'terms' AND c.granted "
        "ORDER BY c.id DESC LIMIT 1",
        customer_id,
    )
    if row is None:
        return None
    settings = decoded(row["settings"]) if row["settings"] else {}
    return {
        "text": settings.get("terms", ""),
        "version": row["text_version"],
        "source": row["source"],
        "at": moment(row["created_at"]),
    }


async def merged_into(customer_id: int) -> int | None:
    """The customer who this one lives on in; themselves unless they were merged. None for nobody."""
    rows = await fetch("SELECT COALESCE(merged_into_id, id) AS id FROM customer WHERE id = $1", customer_id)
    return int(rows[0]["id"]) if rows else None


async def add(
    customer_id: int, grants: list[tuple[str, str, bool]], *, version: str, source: str, now: datetime
) -> None:
    """Record (topic, channel, granted) with the text's version and where it was said."""
    values: list[Any] = []
    for topic, channel, granted in grants:
        values += [customer_id, topic, channel, granted, version, source, now]
    await fetch(
        "INSERT INTO consent (customer_id, topic, channel, granted, text_version, source, created_at) "
        f"VALUES {placeholders(len(grants), 7)}",
        *values,
    )


async def take_over(customer_id: int, rows: Sequence[dict[str, Any]], *, source: str) -> None:
    """Record what another customer, who is the same person, said: with its own version and time, as ``stand``
    gives it. What waits and is refused by it is not sent."""
    for row in rows:
        said = [(row["topic"], row["channel"], row["granted"])]
        await add(customer_id, said, version=row["text_version"], source=source, now=row["created_at"])
    refused = [(row["topic"], row["channel"]) for row in rows if not row["granted"] and row["topic"] in _GROUPS]
    await suppress(customer_id, refused)


async def withdraw(customer_id: int, *, version: str, source: str, now: datetime) -> None:
    """Withdraw everything that the customer agreed to."""
    agreed = [
        (topic, channel, False) for (topic, channel), granted in (await said(customer_id)).items() if granted
    ]
    if agreed:
        await add(customer_id, agreed, version=version, source=source, now=now)


async def said(customer_id: int) -> dict[tuple[str, str], bool]:
    """What the customer last said, by topic and channel."""
    rows = await fetch(
        "SELECT topic, channel, granted FROM consent WHERE id IN "
        "(SELECT max(id) FROM consent WHERE customer_id = $1 GROUP BY topic, channel)",
        customer_id,
    )
    return {(row["topic"], row["channel"]): bool(row["granted"]) for row in rows}
