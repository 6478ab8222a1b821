"""What tells whether the installation is well: the database, its schema, the outbox, the relay."""

from dataclasses import dataclass
from datetime import datetime

from core.store.sql import fetch, fetch_one, is_postgres, moment

RECENT = 1000
"""How many of the newest messages are counted by what became of them."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Messages that wait (``queued`` and due, ``later``) or are on their way (``sending``) by one channel.

    ``urgency``: code, prompt (confirmations, receipts, the till), reminder, campaign. ``oldest_s`` is for how many
    seconds the oldest of them is due.
    """

    channel: str
    state: str
    urgency: str
    messages: int
    oldest_s: float


_URGENCY = (
    "CASE WHEN priority = 0 THEN 'code' WHEN priority < 50 THEN 'prompt' WHEN priority < 90 THEN 'reminder' "
    "ELSE 'campaign' END AS urgency"
)


async def queues(now: datetime) -> list[Queue]:
    """The outbox by channel, state and urgency. Reads partial indexes, not the table's past."""
    rows = await fetch(
        f"SELECT channel, CASE WHEN not_before > $1 THEN 'later' ELSE 'queued' END AS state, {_URGENCY}, "
        "count(*) AS n, min(not_before) AS oldest FROM message WHERE state = 'queued' GROUP BY 1, 2, 3 "
        f"UNION ALL SELECT channel, 'sending', {_URGENCY}, count(*), min(not_before) FROM message "
        "WHERE state = 'sending' GROUP BY 1, 2, 3",
        now,
    )
    return [
        Queue(
            row["channel"],
            row["state"],
            row["urgency"],
            int(row["n"]),
            max(0.0, (now - moment(row["oldest"])).total_seconds()),
        )
        for row in rows
    ]


async def sends(since: datetime) -> dict[tuple[str, str], int]:
    """What became of the messages that left since then, by channel and state. Reads an index by time."""
    rows = await fetch(
        "SELECT channel, state, count(*) AS n FROM message WHERE sent_at > $1 GROUP BY channel, state", since
    )
    return {(row["channel"], row["state"]): int(row["n"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Late:
    """Messages that should have left by now, campaigns apart; at most MOST_LATE are counted."""

    messages: int
    since: datetime


MOST_LATE = 1000
MANY_TRIES = 5
"""Each is followed by a longer wait: such a message has been trying for minutes."""


async def late_messages(due_before: datetime) -> Late:
    """Messages due before that moment which wait, or were tried in vain since; and the oldest one's moment."""
    found = await fetch_one(
        "SELECT count(*) AS n, min(since) AS since FROM ("
        "SELECT since FROM (SELECT not_before AS since FROM message WHERE state = 'queued' AND priority < 90 "
        "AND not_before < $1 ORDER BY not_before LIMIT $2) AS due UNION ALL "
        "SELECT since FROM (SELECT created_at AS since FROM message WHERE state = 'queued' AND priority < 90 "
        "AND not_before >= $1 AND tries >= $3 AND created_at < $1 LIMIT $2) AS tried) AS late",
        due_before,
        MOST_LATE,
        MANY_TRIES,
    )
    if found is None or found["since"] is None:
        return Late(0, due_before)
    return Late(int(found["n"]), moment(found["since"]))


async def outcomes() -> dict[tuple[str, str], int]:
    """What became of the newest messages, by channel and state."""
    rows = await fetch(
        "SELECT channel, state, count(*) AS n FROM message "
        "WHERE id > (SELECT COALESCE(max(id), 0) FROM message) - $1 GROUP BY channel, state",
        RECENT,
    )
    return {(row["channel"], row["state"]): int(row["n"]) for row in rows}


async def parked() -> int:
    """How many updates were put aside, ever."""
    found = await fetch_one("SELECT count(*) AS n FROM parked_update")
    return int(found["n"]) if found else 0


async def open_jobs() -> dict[str, int]:
    """Long jobs that are not at their end, by state."""
    rows = await fetch("SELECT state, count(*) AS n FROM job WHERE state IN ('queued', 'running') GROUP BY state")
    return {row["state"]: int(row["n"]) for row in rows}


async def last_ticks() -> dict[str, datetime]:
    """When each periodic task was last done."""
    rows = await fetch("SELECT name, max(done_at) AS at FROM tick WHERE done_at IS NOT NULL GROUP BY name")
    return {row["name"]: moment(row["at"]) for row in rows}


async def lease_is_held(name: str, now: datetime) -> bool:
    """Whether somebody does the job of that name now."""
    return await fetch_one("SELECT 1 AS one FROM lease WHERE name = $1 AND until > $2", name, now) is not None


async def write_something(now: datetime) -> None:
    """Write one row, as the proof that the database takes writes. Raises what the database does."""
    await fetch(
        "INSERT INTO lease (name, holder, until) VALUES ('writing', '', $1) ON CONFLICT (name) "
        "DO UPDATE SET until = excluded.until",
        now,
    )


async def applied_migrations() -> list[str]:
    """The schema's version: names of the migrations that made it, in order."""
    rows = await fetch("SELECT name FROM tortoise_migrations WHERE app = 'core' ORDER BY name")
    return [row["name"] for row in rows]


async def has_schema() -> bool:
    """Whether the database was ever migrated."""
    if is_postgres():
        return await fetch_one("SELECT 1 AS one WHERE to_regclass('tortoise_migrations') IS NOT NULL") is not None
    found = "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'tortoise_migrations'"
    return await fetch_one(found) is not None
