"""When one part of a process fails, the process ends, also where another doesn't hear that it is cancelled."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot import run, worker
from core.store.transactions import StoreUnavailable


class Deaf:
    """A part that takes being cancelled for one more failure, and ends when a stop is requested."""

    def __init__(self, *_: object) -> None:
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._stopping.wait()
            except asyncio.CancelledError:
                await asyncio.sleep(0)

    listen = run

    def request_stop(self) -> None:
        self._stopping.set()


class Failing(Deaf):
    async def run(self) -> None:
        raise KeyError("a bug")


async def nobody() -> Any:
    raise StoreUnavailable("away")


async def merchant() -> Any:
    return SimpleNamespace(name="Sample")


async def managers() -> list[Any]:
    return []


def app(**parts: Deaf) -> Any:
    """A process's parts; what introduces the bots waits for the database."""
    core = SimpleNamespace(programmes=SimpleNamespace(current=merchant), staff=SimpleNamespace(managers=managers))
    usual = {"relay": Deaf(), "bell": Deaf(), "timekeeper": Deaf()}
    metrics = SimpleNamespace(fetched=lambda name: None)
    return SimpleNamespace(core=core, bots={"customer": None}, renderer=None, metrics=metrics, **usual | parts)


@pytest.mark.parametrize("failing", ["relay", "timekeeper"])
@pytest.mark.parametrize("process", [worker.relaying, run._work], ids=["worker", "run"])
async def test_it_ends(process: Any, failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def introduce(*_: object) -> None:
        await nobody()

    for module in (worker, run):
        monkeypatch.setattr(module, "introduce", introduce)
    poller = Deaf()
    monkeypatch.setattr(run, "_poller", lambda app, name: poller)
    parts = app(**{failing: Failing()})
    working = asyncio.create_task(process(parts, asyncio.Event()))
    _, late = await asyncio.wait({working}, timeout=30)
    for each in (poller, parts.relay, parts.bell, parts.timekeeper):
        each.request_stop()
    with pytest.raises(ExceptionGroup):
        await working
    assert not late
