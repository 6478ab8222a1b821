"""Dropping what is of no use any more, in batches. Never a row of money, of a sale, or of what was agreed to."""

from datetime import datetime, timedelta

from core.store.sql import fetch

BATCH = 5000

# Table, its key, what is old by a moment $1, and how long it is kept beyond its use.
_OLD: dict[str, tuple[str, str, timedelta]] = {
    # Telegram redelivers for a day at most.
    "handled_update": ("key", "handled_at < $1", timedelta(days=3)),
    # Limits count a day; a request that is repeated after a week is a new one.
    "verification_code": (
        "id",
        "method IN ('sms', 'contact') AND created_at < $1 AND expires_at < $1",
        timedelta(days=7),
    ),
    # Nobody answers a question of last month.
    "dialogue": ("key", "changed_at < $1", timedelta(days=30)),
    # The cap of marketing looks back 90 days at most.
    "marketing_told": ("id", "told_at < $1", timedelta(days=100)),
    "shown_code": ("id", "expires_at < $1", timedelta(hours=1)),
    # Questionnaires that came to nothing, with their phones and names.
    "registration": ("id", "status <> 'done' AND expires_at < $1", timedelta(days=30)),
}


def kinds() -> list[str]:
    """What is dropped, by table."""
    return list(_OLD)


async def drop_old(table: str, now: datetime) -> int:
    """Drop one batch of what is old in a table; how many rows it were."""
    key, old, kept = _OLD[table]
    rows = await fetch(
        f'DELETE FROM "{table}" WHERE "{key}" IN (SELECT "{key}" FROM "{table}" WHERE {old} LIMIT {BATCH}) '
        f'RETURNING "{key}"',
        now - kept,
    )
    return len(rows)
