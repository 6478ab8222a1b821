"""What was told by which channel, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from core.store.sql import fetch, fetch_one


@dataclass(frozen=True, slots=True)
class Told:
    """Messages of a topic that left by a channel, by what became of them; rewritten messages count once."""

    channel: str
    topic: str
    state: str
    messages: int


async def told(since: datetime) -> list[Told]:
    """Messages to customers, and all SMS, that left since then. Reads an index by time."""
    rows = await fetch(
        "SELECT channel, topic, state, count(*) AS n FROM message WHERE sent_at > $1 AND edits_key IS NULL "
        "AND edits_message_id IS NULL AND (channel = 'sms' OR bot = 'customer') GROUP BY channel, topic, state",
        since,
    )
    return [Told(row["channel"], row["topic"], row["state"], int(row["n"])) for row in rows]


async def never_left(since: datetime) -> int:
    """SMS since then that no gateway took."""
    found = await fetch_one(
        "SELECT count(*) AS n FROM message WHERE state = 'failed' AND created_at > $1 AND channel = 'sms' "
        "AND sent_at IS NULL",
        since,
    )
    return int(found["n"]) if found else 0
