"""A connection to Redis that is cut while a command is on its way to it."""

import asyncio

import pytest
import uvloop

import bot.bell
from bot.bell import Bell
from bot.jobs.queue import PatientStreams
from bot.redis_troubles import TROUBLES, must_be_redis
from tests.servers import redis_url


async def _write_to_a_cut_connection() -> BaseException:
    """What uvloop says to it."""
    server = await asyncio.start_server(lambda _, writer: writer.transport.abort(), "127.0.0.1", 0)
    try:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        writer.transport.abort()
        await reader.read()
        with pytest.raises(RuntimeError) as found:
            writer.writelines([b"PING"])
        return found.value
    finally:
        server.close()


@pytest.fixture(scope="module")
def cut() -> BaseException:
    return uvloop.run(_write_to_a_cut_connection())


def test_a_cut_connection_is_a_trouble_and_a_bug_is_none(cut: BaseException) -> None:
    assert isinstance(cut, TROUBLES)
    must_be_redis(cut)
    must_be_redis(ConnectionResetError())
    with pytest.raises(RuntimeError, match="a bug"):
        must_be_redis(RuntimeError("a bug"))


async def test_the_bell_outlives_a_cut_connection(monkeypatch: pytest.MonkeyPatch, cut: BaseException) -> None:
    monkeypatch.setattr(bot.bell, "PAUSE_S", 0.01)
    answers: list[BaseException] = [cut, cut]
    rung = asyncio.Event()

    async def publish(*_: object) -> None:
        if answers:
            raise answers.pop()
        rung.set()

    async def nobody() -> None:
        pass

    bell = Bell(redis_url(), nobody)
    monkeypatch.setattr(bell._redis, "publish", publish)
    sending = asyncio.create_task(bell.send())
    async with asyncio.timeout(60):
        while not rung.is_set():
            await bell.ring()
            await asyncio.sleep(0.01)
    bell.request_stop()
    async with asyncio.timeout(60):
        await sending
    answers.append(RuntimeError("a bug"))
    bell._stopping.clear()
    await bell.ring()
    with pytest.raises(RuntimeError, match="a bug"):
        await bell.send()
    await bell.close()


async def test_the_queue_outlives_a_cut_connection(monkeypatch: pytest.MonkeyPatch, cut: BaseException) -> None:
    monkeypatch.setattr("bot.jobs.queue.PAUSE_S", 0.01)
    queue = PatientStreams(redis_url())
    answers: list[BaseException] = [RuntimeError("a bug"), cut]

    async def declare() -> None:
        raise answers.pop()

    monkeypatch.setattr(queue, "_declare_consumer_group", declare)
    with pytest.raises(RuntimeError, match="a bug"):
        async with asyncio.timeout(60):
            await anext(queue.listen())
    assert not answers
    await queue.shutdown()
