"""Questions asked together: each gets its own answer, and none waits for one that hangs."""

import asyncio
from collections.abc import Sequence

import pytest

from core.batches import MOST, Batches


class Asked:
    """Answers with the item doubled, once it is let; notes what was asked together."""

    def __init__(self) -> None:
        self.together: list[list[int]] = []
        self.let = asyncio.Event()

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.together.append(list(items))
        await self.let.wait()
        return [2 * item for item in items]


async def test_each_gets_its_answer_in_few_questions() -> None:
    asked = Asked()
    batches = Batches(asked)
    first = asyncio.create_task(batches(0))
    while not asked.together:
        await asyncio.sleep(0)
    others = [asyncio.create_task(batches(item)) for item in range(1, 21)]
    asked.let.set()
    assert await asyncio.gather(first, *others) == [2 * item for item in range(21)]
    assert asked.together[0] == [0]
    assert [item for each in asked.together for item in each] == list(range(21))
    assert all(len(each) <= MOST for each in asked.together)
    assert len(asked.together) == 3


async def test_a_question_that_hangs_is_not_waited_for() -> None:
    hanging, asked = asyncio.Event(), []

    async def ask(items: Sequence[int]) -> Sequence[int]:
        asked.append(items)
        if 0 in items:
            await hanging.wait()
        return items

    batches = Batches(ask)
    first = asyncio.create_task(batches(0))
    while not asked:
        await asyncio.sleep(0)
    async with asyncio.timeout(60):
        assert await batches(1) == 1
    assert not first.done()
    hanging.set()
    assert await first == 0


async def test_who_gives_up_takes_nobody_along() -> None:
    asked = Asked()
    batches = Batches(asked)
    tasks = [asyncio.create_task(batches(item)) for item in range(4)]
    await asyncio.sleep(0)
    for task in tasks[:2]:
        task.cancel()
    asked.let.set()
    assert await asyncio.gather(*tasks[2:]) == [4, 6]
    assert all(task.cancelled() for task in tasks[:2])


async def test_an_error_is_told_to_all_who_asked_together_and_to_no_other() -> None:
    async def ask(items: Sequence[int]) -> Sequence[int]:
        if 1 in items:
            raise ConnectionResetError("away")
        return items

    batches = Batches(ask)
    failed = await asyncio.gather(*(batches(item) for item in (1, 2)), return_exceptions=True)
    assert [type(each) for each in failed] == [ConnectionResetError] * 2
    with pytest.raises(ConnectionResetError):
        await batches(1)
    assert await batches(3) == 3
