"""Turns over several processes: PostgreSQL's advisory locks, all of a process on one connection.

They keep the updates of a dialogue apart where several processes handle them. No money rests on them: a
connection that is lost takes its turns along, and the verbs' own locks and request keys do the rest.

What is asked for and what is given back meanwhile go to the server in one statement, so that a busy process
pays less than one round trip for a turn.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from tortoise.connection import get_connection

from core.store.postgres_guarded import is_gone
from core.store.sql import is_postgres
from core.store.transactions import StoreUnavailable

_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 0.2
_LINGER_S = 0.005
"""For how long a turn that is over may wait for others to be given back with."""
_ASK = (
    "SELECT CAST(NULL AS BIGINT) AS number, pg_advisory_unlock(given) AS got FROM unnest($1::BIGINT[]) given "
    "UNION ALL SELECT wanted, pg_try_advisory_lock(wanted) FROM unnest($2::BIGINT[]) wanted"
)
_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

_Answer = asyncio.Future[Any]
"""The connection that has the lock, or None while somebody else has it."""


class SharedTurns:
    """Turns that one process at a time has. On SQLite, where one process serves, there is nothing to share."""

    def __init__(self) -> None:
        self._connection: Any = None
        self._pool: Any = None
        self._wanted: list[tuple[int, _Answer]] = []
        self._given: list[int] = []
        self._speaker: asyncio.Task[None] | None = None
        self._lingering: asyncio.TimerHandle | None = None

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
            self._give(connection, number)

    async def close(self) -> None:
        """Give the connection back, and all turns with it. Call before the database is closed."""
        if self._lingering is not None:
            self._lingering.cancel()
        if self._speaker is not None:
            await asyncio.wait({self._speaker})
        await self._drop()

    async def _take(self, number: int) -> Any:
        try:
            return await self._wait_for(number)
        except OSError as error:
            # Else it would be taken for the network to Telegram.
            raise StoreUnavailable(type(error).__name__) from error

    async def _wait_for(self, number: int) -> Any:
        pause = _FIRST_PAUSE_S
        while True:
            answer: _Answer = asyncio.get_running_loop().create_future()
            self._wanted.append((number, answer))
            self._speak_up()
            # Whoever gives up here cancels the future, and the speaker gives back what it got for it.
            if (connection := await answer) is not None:
                return connection
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE_S, pause * 2)

    def _give(self, connection: Any, number: int) -> None:
        if connection is not self._connection:
            return
        self._given.append(number)
        if self._lingering is None:
            self._lingering = asyncio.get_running_loop().call_later(_LINGER_S, self._speak_up)

    def _speak_up(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        if self._speaker is None or self._speaker.done():
            self._speaker = asyncio.create_task(self._speak())

    async def _speak(self) -> None:
        """Tell the server what is wanted and given back, until there is nothing more to tell."""
        unheard: Exception | None = None
        while self._wanted or self._given:
            wanted = [(number, answer) for number, answer in self._wanted if not answer.done()]
            self._wanted = []
            try:
                await self._ask(wanted)
            except Exception as error:
                # Which locks were taken is not known: none must stay behind.
                await self._drop(broken=True)
                for _, answer in wanted:
                    if not answer.done():
                        answer.set_exception(error)
                if not wanted and not isinstance(error, _LOST):
                    unheard = error
        if unheard is not None:
            raise unheard

    async def _ask(self, wanted: list[tuple[int, _Answer]]) -> None:
        connection = await self._open()
        given, self._given = self._given, []
        rows = await connection.fetch(_ASK, given, [number for number, _ in wanted])
        got = {row["number"] for row in rows if row["number"] is not None and row["got"]}
        for number, answer in wanted:
            if not answer.done():
                answer.set_result(connection if number in got else None)
            elif number in got:
                self._given.append(number)

    async def _open(self) -> Any:
        if self._connection is not None and is_gone(self._connection):
            await self._drop(broken=True)
        if self._connection is None:
            client = get_connection("default")
            await client.acquire_connection().ensure_connection()  # Tortoise makes its pool on first use
            self._pool = client._pool
            self._connection = await self._pool.acquire()
        return self._connection

    async def _drop(self, *, broken: bool = False) -> None:
        connection, self._connection = self._connection, None
        self._given.clear()  # the server forgets the turns of a connection that ends
        if connection is None:
            return
        try:
            if broken and not is_gone(connection):
                connection.terminate()
            elif not broken:
                await connection.execute("SELECT pg_advisory_unlock_all()")
        except _LOST:
            connection.terminate()
        finally:
            # What can't be given back the pool has ended by itself, and whoever waits for a turn must hear of it.
            with suppress(*_LOST):
                await self._pool.release(connection)


def _number(key: str) -> int:
    """An advisory lock's number: 64 bits with a sign."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), signed=True)
