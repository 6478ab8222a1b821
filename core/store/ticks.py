"""The table of periodic ticks: each due moment is taken by one worker and done once."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.store.sql import fetch, moment


async def open_ones(due: Mapping[str, datetime], now: datetime) -> list[str]:
    """Of these tasks with their newest due moments, those that are neither done nor in somebody's hands."""
    if not due:
        return []
    values: list[object] = []
    wanted = []
    for name, due_at in due.items():
        wanted.append(f"(name = ${len(values) + 1} AND due_at = ${len(values) + 2})")
        values += [name, due_at]
    rows = await fetch(
        f"SELECT name, done_at, lease_until FROM tick WHERE {' OR '.join(wanted)}",
        *values,
    )
    closed = {
        row["name"]
        for row in rows
        if row["done_at"] is not None or (row["lease_until"] is not None and moment(row["lease_until"]) > now)
    }
    return [name for name in due if name not in closed]


async def claim(name: str, due_at: datetime, owner: str, now: datetime, lease: timedelta) -> int | None:
    """Take a tick; None when it is done, another's, passed over, or an older one of its name is still at work."""
    rows = await fetch(
        "INSERT INTO tick (name, due_at, lease_owner, lease_until, tries, created_at) "
        "SELECT CAST($1 AS VARCHAR(48)), $2, $3, $4, 1, $5 WHERE NOT EXISTS (SELECT 1 FROM tick WHERE name = $1 "
        "AND (due_at > $2 OR (due_at < $2 AND done_at IS NULL AND lease_until > $5))) "
        "ON CONFLICT (name, due_at) DO UPDATE SET lease_owner = excluded.lease_owner, "
        "lease_until = excluded.lease_until, tries = tick.tries + 1 "
        "WHERE tick.done_at IS NULL AND (tick.lease_until IS NULL OR tick.lease_until <= $5) RETURNING id",
        name,
        due_at,
        owner,
        now + lease,
        now,
    )
    return int(rows[0]["id"]) if rows else None


async def keep(tick_id: int, owner: str, until: datetime) -> bool:
    """Prolong the lease; False when the tick is another's by now."""
    rows = await fetch(
        "UPDATE tick SET lease_until = $3 WHERE id = $1 AND lease_owner = $2 AND done_at IS NULL RETURNING id",
        tick_id,
        owner,
        until,
    )
    return bool(rows)


async def finish(tick_id: int, owner: str, now: datetime) -> None:
    await fetch(
        "UPDATE tick SET done_at = $3, lease_until = NULL, error = NULL WHERE id = $1 AND lease_owner = $2",
        tick_id,
        owner,
        now,
    )


async def put_back(tick_id: int, owner: str, not_before: datetime, error: str | None) -> None:
    """Let the tick be taken again from that moment on."""
    await fetch(
        "UPDATE tick SET lease_until = $3, error = $4 WHERE id = $1 AND lease_owner = $2 AND done_at IS NULL",
        tick_id,
        owner,
        not_before,
        error,
    )


async def forget(before: datetime) -> None:
    """Drop old ticks. The newest of each name stays: it says that there is nothing to catch up on."""
    await fetch(
        "DELETE FROM tick WHERE due_at < $1 "
        "AND EXISTS (SELECT 1 FROM tick t WHERE t.name = tick.name AND t.due_at > tick.due_at)",
        before,
    )
