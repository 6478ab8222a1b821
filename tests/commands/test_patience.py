"""Commands that go through whole tables are not cut off, however large these are; the bots' statements are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tortoise.connection import get_connection

import bot.backup.restore
import bot.backup.take
import bot.commands
import bot.database
from bot.backup import back_up_database, restore_database
from bot.database import database, migrate_database
from core.check import Report
from core.ports import SystemClock
from core.store.snapshot import snapshot

pytestmark = pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)


@pytest.fixture
def limits(database_url: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Seconds that a statement may take, as noted by what stands for the long work."""
    found: list[Any] = []

    def note(*_: Any, **__: Any) -> None:
        found.append(get_connection("default").extra["command_timeout"])

    async def checked() -> Report:
        note()
        return Report((), {}, 0)

    async def noted(_: Any) -> AsyncIterator[None]:
        note()
        raise RuntimeError("noted")
        yield

    async def worked(*_: Any, **__: Any) -> None:
        note()
        raise RuntimeError("noted")

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr(bot.commands, "check_ledger", checked)
    monkeypatch.setattr(bot.database, "apply_migrations", worked)
    monkeypatch.setattr(bot.backup.restore, "_load", worked)
    monkeypatch.setattr(bot.backup.take, "snapshot", asynccontextmanager(noted))
    return found


async def test_the_check_takes_its_time(limits: list[Any]) -> None:
    assert await bot.commands.check() == 0
    assert limits == [None]


async def test_migrations_take_their_time(limits: list[Any], database_url: str) -> None:
    with pytest.raises(RuntimeError, match="noted"):
        await migrate_database(database_url)
    assert limits == [None]


async def test_a_backup_takes_its_time(limits: list[Any], database_url: str, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="noted"):
        await back_up_database(database_url, tmp_path / "a.backup", SystemClock())
    assert limits == [None]


async def test_a_restore_takes_its_time(
    database_url: str, tmp_path: Path, limits: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bot.backup.take, "snapshot", snapshot)
        await back_up_database(database_url, tmp_path / "a.backup", SystemClock())
    with pytest.raises(RuntimeError, match="noted"):
        await restore_database(database_url, tmp_path / "a.backup", SystemClock())
    assert limits == [None]


async def test_a_bots_statement_is_cut_off(limits: list[Any], database_url: str) -> None:
    async with database(database_url):
        assert get_connection("default").extra["command_timeout"] == 30
