"""A stop is heard at whatever moment it comes, also by work that insists."""

import asyncio

import pytest

from bot import ending
from bot.ending import end
from bot.signals import or_stop

WAIT_S = 60


@pytest.fixture(autouse=True)
def _ask_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "_AGAIN_S", 0.01)


async def insist_through(errors: list[OSError]) -> None:
    """Insist as what is done at the start does; each time it is cancelled one of these is raised instead."""
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            if not errors:
                raise
            errors.pop()  # what is raised instead is waited out, as any error of a database that is away


@pytest.mark.parametrize("failures", [0, 1, 3])
async def test_who_takes_a_stop_for_a_failure_is_asked_again(failures: int) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, stopping.set)
    async with asyncio.timeout(WAIT_S):
        assert await or_stop(stopping, insist_through([ConnectionResetError()] * failures))


async def test_all_tasks_end() -> None:
    tasks = [asyncio.create_task(insist_through([ConnectionResetError()] * failures)) for failures in range(3)]
    await asyncio.sleep(0)
    async with asyncio.timeout(WAIT_S):
        await end(*tasks)
    assert all(task.cancelled() for task in tasks)
    await end(*tasks)


async def test_a_stop_that_comes_as_the_work_is_done_is_not_forgotten() -> None:
    stopping = asyncio.Event()

    async def work() -> None:
        stopping.set()

    assert await or_stop(stopping, work())
    assert not await or_stop(asyncio.Event(), asyncio.sleep(0))


async def test_what_the_work_raises_is_raised() -> None:
    async def work() -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        await or_stop(asyncio.Event(), work())
