"""Where the ledger's machine lives: a database of either kind with a started merchant, and one event loop."""

import asyncio
import itertools
import shutil
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from bot.database import close_database, open_database
from core.deps import Deps, Links
from core.domain.people import Role
from core.keyring import Keyring
from core.services import Services
from core.store.sql import fetch
from tests.conftest import ManualClock, hire, named_database
from tests.servers import postgres_url

START = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
POINTS = ("ledger_entry", "lot", "lot_draw", "customer")
EVERYTHING = (*POINTS, "purchase", "purchase_line", "refund", "refund_line", "hold", "message", "audit_row")
LIVES_IN_A_DATABASE = 40


class Ground:
    """Lives follow each other in one database; after one that went wrong there is a new database."""

    def __init__(self, make_database: Callable[[], str]) -> None:
        self._make_database = make_database
        self._runner: asyncio.Runner | None = None
        self._lives = 0
        self.sound = False
        self.clock = ManualClock(START)
        self.numbers = itertools.count(1)

    def enter(self) -> None:
        """Begin a life: the clock goes back to the start, and nothing is left to wait for."""
        self._lives += 1
        self.clock.at = START
        if not (self._runner and self.sound and self._lives % LIVES_IN_A_DATABASE):
            self._settle()
        self._floors = {
            table: self.run(fetch(f"SELECT COALESCE(max(id), 0) AS id FROM {table}"))[0]["id"]
            for table in EVERYTHING
        }

    def _settle(self) -> None:
        self.leave()
        self._runner = asyncio.Runner()
        self.run(open_database(self._make_database()))
        links = Links(customer_bot="kopilka_test_bot", staff_bot="kopilka_test_staff_bot")
        self.core = Services.of(Deps(self.clock, Keyring("test-secret-key-of-32-characters!"), links))
        self.run(self.core.programmes.start("Основная точка"))
        self.cashier = self.run(hire(self.core, 9001, Role.CASHIER))
        self.sound = True

    def run(self, verb: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await verb

        assert self._runner is not None
        return self._runner.run(awaited())

    def picture(self, *tables: str) -> dict[str, list[dict[str, Any]]]:
        """This life's rows of some tables."""
        return {
            table: self.run(fetch(f"SELECT * FROM {table} WHERE id > $1 ORDER BY id", self._floors[table]))
            for table in tables
        }

    def leave(self) -> None:
        if self._runner is not None:
            self.run(close_database())
            self._runner.close()
            self._runner = None


@contextmanager
def ground_on_sqlite(template: Path, folder: Path) -> Iterator[Ground]:
    def make() -> str:
        path = shutil.copy(template, folder / f"{uuid.uuid4().hex}.db")
        return f"sqlite:///{path}"

    ground = Ground(make)
    try:
        yield ground
    finally:
        ground.leave()


@contextmanager
def ground_on_postgres(template: str) -> Iterator[Ground]:
    made: list[str] = []

    def make() -> str:
        made.append(f"test_{uuid.uuid4().hex[:12]}")
        asyncio.run(_execute(f'CREATE DATABASE "{made[-1]}" TEMPLATE "{template}" STRATEGY FILE_COPY'))
        return named_database(made[-1])

    ground = Ground(make)
    try:
        yield ground
    finally:
        ground.leave()
        for name in made:
            asyncio.run(_execute(f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _execute(statement: str) -> None:
    connection = await asyncpg.connect(postgres_url())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
