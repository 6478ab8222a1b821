"""What keeps the bots' work safe across restarts: dialogues, handled and parked updates, leases."""

import json
from datetime import datetime, timedelta
from typing import Any

from core.store.sql import decoded, fetch, fetch_one, is_postgres, placeholders
from core.store.transactions import run_alone, run_in_transaction

_MARK = "INSERT INTO handled_update (key, handled_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING"


async def open_update(update_key: str, dialogue_key: str | None) -> tuple[bool, str | None, dict[str, Any]]:
    """Whether the update was handled to its end before, and the dialogue's state and data. One statement."""
    found = await fetch_one(
        "SELECT EXISTS(SELECT 1 FROM handled_update WHERE key = $1) AS seen, d.state, d.data "
        "FROM (SELECT 1 AS one) x LEFT JOIN dialogue d ON d.key = $2",
        update_key,
        dialogue_key or "",
    )
    if found is None:
        return False, None, {}
    return bool(found["seen"]), found["state"], decoded(found["data"]) if found["data"] else {}


async def close_update(
    update_key: str, now: datetime, dialogue: tuple[str, str | None, dict[str, Any]] | None
) -> None:
    """Note that the update is handled, together with what its dialogue came to: one statement where it can be."""

    async def work() -> None:
        if dialogue is None:
            await fetch(_MARK, update_key, now)
        elif is_postgres():
            statement, values = _saving(*dialogue, now, first=3)
            await fetch(f"WITH mark AS ({_MARK}) {statement}", update_key, now, *values)
        else:
            await fetch(_MARK, update_key, now)
            await save_dialogue(*dialogue, now)

    await (run_in_transaction(work) if dialogue is not None and not is_postgres() else run_alone(work))


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
