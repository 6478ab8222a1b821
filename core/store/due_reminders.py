"""Reminders that were found and wait to be told: the next ones, told, or put off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.store.sql import fetch, moment, placeholders


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that was found. See models.telling.ReminderDue."""

    id: int
    customer_id: int
    kind: str
    points: int
    first_at: datetime
    last_at: datetime
    step: int
    found_at: datetime


async def due(now: datetime, limit: int) -> list[Due]:
    """All that is to be told to the next so many customers, in the order of their ids."""
    rows = await fetch(
        "SELECT id, customer_id, kind, points, first_at, last_at, step, found_at FROM reminder_due "
        "WHERE not_before <= $1 AND customer_id IN (SELECT DISTINCT customer_id FROM reminder_due "
        "WHERE not_before <= $1 ORDER BY customer_id LIMIT $2) ORDER BY customer_id, id",
        now,
        limit,
    )
    return [
        Due(
            id=row["id"],
            customer_id=row["customer_id"],
            kind=row["kind"],
            points=int(row["points"]),
            first_at=moment(row["first_at"]),
            last_at=moment(row["last_at"]),
            step=row["step"],
            found_at=moment(row["found_at"]),
        )
        for row in rows
    ]


async def drop(due_ids: Sequence[int]) -> None:
    """They were told, or are not to be told any more."""
    if due_ids:
        await fetch(f"DELETE FROM reminder_due WHERE id IN {placeholders(1, len(due_ids))}", *due_ids)


async def put_off(due_ids: Sequence[int], until: datetime) -> None:
    """Look at them again at that moment."""
    if due_ids:
        wanted = placeholders(1, len(due_ids), first=2)
        await fetch(f"UPDATE reminder_due SET not_before = $1 WHERE id IN {wanted}", until, *due_ids)


async def given(keys: Sequence[str]) -> set[str]:
    """Which of these gifts, by their ledger keys, were given before."""
    if not keys:
        return set()
    rows = await fetch(
        f"SELECT request_key FROM ledger_entry WHERE request_key IN {placeholders(1, len(keys))}", *keys
    )
    return {row["request_key"] for row in rows}
