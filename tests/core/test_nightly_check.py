"""Every night the ledger is proved beside the running bots, and the owner hears of what is broken."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from core.actors import StaffActor
from core.domain.people import Role
from core.services import Services
from core.store import nightly
from core.store.sql import fetch
from core.store.transactions import run_in_transaction
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import buy, one


async def alerts() -> list[str]:
    rows = await fetch("SELECT kind FROM owner_alert WHERE ended_at IS NULL")
    return [row["kind"] for row in rows]


async def test_what_is_broken_is_told_and_what_is_mended_too(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    owner = await hire(core, 9100, Role.OWNER)
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 1_000_00)
    await core.programmes.change({"accrual_percent": 700}, by=owner)
    await core.nightly_check.run(clock.now())
    assert await alerts() == []
    await fetch("UPDATE customer SET purchases = purchases + 1")
    await core.nightly_check.run(clock.now())
    assert await alerts() == ["ledger_broken"]
    assert "customer_counters" in await one("SELECT CAST(data AS TEXT) AS d FROM message WHERE topic = 'alert'")
    await fetch("UPDATE customer SET purchases = purchases - 1")
    await core.nightly_check.run(clock.now())
    assert await alerts() == []


async def test_a_log_that_was_changed_is_found(core: Services, clock: ManualClock) -> None:
    owner = await hire(core, 9100, Role.OWNER)
    await core.programmes.change({"accrual_percent": 700}, by=owner)
    await fetch("UPDATE audit_head SET hash = $1", "0" * 64)
    await core.nightly_check.run(clock.now())
    assert "audit_chain" in await one("SELECT CAST(data AS TEXT) AS d FROM owner_alert")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_it_works_while_somebody_writes(core: Services, clock: ManualClock, database_url: str) -> None:
    """A transaction that has written and is still open neither waits for the check nor holds it up."""
    path = Path(database_url.removeprefix("sqlite:///"))

    async def work() -> None:
        await fetch("INSERT INTO lease (name, holder, until) VALUES ('x', '', $1)", clock.now())
        question = {"leases": ("SELECT name FROM lease WHERE name = $1", ["x"])}
        async with asyncio.timeout(60):
            assert await asyncio.to_thread(nightly._ask, path, question, "log") == []

    await run_in_transaction(work)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_check_that_takes_too_long_is_left_out(
    core: Services, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise nightly.StoreUnavailable("interrupted")

    monkeypatch.setattr(nightly, "_ask", refuses)
    await core.nightly_check.run(clock.now())
    assert await alerts() == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_its_time_is_bounded(core: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "LONGEST_S", -1.0)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    with pytest.raises(nightly.StoreUnavailable, match="interrupted") as refused:
        await nightly.of_sqlite({"endless": (endless, [])}, "log")
    assert isinstance(refused.value.__cause__, sqlite3.OperationalError)
