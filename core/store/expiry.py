"""Writing off what expired: set-based, batch by batch, beside the verbs that write one customer's ledger.

Like a verb, a batch locks customers before lots; customers whom a verb has under its lock are left to the
next sweep, and nobody waits. What is written off was worth nothing before: no balance changes.
"""

from collections.abc import Sequence
from datetime import datetime

from core.store.sql import fetch, fetch_one, is_postgres

# A lot may expire once more when points were given back to it with a new date.
_ENTRY = (
    "INSERT INTO ledger_entry (customer_id, kind, points, debt_change, request_key, input_hash, created_at) "
    "SELECT customer_id, 'expiry', -remaining, 0, 'expiry:' || id || ':' || {moment}, 'expiry', {now} FROM {due}"
)

_POSTGRES = f"""
WITH chosen AS MATERIALIZED (
    SELECT id, customer_id FROM lot
    WHERE remaining > 0 AND expires_at IS NOT NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2
), free AS MATERIALIZED (
    SELECT id FROM customer WHERE id IN (SELECT customer_id FROM chosen) FOR NO KEY UPDATE SKIP LOCKED
), due AS MATERIALIZED (
    SELECT id, customer_id, remaining, expires_at FROM lot
    WHERE id IN (SELECT id FROM chosen) AND customer_id IN (SELECT id FROM free)
    AND remaining > 0 AND expires_at <= $1 FOR UPDATE
), entries AS (
    {_ENTRY.format(moment="extract(epoch FROM expires_at)", now="$1", due="due ORDER BY id")}
    RETURNING id, request_key
), draws AS (
    INSERT INTO lot_draw (entry_id, lot_id, points)
    SELECT entries.id, due.id, due.remaining FROM entries JOIN due
    ON entries.request_key = 'expiry:' || due.id || ':' || extract(epoch FROM due.expires_at)
), emptied AS (
    UPDATE lot SET remaining = 0 FROM due WHERE lot.id = due.id
)
SELECT count(*) AS n FROM due
"""

_CHOSEN = (
    "(SELECT id, customer_id, remaining, expires_at FROM lot WHERE remaining > 0 AND expires_at IS NOT NULL "
    "AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2)"
)


async def write_off(now: datetime, limit: int) -> int:
    """Write off up to ``limit`` expired lots in the transaction at hand; how many it were."""
    if is_postgres():
        found = await fetch_one(_POSTGRES, now, limit)
        return int(found["n"]) if found else 0
    # SQLite has one writer, and nothing changes between the statements.
    await fetch(_ENTRY.format(moment="expires_at", now="$1", due=f"{_CHOSEN} AS due"), now, limit)
    await fetch(
        "INSERT INTO lot_draw (entry_id, lot_id, points) SELECT e.id, due.id, due.remaining "
        f"FROM {_CHOSEN} AS due "
        "JOIN ledger_entry e ON e.request_key = 'expiry:' || due.id || ':' || due.expires_at",
        now,
        limit,
    )
    rows = await fetch(
        f"UPDATE lot SET remaining = 0 WHERE id IN (SELECT id FROM {_CHOSEN} AS due) RETURNING id", now, limit
    )
    return len(rows)


async def written_off(lot_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """What entries of expiry took from these lots, less what was put back since: hundredths, by the lots' and by
    the entries' ids, the oldest first. The customer must be locked."""
    if not lot_ids:
        return {}
    wanted = ", ".join(f"${1 + index}" for index in range(len(lot_ids)))
    rows = await fetch(
        "SELECT d.lot_id, e.id, -e.points - COALESCE((SELECT sum(b.points) FROM ledger_entry b "
        "WHERE b.customer_id = e.customer_id AND b.id > e.id AND b.reverses_id = e.id), 0) AS points "
        "FROM lot_draw d JOIN ledger_entry e ON e.id = d.entry_id AND e.kind = 'expiry' "
        f"WHERE d.lot_id IN ({wanted}) ORDER BY e.id",
        *lot_ids,
    )
    found: dict[int, dict[int, int]] = {}
    for row in rows:
        if int(row["points"]) > 0:
            found.setdefault(row["lot_id"], {})[row["id"]] = int(row["points"])
    return found
