"""Filling an empty database from a copy, so that the copy tells nobody anything a second time."""

import json
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from tortoise.connection import get_connection

from core.store.snapshot import BATCH
from core.store.sql import fetch, fetch_one, for_sqlite, is_postgres
from core.store.tables import Table

COPY_S = 6 * 3600.0
NUMBERS_LEFT_OUT = 1_000_000
"""Numbers that new rows don't get: what was made after the copy is lost, but buttons with its numbers are
still in people's chats and must not lead to something else."""

_READ: dict[str, Callable[[Any], Any]] = {
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "json": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    "bool": bool,
}


async def first_filled(tables: Sequence[Table]) -> str | None:
    """The first table that holds anything; None for an empty database."""
    for table in tables:
        if await fetch_one(f'SELECT 1 AS one FROM "{table.name}" LIMIT 1') is not None:
            return table.name
    return None


async def fill(table: Table, rows: Iterator[list[Any]]) -> None:
    """Write the rows of a table, in the transaction at hand, with all checks of the schema."""
    names = [name for name, _ in table.columns]
    made = (_values(table, row) for row in rows)
    if is_postgres():
        # One statement, so that rows of the table may lead to each other in any order.
        connection: Any = get_connection("default")._connection
        await connection.copy_records_to_table(table.name, records=_asked_for(made), columns=names, timeout=COPY_S)
        return
    await fetch("PRAGMA defer_foreign_keys = ON")
    marks = ", ".join("?" for _ in names)
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'
    while batch := [[for_sqlite(value) for value in row] for row in islice(made, BATCH)]:
        await get_connection("default").execute_many(statement, batch)


async def _asked_for(rows: Iterator[list[Any]]) -> AsyncIterator[list[Any]]:
    for row in rows:
        yield row


def _values(table: Table, row: list[Any]) -> list[Any]:
    return [
        value if value is None or kind == "plain" else _READ[kind](value)
        for (_, kind), value in zip(table.columns, row, strict=True)
    ]


async def number_on(table: Table) -> None:
    """Let new rows be numbered well behind those that were written."""
    if not table.numbered:
        return
    if is_postgres():
        await fetch(
            f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', '{table.key}'), "
            f'(SELECT COALESCE(max("{table.key}"), 0) FROM "{table.name}") + {NUMBERS_LEFT_OUT})'
        )
        return
    await fetch("DELETE FROM sqlite_sequence WHERE name = $1", table.name)
    await fetch(
        "INSERT INTO sqlite_sequence (name, seq) "
        f'SELECT $1, COALESCE(max("{table.key}"), 0) + {NUMBERS_LEFT_OUT} FROM "{table.name}"',
        table.name,
    )


async def quieten(now: datetime, tables: Collection[str]) -> None:
    """Close what would speak to people: the original has told it, or will.

    Messages that waited or whose fate was open are suppressed; sales that waited for a customer are closed
    and their points free. Jobs that were open are cancelled: whoever wants them starts them again. ``tables``
    are those of the copy's schema.
    """
    await fetch(
        "UPDATE message SET state = 'suppressed', reason = 'restored', lease_until = NULL, leased_by = NULL "
        "WHERE state IN ('queued', 'sending', 'unknown')"
    )
    await fetch("UPDATE message SET secret = NULL WHERE secret IS NOT NULL")
    await fetch("UPDATE hold SET settled_at = $1, outcome = 'released' WHERE settled_at IS NULL", now)
    await fetch("UPDATE purchase SET status = 'cancelled', cancelled_at = $1 WHERE status = 'waiting'", now)
    if "job" in tables:
        await fetch(
            "UPDATE job SET state = 'cancelled', error = 'restored', finished_at = $1, lease_until = NULL, "
            "lease_owner = NULL WHERE state IN ('queued', 'running')",
            now,
        )
    if "campaign" in tables:
        await fetch(
            "UPDATE campaign SET state = 'stopped', reason = 'restored', finished_at = $1 "
            "WHERE state IN ('scheduled', 'choosing', 'sending', 'paused')",
            now,
        )
