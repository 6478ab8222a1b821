"""Transactions: retried when it is nobody's fault, never leaking a slot, never half done."""

import asyncio
import random
import sqlite3
import threading
from pathlib import Path

import asyncpg
import pytest
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError, TransactionManagementError

from core.actors import StaffActor
from core.services import Services
from core.store.sql import fetch, is_postgres
from core.store.transactions import (
    Collision,
    StoreUnavailable,
    is_closed,
    is_passing,
    is_waited_for,
    run_against_rivals,
    run_in_transaction,
)
from core.store.turns import SharedTurns
from core.store.updates import open_updates, save_dialogue
from tests.conftest import ManualClock, enrol
from tests.core.kit import buy, one, points_of

only_postgres = pytest.mark.parametrize("database_kind", ["postgres"])
only_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


async def write(clock: ManualClock, key: str = "k") -> None:
    await save_dialogue(key, "state", {}, clock.now())


async def test_an_error_undoes_everything(store: str, clock: ManualClock) -> None:
    async def work() -> None:
        await write(clock)
        raise LookupError("not a passing one")

    with pytest.raises(LookupError):
        await run_in_transaction(work)
    assert await one("SELECT count(*) FROM dialogue") == 0


async def test_a_transaction_inside_another_joins_it(store: str, clock: ManualClock) -> None:
    async def inner() -> None:
        await write(clock, "inner")

    async def outer() -> None:
        await run_in_transaction(inner)
        raise LookupError

    with pytest.raises(LookupError):
        await run_in_transaction(outer)
    assert await one("SELECT count(*) FROM dialogue") == 0


async def test_what_passes_is_tried_again_and_what_stays_is_said(
    store: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.transactions._pause", lambda attempt: 0)
    tries = 0

    async def third_time() -> str:
        nonlocal tries
        tries += 1
        await write(clock, str(tries))
        if tries < 3:
            raise ConnectionResetError
        return "done"

    assert await run_in_transaction(third_time) == "done"
    assert [row["key"] for row in await fetch("SELECT key FROM dialogue")] == ["3"]

    async def never() -> None:
        nonlocal tries
        tries += 1
        raise ConnectionResetError

    tries = 0
    with pytest.raises(StoreUnavailable):
        await run_in_transaction(never, attempts=4)
    assert tries == 4


async def test_a_rival_is_looked_at_once_more(store: str, clock: ManualClock) -> None:
    tries = 0

    async def work() -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise Collision("unique")
        return tries

    assert await run_against_rivals(work) == 2

    async def always() -> None:
        raise Collision("unique")

    with pytest.raises(Collision):
        await run_against_rivals(always)


def test_what_passes() -> None:
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert is_passing(busy)
    assert is_passing(OperationalError(busy))
    for lasting in (full, OperationalError(full), OperationalError(), ValueError(), Collision("x")):
        assert not is_passing(lasting)
    assert is_passing(asyncpg.InternalClientError("cannot switch to state 15; another operation is in progress"))


def test_what_is_closed_and_waited_for() -> None:
    closed = []
    for code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY_DBMOVED, sqlite3.SQLITE_IOERR_WRITE):
        closed.append(sqlite3.OperationalError("the disk"))
        closed[-1].sqlite_errorcode = code
    closed += [asyncpg.DiskFullError(""), TransactionManagementError(asyncpg.ReadOnlySQLTransactionError(""))]
    for error in (*closed, *(OperationalError(each) for each in closed[:3])):
        assert is_closed(error)
        assert is_waited_for(error)
        assert not is_passing(error)
    for other in (ValueError(), OSError(), Collision("x"), OperationalError(asyncpg.UndefinedTableError(""))):
        assert not is_closed(other)
        assert not is_waited_for(other)
    assert is_waited_for(StoreUnavailable("OSError"))


