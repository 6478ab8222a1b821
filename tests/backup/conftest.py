"""Databases to restore into: absent on SQLite, without a table on PostgreSQL."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from core.deps import Deps, Links
from core.keyring import Keyring
from core.services import Services
from tests.conftest import ManualClock, _postgres, named_database


@pytest.fixture
def make_empty(tmp_path: Path) -> Iterator[Callable[[str], Awaitable[str]]]:
    """Gives addresses of new databases of a kind."""
    made: list[str] = []

    async def make(kind: str) -> str:
        name = f"restored_{uuid.uuid4().hex[:12]}"
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / name}.db"
        await _postgres(f'CREATE DATABASE "{name}"')
        made.append(name)
        return named_database(name)

    yield make
    for name in made:
        asyncio.run(_postgres(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def services(clock: ManualClock) -> Services:
    """The verbs for whatever database is open."""
    links = Links(customer_bot="kopilka_test_bot", staff_bot="kopilka_test_staff_bot")
    return Services.of(Deps(clock=clock, keys=Keyring("test-secret-key-of-32-characters!"), links=links))
