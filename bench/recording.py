"""The statements of verbs as the driver gets them, and the same statements sent by the bare driver.

A recorded value that the sale was given by an earlier statement (a purchase's id) is kept as a reference, so that
the replay is a sale of its own and not a picture of one.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import aiosqlite
import asyncpg
from tortoise.connection import get_connection

FIRST_ID = 4_000_000_000
"""Sequences start here in a replay's database, so that an id is never mistaken for a sum or a count."""
_APART = 100_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """A value that statement ``statement`` of the sale returned, in a row and a column."""

    statement: int
    row: int
    column: str


@dataclass(slots=True)
class Step:
    """One verb: its statements with their values. The verb was one transaction."""

    statements: list[tuple[str, list[Any]]] = field(default_factory=list)


class Recorder:
    """Notes what passes Tortoise's client while it is open."""

    def __init__(self) -> None:
        self._step: Step | None = None
        self._given: dict[int, Given] = {}
        self._count = 0

    def begin_sale(self) -> None:
        self._given, self._count = {}, 0

    @contextmanager
    def step(self) -> Iterator[Step]:
        """Record one verb."""
        self._step = Step()
        try:
            yield self._step
        finally:
            self._step = None

    @contextmanager
    def listening(self) -> Iterator["Recorder"]:
        """Listen to the open database's client."""
        client_kinds = type(get_connection("default")).__mro__
        kind: Any = next(each for each in client_kinds if "execute_query_dict" in vars(each))
        original = kind.execute_query_dict

        async def noted(client: Any, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = await original(client, query, values)
            self._note(query, values or [], rows)
            return rows

        kind.execute_query_dict = noted
        try:
            yield self
        finally:
            kind.execute_query_dict = original

    def _note(self, query: str, values: list[Any], rows: list[dict[str, Any]]) -> None:
        if self._step is None:
            return
        kept = [self._given.get(value, value) if type(value) is int else value for value in values]
        self._step.statements.append((query, kept))
        for number, row in enumerate(rows):
            for column, value in row.items():
                if type(value) is int and value >= FIRST_ID:
                    self._given.setdefault(value, Given(self._count, number, column))
        self._count += 1


class Driver(Protocol):
    """A bare driver: transactions of statements."""

    async def run(self, sale: Sequence[Step], *, times: list[float] | None = None) -> None: ...


class BarePostgres:
    """asyncpg: a connection for each sale under way; it prepares statements on first use by itself."""

    def __init__(self, connections: asyncio.Queue[asyncpg.Connection]) -> None:
        self._connections = connections

    async def run(self, sale: Sequence[Step], *, times: list[float] | None = None) -> None:
        connection = await self._connections.get()
        clock, results = asyncio.get_running_loop().time, list[Any]()
        try:
            for step in sale:
                started = clock()
                async with connection.transaction():
                    for statement, values in step.statements:
                        results.append(await connection.fetch(statement, *_filled(values, results)))
                if times is not None:
                    times.append(clock() - started)
        finally:
            self._connections.put_nowait(connection)


class BareSqlite:
    """aiosqlite: one connection, one transaction at a time, begun with the write lock as the product's are."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    async def run(self, sale: Sequence[Step], *, times: list[float] | None = None) -> None:
        clock, results = asyncio.get_running_loop().time, list[Any]()
        for step in sale:
            started = clock()
            async with self._turn:
                await self._connection.execute("BEGIN IMMEDIATE")
                for statement, values in step.statements:
                    rows = await self._connection.execute_fetchall(statement, _filled(values, results))
                    results.append(list(rows))
                await self._connection.commit()
            if times is not None:
                times.append(clock() - started)


def _filled(values: list[Any], results: list[Any]) -> list[Any]:
    return [
        results[value.statement][value.row][value.column] if isinstance(value, Given) else value
        for value in values
    ]


@asynccontextmanager
async def bare_postgres(url: str, connections: int) -> AsyncIterator[BarePostgres]:
    """Connections to a database, already open."""
    pool: asyncio.Queue[asyncpg.Connection] = asyncio.Queue()
    opened = [await asyncpg.connect(url) for _ in range(connections)]
    for each in opened:
        pool.put_nowait(each)
    try:
        yield BarePostgres(pool)
    finally:
        for each in opened:
            await each.close()


@asynccontextmanager
async def bare_sqlite(file: Path) -> AsyncIterator[BareSqlite]:
    """A connection with the product's pragmas."""
    async with aiosqlite.connect(file, isolation_level=None) as connection:
        connection.row_factory = aiosqlite.Row
        for pragma in (
            "busy_timeout=10000",
            "synchronous=FULL",
            "journal_mode=WAL",
            "journal_size_limit=16384",
            "foreign_keys=ON",
        ):
            await connection.execute(f"PRAGMA {pragma}")
        yield BareSqlite(connection)


async def number_apart(url: str) -> None:
    """Let every table's ids begin far from all other numbers, each in a range of its own."""
    from bot.database import database
    from core.store.sql import fetch, is_postgres
    from core.store.tables import tables

    async with database(url):
        for place, table in enumerate(each for each in tables() if each.numbered):
            first = FIRST_ID + place * _APART
            if is_postgres():
                await fetch(f"SELECT setval(pg_get_serial_sequence('{table.name}', '{table.key}'), {first})")
            else:
                await fetch("DELETE FROM sqlite_sequence WHERE name = $1", table.name)
                await fetch("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", table.name, first)
