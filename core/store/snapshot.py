"""One moment of the whole database as lines of JSON, while others go on writing.

Each line is a row as an array in the order of its table's columns. The database itself makes it: numbers in
full, moments as ISO text. PostgreSQL reads in one repeatable-read transaction, SQLite in one of its own
connection, which in WAL mode holds no writer up.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from tortoise.connection import get_connection

from core.store.sql import is_postgres
from core.store.tables import Table

BATCH = 2000

Rows = Callable[[Table], AsyncIterator[list[str]]]
"""Gives the lines of a table, batch by batch, ordered by its key."""


@asynccontextmanager
async def snapshot(sqlite_file: Path | None) -> AsyncIterator[Rows]:
    """The open database as it is now, for as long as the context lasts; ``sqlite_file`` where it is one."""
    if is_postgres():
        async with (
            get_connection("default").acquire_connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute("SET LOCAL TIME ZONE 'UTC'")
            yield _of_postgres(connection)
        return
    if sqlite_file is None:
        raise ValueError("a SQLite database without its file")
    with closing(sqlite3.connect(sqlite_file, isolation_level=None, timeout=10)) as connection:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        # The moment is that of the first reading.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield _of_sqlite(connection)


def _of_postgres(connection: Any) -> Rows:
    async def rows(table: Table) -> AsyncIterator[list[str]]:
        columns = ", ".join(f'"{name}"' for name, _ in table.columns)
        query = f'SELECT json_build_array({columns})::text FROM "{table.name}" ORDER BY "{table.key}"'
        cursor = await connection.cursor(query)
        while found := await cursor.fetch(BATCH):
            yield [row[0] for row in found]

    return rows


def _of_sqlite(connection: sqlite3.Connection) -> Rows:
    async def rows(table: Table) -> AsyncIterator[list[str]]:
        columns = ", ".join(f'json("{name}")' if kind == "json" else f'"{name}"' for name, kind in table.columns)
        cursor = connection.execute(f'SELECT json_array({columns}) FROM "{table.name}" ORDER BY "{table.key}"')
        while found := cursor.fetchmany(BATCH):
            yield [row[0] for row in found]

    return rows
