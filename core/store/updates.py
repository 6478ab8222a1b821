"""What keeps the bots' work safe across restarts: dialogues, handled and parked updates, leases."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.store.sql import decoded, fetch, fetch_one, is_postgres, placeholders
from core.store.transactions import run_alone, run_in_transaction

_MARK = "INSERT INTO handled_update (key, handled_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING"


@dataclass(frozen=True, slots=True)
class Opened:
    """Whether an update was handled to its end before, and its dialogue's state and data."""

    seen: bool
    state: str | None
    data: dict[str, Any]


async def open_updates(keys: Sequence[tuple[str, str | None]]) -> list[Opened]:
    """What is known of updates, by (update, dialogue), in their order. One statement."""
    groups = ", ".join(f"({n}, ${2 * n + 1}, ${2 * n + 2})" for n in range(len(keys)))
    rows = await fetch(
        "SELECT EXISTS(SELECT 1 FROM handled_update h WHERE h.key = x.column2) AS seen, d.state, d.data "
        f"FROM (VALUES {groups}) x LEFT JOIN dialogue d ON d.key = x.column3 ORDER BY x.column1",
        *(value for update, dialogue in keys for value in (update, dialogue or "")),
    )
    return [Opened(bool(row["seen"]), row["state"], decoded(row["data"] or "{}")) for row in rows]


async def mark_handled(update_keys: Sequence[str], now: datetime) -> None:
    """Note that updates are handled that leave their dialogues as they are. One statement."""
    statement = (
        f"INSERT INTO handled_update (key, handled_at) VALUES {placeholders(len(update_keys), 2)} "
        "ON CONFLICT (key) DO NOTHING"
    )
    values = [value for key in update_keys for value in (key, now)]
    await run_alone(lambda: fetch(statement, *values))


async def close_update(
    update_key: str, now: datetime, dialogue: tuple[str, str | None, dict[str, Any]] | None
) -> None:
    """Note that the update is handled, together with what its dialogue came to: one statement where it can be."""
    if dialogue is None:
        await mark_handled([update_key], now)
        return
    if is_postgres():
        statement, values = _saving(*dialogue, now, first=3)
        await run_alone(lambda: fetch(f"WITH mark AS ({_MARK}) {statement}", update_key, now, *values))
        return

    async def work() -> None:
        await fetch(_MARK, update_key, now)
        await save_dialogue(*dialogue, now)

    await run_in_transaction(work)


async def save_dialogue(key: str, state: str | None, data: dict[str, Any], now: datetime) -> None:
    """Keep which question is open; a dialogue with nothing open is forgotten."""
    statement, values = _saving(key, state, data, now)
    await fetch(statement, *values)


def _saving(
    key: str, state: str | None, data: dict[str, Any], now: datetime, *, first: int = 1
) -> tuple[str, list[Any]]:
    """The statement, numbered from ``first``, and its values."""
    if state is None and not data:
        return f"DELETE FROM dialogue WHERE key = ${first}", [key]
    return (
        f"INSERT INTO dialogue (key, state, data, changed_at) VALUES {placeholders(1, 4, first=first)} "
        "ON CONFLICT (key) DO UPDATE SET state = excluded.state, data = excluded.data, "
        "changed_at = excluded.changed_at",
        [key, state, json.dumps(data, ensure_ascii=False), now],
    )


async def dialogue(key: str) -> tuple[str | None, dict[str, Any]]:
    found = await fetch_one("SELECT state, data FROM dialogue WHERE key = $1", key)
    return (found["state"], decoded(found["data"])) if found else (None, {})


async def park(bot_id: int, update_id: int, payload: str, error: str, now: datetime) -> None:
    """Put aside an update that could not be handled, and note it as done: it may be delivered again."""

    async def work() -> None:
        await fetch(
            "INSERT INTO parked_update (bot_id, update_id, payload, error, created_at) "
            "SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), $3, $4, $5 WHERE NOT EXISTS "
            "(SELECT 1 FROM parked_update WHERE bot_id = $1 AND update_id = $2)",
            bot_id,
            update_id,
            payload.replace("\x00", ""),
            error,
            now,
        )
        await close_update(f"{bot_id}:{update_id}", now, None)

    await run_in_transaction(work)


async def take_lease(name: str, holder: str, now: datetime, lasting: timedelta) -> bool:
    """Take or keep a lease; False while another one holds it."""
    rows = await fetch(
        "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE "
        "SET holder = excluded.holder, until = excluded.until "
        "WHERE lease.holder = excluded.holder OR lease.until <= $4 RETURNING name",
        name,
        holder,
        now + lasting,
        now,
    )
    return bool(rows)


async def lease_holder(name: str) -> str | None:
    """Who holds a lease, dead or alive."""
    found = await fetch_one("SELECT holder FROM lease WHERE name = $1", name)
    return found["holder"] if found else None


async def drop_lease(name: str, holder: str) -> None:
    """Give a lease back, so that the next one need not wait."""
    await fetch("DELETE FROM lease WHERE name = $1 AND holder = $2", name, holder)
