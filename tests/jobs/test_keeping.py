"""Periodic work and jobs get done: in one process, by Redis, and when Redis is gone."""

import asyncio
from collections.abc import Iterable

import pytest
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection

from bot.jobs import queue as queues
from bot.jobs.beats import give_beats
from bot.jobs.queue import LOOK, STREAM, build_queue
from core.deps import Deps
from core.job_kinds import Work
from tests.conftest import ManualClock
from tests.core.kit import one
from tests.jobs.kit import NOWHERE, WAIT_S, Worker, at_work, until, worker
from tests.servers import redis_url


@pytest.fixture
def database_kind() -> str:
    """Where the kind of database matters, the core's own tests ask for both."""
    return "sqlite"


@pytest.fixture(autouse=True)
def patient_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stop cuts off what is only slow because the machine is busy."""
    monkeypatch.setattr("bot.jobs.keeping.DRAIN_S", 120.0)


async def start(by: Worker, count: int = 3, key: str = "k") -> int:
    return await by.core.jobs.start("count", {"count": count}, key=key)


async def is_done(by: Worker, job: int) -> bool:
    return await stands(by, job) == ("done", None)


async def stands(by: Worker, job: int) -> tuple[str, str | None]:
    """The job's state, and the error of its last try."""
    found = await by.core.jobs.look(job)
    return found.state, found.error


async def test_one_process_does_all_by_itself(store: str, deps: Deps, clock: ManualClock) -> None:
    alone = worker(deps, None)
    job = await start(alone)
    async with at_work(alone):
        await until(lambda: len(alone.ticks) == 1)
        await until(lambda: is_done(alone, job))
        clock.forward(minutes=3)
        await until(lambda: len(alone.ticks) == 2)
    assert await one("SELECT count(*) FROM tick") == 2


@pytest.mark.parametrize("database_kind", ["postgres"])
async def test_calls_go_to_one_of_several_workers(store: str, deps: Deps, clock: ManualClock) -> None:
    workers = [worker(deps, redis_url()) for _ in range(3)]
    stopping = asyncio.Event()
    clocks = build_queue(redis_url())
    async with Redis.from_url(redis_url()) as redis, at_work(*workers), asyncio.TaskGroup() as tasks:
        await redis.flushall()
        tasks.create_task(give_beats(clocks, stopping))
        try:
            for minutes in range(1, 4):
                await until(lambda expected=minutes: sum(len(each.ticks) for each in workers) >= expected)
                clock.forward(minutes=1)
                if minutes == 2:  # whatever was on its way is lost, and the readers' group with it
                    await redis.flushall()
            job = await start(workers[0], 5)
            await until(lambda: is_done(workers[0], job))
            seen = [key async for key in redis.scan_iter()]
            await until(lambda: sum(len(each.ticks) for each in workers) >= 4)
        finally:
            stopping.set()
    await clocks.shutdown()
    assert sum(len(each.ticks) for each in workers) == 4
    assert sum(each.steps for each in workers) == 5
    assert await one("SELECT count(*) FROM tick WHERE tries = 1") == 4
    assert STREAM.encode() in seen


async def test_without_its_redis_a_worker_looks_by_itself(
    store: str, deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "PAUSE_S", 0.05)
    lonely = worker(deps, NOWHERE, poll_s=0.2)
    job = await start(lonely)
    async with at_work(lonely):
        await until(lambda: len(lonely.ticks) == 1)
        await until(lambda: is_done(lonely, job))


async def test_the_bell_makes_a_job_begin(store: str, deps: Deps) -> None:
    sleepy = worker(deps, NOWHERE)
    job = await start(sleepy)
    async with at_work(sleepy):
        await sleepy.keeper.kick()
        await until(lambda: is_done(sleepy, job))
    assert sleepy.ticks == []


async def test_a_stop_hands_the_job_over_after_the_step_in_work(store: str, deps: Deps) -> None:
    first, second = worker(deps, NOWHERE), worker(deps, NOWHERE)
    job = await start(first, 3)

    async def stop(work: Work) -> None:
        first.keeper.request_stop()

    first.at_step = stop
    async with at_work(first):
        await first.keeper.kick()
        await until(lambda: first.steps == 1)
    found = await first.core.jobs.look(job)
    assert (found.state, found.done, first.steps) == ("queued", 1, 1)
    async with at_work(second):
        await second.keeper.kick()
        await until(lambda: is_done(second, job))
    assert second.steps == 2


async def test_what_takes_too_long_at_a_stop_is_cut_off_and_handed_over(
    store: str, deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.keeping.DRAIN_S", 0.1)
    slow = worker(deps, NOWHERE)
    begun = asyncio.Event()

    async def dawdle(work: Work) -> None:
        begun.set()
        await asyncio.sleep(3600)

    slow.at_step = dawdle
    job = await start(slow)
    async with at_work(slow):
        await slow.keeper.kick()
        async with asyncio.timeout(WAIT_S):
            await begun.wait()

    async def is_handed_over() -> bool:
        return await stands(slow, job) == ("queued", None)

    await until(is_handed_over)
    assert (await slow.core.jobs.look(job)).done == 0


async def test_errors_end_neither_the_worker_nor_the_clock(
    store: str, deps: Deps, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    clumsy = worker(deps, None, poll_s=0.2)

    async def fall(work: Work) -> None:
        raise ValueError("+79161234567")

    clumsy.at_step = fall
    job = await start(clumsy)

    async def has_failed() -> bool:
        return await stands(clumsy, job) == ("queued", "ValueError")

    async with at_work(clumsy):
        await until(has_failed)
        await until(lambda: len(clumsy.ticks) == 1)
        clumsy.at_step = None
        clock.forward(minutes=1)
        await until(lambda: is_done(clumsy, job))
        await until(lambda: len(clumsy.ticks) == 2)
    said = "".join(capsys.readouterr())
    assert "ValueError" in said
    assert "7916" not in said


@pytest.mark.parametrize("turns", range(8))
async def test_a_stop_that_meets_the_client_while_it_asks_is_heard(
    turns: int, monkeypatch: pytest.MonkeyPatch, store: str, deps: Deps
) -> None:
    """At one of these turns of the loop the client swallows that it is cancelled."""
    asked = 0
    listener = worker(deps, redis_url())
    ask = AbstractConnection._send_packed_command

    async def stop_at_the_second(connection: AbstractConnection, command: Iterable[bytes]) -> None:
        nonlocal asked
        written = b"".join(map(bytes, command))
        await ask(connection, [written])
        asked += b"XREADGROUP" in written
        if asked == 2:
            listener.keeper.request_stop()
            for _ in range(turns):
                await asyncio.sleep(0)

    monkeypatch.setattr(AbstractConnection, "_send_packed_command", stop_at_the_second)
    running = asyncio.create_task(listener.keeper.run())
    async with asyncio.timeout(WAIT_S):
        await asyncio.wait({running})
    await running
    assert asked == 2


async def test_a_clock_that_is_cancelled_leaves_nothing_behind() -> None:
    async def look() -> None:
        return

    queue = build_queue(None)
    queue.register_task(look, task_name=LOOK)
    before = asyncio.all_tasks()
    beating = asyncio.create_task(give_beats(queue, asyncio.Event()))
    await asyncio.sleep(0.05)
    beating.cancel()
    await asyncio.wait({beating})
    assert beating.cancelled()
    if left := asyncio.all_tasks() - before:  # a beat may be on its way
        _, left = await asyncio.wait(left, timeout=10)
    assert not left
