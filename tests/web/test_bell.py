"""The bell between processes: heard where Redis is, missed by nobody where it isn't."""

import asyncio
import contextlib
from collections.abc import Iterable

import pytest
from redis.asyncio.connection import AbstractConnection

import bot.bell
from bot.bell import Bell
from tests.servers import redis_url


class Ears:
    def __init__(self) -> None:
        self.kicks = 0
        self.news = asyncio.Event()

    async def kick(self) -> None:
        self.kicks += 1
        self.news.set()


async def test_a_ring_is_heard_here_and_in_other_processes() -> None:
    here, there = Ears(), Ears()
    ringing, listening = Bell(redis_url(), here.kick), Bell(redis_url(), there.kick)
    tasks = [asyncio.create_task(ringing.send()), asyncio.create_task(listening.listen())]
    async with asyncio.timeout(60):
        while not there.kicks:  # the first rings may be too early for who is just subscribing
            await ringing.ring()
            there.news.clear()
            await asyncio.wait({asyncio.create_task(there.news.wait())}, timeout=0.05)
    assert here.kicks >= 1
    await _end(tasks, ringing, listening)
    await ringing.close()
    await listening.close()


async def test_without_redis_it_rings_here() -> None:
    here = Ears()
    bell = Bell(None, here.kick)
    await bell.ring()
    async with asyncio.timeout(60):
        await asyncio.gather(bell.send(), bell.listen())
    assert here.kicks == 1
    await bell.close()


async def test_a_redis_that_is_away_or_silent_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.bell, "PAUSE_S", 0.01)
    monkeypatch.setattr(bot.bell, "ANSWER_S", 0.05)
    monkeypatch.setattr(bot.bell, "LOOK_S", 0.05)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended = asyncio.Event()
        ends.append(ended)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()
        ended.set()

    ends: list[asyncio.Event] = []
    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    for url in ("redis://127.0.0.1:1/0", f"redis://127.0.0.1:{port}/0"):
        here = Ears()
        bell = Bell(url, here.kick)
        tasks = [asyncio.create_task(bell.send()), asyncio.create_task(bell.listen())]
        for _ in range(20):
            async with asyncio.timeout(60):
                await bell.ring()
            await asyncio.sleep(0.005)
        assert here.kicks == 20
        assert not any(task.done() for task in tasks)
        await _end(tasks, bell)
        await bell.close()
    silent.close()
    await silent.wait_closed()
    await asyncio.gather(*(ended.wait() for ended in ends))


async def test_it_ends_when_asked_at_any_moment() -> None:
    for turn in range(40):
        bell = Bell(redis_url(), Ears().kick)
        tasks = [asyncio.create_task(bell.send())]
        await bell.ring()
        for _ in range(turn):
            await asyncio.sleep(0)
            await bell.ring()
        await _end(tasks, bell)
        await bell.close()


@pytest.mark.parametrize("method", ["send", "listen"])
@pytest.mark.parametrize("turns", range(6))
async def test_it_ends_when_cancelled_while_it_asks(
    turns: int, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As its processes do when anything else in them fails. At one of these turns the client swallows it."""
    ask = AbstractConnection._send_packed_command
    asked = asyncio.Event()

    async def note(connection: AbstractConnection, command: Iterable[bytes]) -> None:
        written = b"".join(map(bytes, command))
        await ask(connection, [written])
        if b"PUBLISH" in written or b"SUBSCRIBE" in written:
            asyncio.get_running_loop().call_soon(cancel_after, turns)

    def cancel_after(turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(cancel_after, turns - 1)
        elif not asked.is_set():
            asked.set()
            task.cancel()

    monkeypatch.setattr(AbstractConnection, "_send_packed_command", note)
    bell = Bell(redis_url(), Ears().kick)
    task = asyncio.create_task(getattr(bell, method)())
    await bell.ring()
    _, late = await asyncio.wait({task}, timeout=30)
    await _end([task], bell)
    await bell.close()
    assert not late
    assert asked.is_set()


async def _end(tasks: list[asyncio.Task[None]], *bells: Bell) -> None:
    for bell in bells:
        bell.request_stop()
    _, late = await asyncio.wait(tasks, timeout=60)
    assert not late
