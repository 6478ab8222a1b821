"""A full disk and a read-only database: closed, told, not corrupted, and at work again by itself."""

import asyncio
import errno
import io
import json
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog

from bot.database import database
from bot.logs import Unfailing
from core.check import check_ledger
from core.services import Services
from core.store.sql import fetch
from simulator import Simulator
from tests.bots.world import ANNA, CASHIER, CUSTOMER_BOT, STAFF_BOT, simulated
from tests.conftest import enrol
from tests.faults.facts import Facts
from tests.faults.fleet import Fleet, one_process
from tests.faults.load import PEOPLE, PROBE_CASHIER, PROBE_CUSTOMER, seed
from tests.faults.people import Cashier
from tests.faults.plagues import disk_full
from tests.web.kit import Web, message, serving

WAIT_S = 600.0
TOLD = "что-то сломалось у нас"


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until it holds."""
    async with asyncio.timeout(WAIT_S):
        while not await holds():
            await asyncio.sleep(0.4)


def test_a_log_that_cannot_be_written_ends_nothing() -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "no space left")

        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "no space left")

    written = io.StringIO()
    for stream in (Full(), written):
        structlog.PrintLogger(Unfailing(stream)).msg("said")  # type: ignore[arg-type]
    assert written.getvalue() == "said\n"


@pytest.mark.slow
async def test_a_full_disk(tmp_path: Path) -> None:
    async with one_process(tmp_path, list(PEOPLE)) as fleet:
        await seed(fleet.world, fleet.database_url)
        facts = Facts()
        cashier = Cashier(fleet.world, PROBE_CASHIER, facts)
        assert (await cashier.sell(PROBE_CUSTOMER)).acknowledged
        async with disk_full(fleet, random.Random(1), 0.0):
            selling = asyncio.create_task(cashier.sell(PROBE_CUSTOMER))
            await fleet.world.wait_for(lambda: cashier.newest(TOLD), WAIT_S)
            await until(lambda: _ready(fleet, 503, writable=False))
            assert not selling.done()
        # The same update is handled now: nobody has to type it again.
        async with asyncio.timeout(WAIT_S):
            assert (await selling).acknowledged
        await until(lambda: _ready(fleet, 200, writable=True))
        said = [json.loads(line) for _, line in fleet.logs() if line.startswith("{")]
        assert any(each["event"] == "update_failed" and each["verdict"] == "storage" for each in said)
        async with database(fleet.database_url):
            assert not (await check_ledger()).findings
            assert not await fetch("SELECT * FROM parked_update")
            rows = await fetch("SELECT subtotal FROM purchase WHERE status = 'completed'")
            assert facts.acknowledged() <= {row["subtotal"] for row in rows}


async def _ready(fleet: Fleet, status: int, *, writable: bool) -> bool:
    async with aiohttp.ClientSession() as http, http.get(f"{fleet.probes}/readyz") as answer:
        return (answer.status, (await answer.json())["writable"]) == (status, writable)


async def read_only_sqlite(_: str) -> Callable[[], Awaitable[object]]:
    await fetch("PRAGMA query_only = ON")
    return lambda: fetch("PRAGMA query_only = OFF")


async def read_only_postgres(url: str) -> Callable[[], Awaitable[object]]:
    name = (await fetch("SELECT current_database() AS name"))[0]["name"]
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    )
    await fetch(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    await fetch(others, name)
    await fetch("SET default_transaction_read_only = on")

    async def again() -> None:
        await fetch("SET default_transaction_read_only = off")
        await fetch(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        await fetch(others, name)

    return again


async def full_postgres(_: str) -> Callable[[], Awaitable[object]]:
    """The server's own words when its disk is full, at every new purchase, message and mark."""
    await fetch(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$"
    )
    tables = ("purchase", "message", "handled_update", "dialogue", "lease")
    for table in tables:
        when = f"BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW"
        await fetch(f"CREATE TRIGGER full_disk {when} EXECUTE FUNCTION full_disk()")

    async def again() -> None:
        for table in tables:
            await fetch(f"DROP TRIGGER full_disk ON {table}")

    return again


@pytest.mark.parametrize(
    ("database_kind", "close"),
    [("sqlite", read_only_sqlite), ("postgres", read_only_postgres), ("postgres", full_postgres)],
    indirect=["database_kind"],
)
async def test_a_database_that_takes_no_writes(
    core: Services, store: str, close: Callable[[str], Awaitable[Callable[[], Awaitable[object]]]]
) -> None:
    await enrol(core, ANNA.id)
    async with simulated() as simulator, serving(simulator, store) as web:
        for person, bot in ((ANNA, CUSTOMER_BOT), (CASHIER, STAFF_BOT)):
            simulator.world.open_chat(simulator.world.bot(bot), person)
        assert (await web.get("/readyz"))[0] == 200
        open_again = await close(store)
        try:
            await _closed(web, simulator)
        finally:
            await open_again()
        # A connection that the server ended is noticed by use: Telegram would deliver again too.
        await until(lambda: _takes(web, message(7, "/balance")))
        await until(lambda: _is(web, 200))
        assert len(simulator.world.from_bot(ANNA.id, CUSTOMER_BOT.id)) == 3
    assert not (await check_ledger()).findings
    assert not await fetch("SELECT * FROM parked_update")


async def _closed(web: Web, simulator: Simulator) -> None:
    """Asked for again and again, the person is answered once, then told once that it doesn't work."""

    async def told() -> bool:
        assert await web.post(message(7, "/balance")) == 500
        return any(TOLD in each.text for each in simulator.world.from_bot(ANNA.id, CUSTOMER_BOT.id))

    await until(told)
    await until(lambda: _is(web, 503))
    assert await web.post(message(7, "/balance")) == 500
    assert len(simulator.world.from_bot(ANNA.id, CUSTOMER_BOT.id)) == 2


async def _takes(web: Web, update: dict[str, Any]) -> bool:
    return await web.post(update) == 200


async def _is(web: Web, status: int) -> bool:
    return (await web.get("/readyz"))[0] == status
