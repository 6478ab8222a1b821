"""SQLite's only connection, when making it fails or is cancelled: whoever comes next does not wait for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.database import database
from core.store.sql import fetch
from core.store.transactions import run_in_transaction

Rows = list[dict[str, object]]


async def ask() -> Rows:
    return await fetch("SELECT 1 AS one")


async def ask_in_transaction() -> Rows:
    return await run_in_transaction(ask)


async def fulfilled() -> None:
    """The next one is served, by a connection that is whole."""
    async with asyncio.timeout(60):
        assert await ask() == [{"one": 1}]
        assert await ask_in_transaction() == [{"one": 1}]
        assert (await fetch("PRAGMA synchronous"))[0]["synchronous"] == 2


@pytest.mark.parametrize("asking", [ask, ask_in_transaction])
async def test_a_file_that_could_not_be_opened_at_first(
    asking: Callable[[], Awaitable[Rows]], tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    async with database(f"sqlite:///{folder}/kopilka.db"):
        folder.rmdir()
        with pytest.raises(Exception, match="unable to open"):
            await asking()
        folder.mkdir()
        await fulfilled()


@pytest.mark.parametrize("asking", [ask, ask_in_transaction])
@pytest.mark.parametrize("steps", range(1, 9))
async def test_who_is_cancelled_while_the_connection_is_made(
    steps: int, asking: Callable[[], Awaitable[Rows]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first answer of SQLite's thread, at the second, and so on."""
    heard = 0
    loop = asyncio.get_running_loop()
    wake = loop.call_soon_threadsafe

    def count(callback: Callable[..., object], *values: object) -> object:
        return wake(cancel_at, callback, *values)

    def cancel_at(callback: Callable[..., object], *values: object) -> None:
        nonlocal heard
        heard += 1
        if heard == steps:
            first.cancel()
        callback(*values)

    async with database(f"sqlite:///{tmp_path}/kopilka.db"):
        with monkeypatch.context() as patched:
            patched.setattr(loop, "call_soon_threadsafe", count)
            first = asyncio.ensure_future(asking())
            await asyncio.wait({first})
        await fulfilled()
