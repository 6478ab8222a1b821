"""The log of who did what: a chain in which every change behind the product's back shows."""

import asyncio
import json

import pytest

from core.check import check_ledger
from core.services import Services
from core.store import audit
from core.store.sql import fetch, is_postgres
from core.store.transactions import run_in_transaction
from tests.core.kit import one


async def write(core: Services, number: int) -> None:
    async def work() -> None:
        await audit.note(
            "sample.done",
            "sample",
            number,
            actor_kind="staff",
            actor_id=number,
            now=core.deps.clock.now(),
            before={"б": number, "а": [1, None, "ё"]},
            after=None if number % 2 else {"z": 1, "a": {"y": True}},
        )

    await run_in_transaction(work)


async def broken() -> list[tuple[str, int]]:
    found = (await check_ledger()).findings
    return [(finding.row["broken"], finding.row["id"]) for finding in found if finding.rule == "audit_chain"]


@pytest.fixture
async def log(core: Services) -> int:
    """A log of some rows; the id of the third from its end."""
    for number in range(1, 7):
        await write(core, number)
    assert await broken() == []
    if is_postgres():
        await fetch("ALTER TABLE audit_row DISABLE TRIGGER USER")
    else:
        for row in await fetch("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_row'"):
            await fetch(f'DROP TRIGGER "{row["name"]}"')
    return int(await one("SELECT max(id) FROM audit_row")) - 2


@pytest.mark.parametrize(
    "change",
    [
        "action = 'sample.undone'",
        "actor_id = actor_id + 1",
        "object_id = NULL",
        "actor_kind = 'system'",
        f"before = '{json.dumps({'a': 1})}'",
        "created_at = '2026-01-01 00:00:00+00:00'",
        "hash = NULL",
    ],
)
async def test_a_changed_row_shows(log: int, change: str) -> None:
    await fetch(f"UPDATE audit_row SET {change} WHERE id = $1", log)
    assert ("hash", log) in await broken()


async def test_a_row_taken_away_shows(log: int) -> None:
    await fetch("DELETE FROM audit_row WHERE id = $1", log)
    assert ("hash", log + 1) in await broken()


async def test_a_cut_end_shows(log: int) -> None:
    await fetch("DELETE FROM audit_row WHERE id >= $1", log)
    assert await broken() == [("end", log - 1)]


async def test_a_row_put_in_shows(log: int) -> None:
    await fetch(
        "INSERT INTO audit_row (actor_kind, action, object_kind, created_at, hash) "
        "SELECT actor_kind, action, object_kind, created_at, hash FROM audit_row WHERE id = $1",
        log + 2,
    )
    assert ("hash", log + 3) in await broken()


async def test_a_forgotten_end_shows(log: int) -> None:
    await fetch("DELETE FROM audit_head")
    assert ("end", log + 2) in await broken()


async def test_many_at_once_make_one_chain(core: Services) -> None:
    await asyncio.gather(*(write(core, number) for number in range(40)))
    assert await one("SELECT count(DISTINCT object_id) FROM audit_row WHERE action = 'sample.done'") == 40
    assert await broken() == []


async def test_what_was_rolled_back_leaves_no_gap(core: Services) -> None:
    await write(core, 1)

    async def fails() -> None:
        await audit.note("sample.lost", "sample", 1, actor_kind="staff", actor_id=1, now=core.deps.clock.now())
        raise KeyError

    with pytest.raises(KeyError):
        await run_in_transaction(fails)
    await write(core, 2)
    assert await broken() == []
    assert await one("SELECT count(*) FROM audit_row WHERE action = 'sample.lost'") == 0


async def test_rows_from_before_the_chain_are_let_be(core: Services) -> None:
    await fetch(
        "INSERT INTO audit_row (actor_kind, action, object_kind, created_at) VALUES ('system', 'old', 'x', $1)",
        core.deps.clock.now(),
    )
    await write(core, 1)
    assert await broken() == []
