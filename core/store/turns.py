"""Turns over several processes: PostgreSQL's advisory locks, all of a process on one connection.

They keep the updates of a dialogue apart where several processes handle them. No money rests on them: a
connection that is lost takes its turns along, and the verbs' own locks and request keys do the rest.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from tortoise.connection import get_connection

from core.store.sql import is_postgres

_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 0.2


class SharedTurns:
    """Turns that one process at a time has. On SQLite, where one process serves, there is nothing to share."""

    def __init__(self) -> None:
        self._connection: Any = None
        self._pool: Any = None
        self._speaking = asyncio.Lock()

    @asynccontextmanager
    async def held(self, key: str) -> AsyncIterator[None]:
        """Wait for the turn of ``key`` and keep it. Within a process, ask for a key once at a time."""
        if not is_postgres():
            yield
            return
        number = _number(key)
        connection = await self._take(number)
        try:
            yield
        finally:
            await self._give(connection, number)

    async def close(self) -> None:
        """Give the connection back, and all turns with it. Call before the database is closed."""
        async with self._speaking:
            await self._drop()

    async def _take(self, number: int) -> Any:
        pause = _FIRST_PAUSE_S
        while True:
            async with self._speaking:
                connection = await self._open()
                try:
                    if await connection.fetchval("SELECT pg_try_advisory_lock($1)", number):
                        return connection
                except BaseException:
                    # Whether the lock was taken is not known: it must not stay behind.
                    await self._drop(broken=True)
                    raise
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE_S, pause * 2)

    async def _give(self, connection: Any, number: int) -> None:
        async with self._speaking:
            if connection is not self._connection:
                return
            try:
                await connection.fetchval("SELECT pg_advisory_unlock($1)", number)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                # The server forgets the turns of a connection that ends.
                await self._drop(broken=True)
            except BaseException:
                await self._drop(broken=True)
                raise

    async def _open(self) -> Any:
        if self._connection is not None and _is_gone(self._connection):
            await self._drop(broken=True)
        if self._connection is None:
            client = get_connection("default")
            await client.acquire_connection().ensure_connection()  # Tortoise makes its pool on first use
            self._pool = client._pool
            self._connection = await self._pool.acquire()
        return self._connection

    async def _drop(self, *, broken: bool = False) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if broken and not _is_gone(connection):
            connection.terminate()
        await self._pool.release(connection)


def _is_gone(connection: Any) -> bool:
    """Whether a connection has ended. The pool takes such a one back by itself and lets no one look."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


def _number(key: str) -> int:
    """An advisory lock's number: 64 bits with a sign."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), signed=True)
