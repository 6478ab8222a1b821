"""Migrating: by two processes at once, again and again, and nothing left for makemigrations to find."""

import asyncio
import fcntl
import importlib.util
import os
import re
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tortoise import Tortoise
from tortoise.migrations.autodetector import MigrationAutodetector

from bot.database import database, migrate_database, tortoise_config
from core.store.branches import add as add_branch
from core.store.sql import fetch, is_postgres
from tests.core.kit import dump, one, table_names

ROOT = Path(__file__).parents[2]
SCRIPT = (
    "import asyncio, sys; from bot.database import migrate_database; asyncio.run(migrate_database(sys.argv[1]))"
)
FILES = sorted(path.stem for path in (ROOT / "migrations").glob("[0-9]*.py"))


async def schema() -> dict[str, str]:
    """Tables, indexes, triggers and checks as the catalogue tells them."""
    if is_postgres():
        rows = await fetch(
            "SELECT 'check ' || conname AS name, pg_get_constraintdef(oid) AS sql FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace UNION ALL "
            "SELECT 'trigger ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION ALL "
            "SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        )
    else:
        rows = await fetch("SELECT type || ' ' || name AS name, COALESCE(sql, '') AS sql FROM sqlite_master")
    return {row["name"]: row["sql"] for row in rows}


async def applied() -> list[str]:
    rows = await fetch("SELECT name FROM tortoise_migrations ORDER BY name")
    return [row["name"] for row in rows]


async def test_migrating_again_changes_nothing(empty_url: str) -> None:
    await migrate_database(empty_url)
    async with database(empty_url):
        first, rows = await schema(), await dump()
        assert await applied() == FILES
    for _ in range(2):
        await migrate_database(empty_url)
    async with database(empty_url):
        assert await schema() == first
        assert await dump() == rows


async def test_processes_that_migrate_at_once_do_it_once(empty_url: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SCRIPT, empty_url, cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [(await process.communicate())[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    async with database(empty_url):
        assert await applied() == FILES
        assert await one("SELECT count(*) FROM tortoise_migrations") == len(FILES)
        assert "lot" in await table_names()


async def test_data_survives_another_start(empty_url: str) -> None:
    async with database(empty_url, migrated=True):
        await add_branch("Б", "UTC", datetime(2026, 3, 2, tzinfo=UTC))
    async with database(empty_url, migrated=True):
        assert await one("SELECT name FROM branch") == "Б"


async def test_makemigrations_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tortoise_config(f"sqlite:///{tmp_path / 'unused.db'}")
    await Tortoise.init(config=config, init_connections=False)
    try:
        changes = await MigrationAutodetector(Tortoise.apps, config["apps"]).changes()
        assert [operation for writer in changes for operation in writer.operations] == []
        # Where no migration is, it finds every table: it would find what is missing.
        (tmp_path / "no_migrations").mkdir()
        (tmp_path / "no_migrations" / "__init__.py").touch()
        monkeypatch.syspath_prepend(tmp_path)
        elsewhere = {"core": config["apps"]["core"] | {"migrations": "no_migrations"}}
        found = await MigrationAutodetector(Tortoise.apps, elsewhere).changes()
        assert len([operation for writer in found for operation in writer.operations]) >= 23
    finally:
        await Tortoise.close_connections()


def test_migrations_are_additive_and_numbered() -> None:
    assert [int(name[:4]) for name in FILES] == list(range(1, len(FILES) + 1))
    for name in FILES:
        source = (ROOT / "migrations" / f"{name}.py").read_text()
        assert not re.search(r"ops\.(AlterField|RemoveField|DeleteModel|RenameField|RenameModel)\b", source)
        assert importlib.util.find_spec(f"migrations.{name}") is not None


@pytest.mark.parametrize("there", [False, True])
async def test_what_a_killed_start_left_is_removed_by_the_next(tmp_path: Path, there: bool) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    if there:
        await migrate_database(url)
    for tail in ("", "-wal", "-shm", ".migrating", ".unfinished", ".unfinished.migrating"):
        (tmp_path / f"shop.db.unfinished{tail}").touch()
    await migrate_database(url)
    assert {path.name for path in tmp_path.iterdir()} == {"shop.db", "shop.db.migrating"}
    async with database(url):
        assert await applied() == FILES


async def test_who_waits_for_another_ones_migration_hears_a_stop(tmp_path: Path) -> None:
    with (tmp_path / "shop.db.migrating").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        given_up = threading.Event()

        def give_up() -> None:
            """Where the waiting blocks the loop, the test fails and does not hang."""
            given_up.set()
            fcntl.flock(other, fcntl.LOCK_UN)

        late = threading.Timer(30, give_up)
        late.start()
        migrating = asyncio.create_task(migrate_database(f"sqlite:///{tmp_path / 'shop.db'}"))
        await asyncio.wait({migrating}, timeout=0.2)
        migrating.cancel()
        await asyncio.wait({migrating})
        late.cancel()
        late.join()
    assert not given_up.is_set()
    assert migrating.cancelled()
    assert not (tmp_path / "shop.db").exists()
