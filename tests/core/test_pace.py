"""A bot's turns over all processes: never more than so many in any second, and a pause that all keep."""

import asyncio
import time

from core.store import pace
from core.store.sql import fetch

LIMIT = {"every_ms": 40, "burst": 3}
FAR = 10**6


async def test_many_who_ask_at_once_stay_within_the_limit(store: str) -> None:
    began = time.monotonic()
    turns = await asyncio.gather(*(pace.take_turn("staff", **LIMIT, within_ms=FAR) for _ in range(60)))
    assert all(is_ours for _, is_ours in turns)
    # The clock runs on while they ask: what is exact is how far the last turn is from the first one.
    wait, _ = await pace.take_turn("staff", **LIMIT, within_ms=FAR)
    spent = 61 * 40 - 2 * 40 - wait
    assert 0 <= spent <= (time.monotonic() - began) * 1000 + 100, "no turn was given twice"
    assert (await pace.take_turn("customer", **LIMIT, within_ms=0)) == (0, True), "another bot's turn is its own"


async def test_a_turn_that_is_too_far_is_not_taken(store: str) -> None:
    await pace.pause("staff", **LIMIT, pause_ms=600_000)
    for _ in range(3):
        wait, is_ours = await pace.take_turn("staff", **LIMIT, within_ms=1000)
        assert not is_ours
        assert 300_000 < wait <= 600_000
    await pace.pause("staff", **LIMIT, pause_ms=10)
    wait, is_ours = await pace.take_turn("staff", **LIMIT, within_ms=FAR)
    assert is_ours
    assert 300_000 < wait <= 600_000 + 40, "a pause is never shortened"
    assert (await pace.take_turn("customer", **LIMIT, within_ms=0))[1]


async def test_turns_of_chats_are_forgotten_and_those_of_bots_are_not(store: str) -> None:
    for whose in ("staff", "staff:7"):
        await pace.take_turn(whose, **LIMIT, within_ms=0)
    assert await pace.forget() == 0
    await fetch("UPDATE bot_pace SET next_at = 1")
    assert await pace.forget() == 1
    assert [row["bot"] for row in await fetch("SELECT bot FROM bot_pace")] == ["staff"]