@only_postgres
async def test_a_server_that_cannot_be_reached_is_said(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(asyncpg.Pool, "acquire", gone)
    for read in (fetch("SELECT 1"), open_updates([("k", "k")]), use_a_turn()):
        with pytest.raises(StoreUnavailable):
            await read


async def use_a_turn() -> None:
    async with SharedTurns().held("k"):
        raise AssertionError("there was no turn to have")


async def test_cancelled_transactions_leak_nothing(store: str, clock: ManualClock) -> None:
    """300 tasks cancelled at random points; then the whole pool is still there to be used at once."""

    async def work() -> None:
        await fetch("SELECT 1")
        await asyncio.sleep(0)
        await write(clock)

    await run_in_transaction(work)
    ends = set()
    for number in range(30):
        tasks = [asyncio.ensure_future(run_in_transaction(work)) for _ in range(10)]
        await asyncio.wait(tasks, timeout=random.uniform(0, 0.001) * number)
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        ends |= {type(each) for each in outcomes}
    assert asyncio.CancelledError in ends
    assert ends <= {asyncio.CancelledError, type(None)}
    if is_postgres():
        await use_the_whole_pool()
    async with asyncio.timeout(60):
        await run_in_transaction(work)


async def use_the_whole_pool() -> None:
    """As many transactions as the pool has slots, all open at the same time."""
    size = get_connection("default")._pool.get_max_size()
    together = asyncio.Barrier(size)

    async def work() -> None:
        await fetch("SELECT 1")
        await together.wait()

    async with asyncio.timeout(60):
        await asyncio.gather(*(run_in_transaction(work) for _ in range(size)))


@only_postgres
async def test_a_killed_backend_is_lived_through(store: str, clock: ManualClock) -> None:
    killed = 0

    async def work() -> None:
        nonlocal killed
        await write(clock, f"try{killed}")
        if killed < 2:
            killed += 1
            # Its own backend: the next statement of the transaction finds the connection gone.
            await fetch("SELECT pg_terminate_backend(pg_backend_pid())")
        await write(clock, "after")

    await run_in_transaction(work)
    assert killed == 2
    assert sorted(row["key"] for row in await fetch("SELECT key FROM dialogue")) == ["after", "try2"]
    await use_the_whole_pool()


@only_postgres
async def test_a_sale_survives_the_death_of_every_connection(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    for _ in range(3):
        await fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        sale = await core.till.open_sale(cashier, customer, 100_00, key="same")
        await core.till.accrue(cashier, sale.purchase_id)
    assert await points_of(core, customer) == 5_00
    assert await one("SELECT count(*) FROM purchase") == 1


@only_postgres
async def test_a_dead_transaction_is_left_even_when_its_connection_cannot_be_given_back(
    store: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back = asyncpg.Pool.release

    async def breaks(pool: asyncpg.Pool, connection: object) -> None:
        await given_back(pool, connection)
        raise ConnectionResetError

    monkeypatch.setattr(asyncpg.Pool, "release", breaks)
    with pytest.raises(StoreUnavailable):
        await run_in_transaction(lambda: write(clock), attempts=1)
    monkeypatch.undo()
    assert not isinstance(get_connection("default"), TransactionalDBClient)
    await run_in_transaction(lambda: write(clock, "after"))
    assert (await open_updates([("k", "after")]))[0].state == "state"


@only_postgres
async def test_a_deadlock_is_tried_again(store: str, clock: ManualClock) -> None:
    for key in ("a", "b"):
        await write(clock, key)
    both_have_one = asyncio.Barrier(2)
    rounds = {"ab": 0, "ba": 0}

    async def lock(order: str) -> None:
        rounds[order] += 1
        await fetch("UPDATE dialogue SET state = $2 WHERE key = $1", order[0], order)
        if rounds == {"ab": 1, "ba": 1} or rounds[order] == 1:
            async with asyncio.timeout(60):
                await both_have_one.wait()
        await fetch("UPDATE dialogue SET state = $2 WHERE key = $1", order[1], order)

    await asyncio.gather(*(run_in_transaction(lambda order=order: lock(order)) for order in rounds))
    assert sorted(rounds.values()) == [1, 2]
    assert await one("SELECT count(DISTINCT state) FROM dialogue") == 1


@only_sqlite
async def test_a_busy_file_is_waited_for(core: Services, cashier: StaffActor, database_url: str) -> None:
    customer = await enrol(core, 1)
    rival = sqlite3.connect(Path(database_url.removeprefix("sqlite:///")), check_same_thread=False)
    rival.isolation_level = None
    rival.execute("BEGIN IMMEDIATE")
    freed = threading.Event()

    def free() -> None:
        freed.wait()
        rival.execute("COMMIT")

    thread = threading.Thread(target=free, daemon=True)
    thread.start()
    buying = asyncio.ensure_future(buy(core, cashier, customer, 100_00))
    done, _ = await asyncio.wait([buying], timeout=0.3)
    assert not done, "a locked file was written to"
    freed.set()
    async with asyncio.timeout(60):
        await buying
    thread.join()
    rival.close()
    assert await points_of(core, customer) == 5_00


@only_sqlite
async def test_a_file_that_stays_busy_is_said(
    store: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.transactions._pause", lambda attempt: 0)
    await fetch("PRAGMA busy_timeout = 10")
    rival = sqlite3.connect(Path(store.removeprefix("sqlite:///")))
    rival.isolation_level = None
    rival.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await run_in_transaction(lambda: write(clock), attempts=3)
    rival.execute("ROLLBACK")
    rival.close()
    await run_in_transaction(lambda: write(clock))
    assert (await open_updates([("k", "k")]))[0].state == "state"


@only_sqlite
async def test_a_failed_commit_leaves_the_connection_usable(store: str, clock: ManualClock) -> None:
    async def broken() -> None:
        await fetch("PRAGMA defer_foreign_keys = ON")  # the violation is found by COMMIT
        await fetch(
            "INSERT INTO shown_code (customer_id, code, expires_at) VALUES ($1, $2, $3)", 10**6, "1", clock.now()
        )

    with pytest.raises(Collision):
        await run_in_transaction(broken)
    async with asyncio.timeout(60):
        await run_in_transaction(lambda: write(clock))
    assert await one("SELECT count(*) FROM shown_code") == 0
    assert await one("SELECT count(*) FROM dialogue") == 1
