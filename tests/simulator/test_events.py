"""Waiting for what happens in the world."""

import asyncio

import pytest

from simulator.events import Bell


@pytest.mark.parametrize("turns", range(6))
async def test_who_is_cancelled_just_after_a_ring_ends(turns: int) -> None:
    bell = Bell()

    async def wait_for_ever() -> None:
        while True:
            await bell.wait_for(lambda: False, 60)

    waiting = asyncio.create_task(wait_for_ever())
    await asyncio.sleep(0.01)
    bell.ring()
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    done, late = await asyncio.wait({waiting}, timeout=30)
    for task in late:
        task.cancel()
    assert done
