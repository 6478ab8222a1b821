"""A transaction that is cancelled is not tried again, whatever its connection says to it."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

from core.store.sql import fetch
from core.store.transactions import run_alone, run_in_transaction

Run = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]


class Breaking:
    """Work that raises a connection's error when it is cancelled, as closing one that breaks just then does."""

    def __init__(self, error: Exception) -> None:
        self.tries = 0
        self.begun = asyncio.Event()
        self._error = error

    async def __call__(self) -> None:
        self.tries += 1
        self.begun.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            raise self._error from None


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """It is no matter of the database."""
    return str(request.param)


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
async def test_a_statement_that_is_cancelled_says_so_also_when_its_connection_breaks(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_back = asyncpg.Pool.release

    async def break_down(*given: object, **more: object) -> None:
        await give_back(*given, **more)
        raise ConnectionResetError

    asking = asyncio.ensure_future(fetch("SELECT pg_sleep(600)"))
    async with asyncio.timeout(60):
        while not await fetch("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):
            await asyncio.sleep(0.01)
    monkeypatch.setattr(asyncpg.Pool, "release", break_down)
    asking.cancel()
    await asyncio.wait({asking}, timeout=60)
    monkeypatch.undo()
    assert asking.cancelled()
    with pytest.raises(OperationalError):
        await fetch("SELECT no_such_column")


@pytest.mark.parametrize("run", [run_alone, run_in_transaction])
@pytest.mark.parametrize(
    "error", [ConnectionResetError(), asyncpg.InterfaceError("connection is closed"), TimeoutError()], ids=repr
)
async def test_who_is_cancelled_ends(run: Run, error: Exception, store: str) -> None:
    work = Breaking(error)
    running = asyncio.ensure_future(run(work))
    await work.begun.wait()
    running.cancel()
    done, late = await asyncio.wait({running}, timeout=30)
    for task in late:
        task.cancel()
    assert done
    assert running.cancelled()
    assert work.tries == 1


async def test_what_is_done_after_being_cancelled_is_tried_again(store: str) -> None:
    """Who gives something back on the way out, for instance."""
    tries = 0

    async def give_back() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ConnectionResetError

    async def hold() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await run_alone(give_back)

    holding = asyncio.create_task(hold())
    await asyncio.sleep(0)
    holding.cancel()
    await asyncio.wait({holding})
    assert holding.cancelled()
    assert tries == 2
