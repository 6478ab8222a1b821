"""One update of a dialogue at a time, over several processes too."""

import asyncio
from contextlib import asynccontextmanager

import asyncpg
import pytest
from aiogram import Dispatcher
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, Update

from bot.build import build_bots
from bot.dialogues import DialogueStorage
from bot.intake import Intake
from bot.turns import Turns
from core.store import updates
from core.store.transactions import StoreUnavailable
from core.store.turns import SharedTurns
from simulator import Simulator
from tests.conftest import ManualClock
from tests.web.kit import message, settings_for


class Watch:
    """Notices two that have their turn at the same time."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.order: list[int] = []

    @asynccontextmanager
    async def look(self, number: int):
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.order.append(number)
        try:
            yield
        finally:
            self.inside -= 1


async def take_turn(turns: Turns, key: str, watch: Watch, number: int) -> None:
    async with turns.of(key), watch.look(number):
        for _ in range(3):
            await asyncio.sleep(0)


async def test_in_a_process_turns_come_in_order_and_nothing_is_remembered() -> None:
    turns, watch = Turns(), Watch()
    await asyncio.gather(*(take_turn(turns, "1", watch, number) for number in range(50)))
    assert (watch.most, watch.order) == (1, list(range(50)))
    assert not turns._queues


async def test_different_dialogues_do_not_wait_for_each_other() -> None:
    turns, both = Turns(), asyncio.Barrier(2)

    async def meet(key: str) -> None:
        async with turns.of(key):
            await both.wait()

    async with asyncio.timeout(60):
        await asyncio.gather(meet("1"), meet("2"))


@pytest.mark.parametrize("database_kind", ["postgres"])
class TestOverProcesses:
    """Two of SharedTurns are two processes: each has its own connection to the server."""

    async def test_one_at_a_time(self, store: str) -> None:
        processes, watch = [Turns(SharedTurns()) for _ in range(3)], Watch()
        await asyncio.gather(*(take_turn(processes[n % 3], "1", watch, n) for n in range(60)))
        assert (watch.most, sorted(watch.order)) == (1, list(range(60)))
        for each in processes:
            await each.close()

    async def test_a_lost_connection_frees_its_turns_and_is_made_anew(self, store: str) -> None:
        one, other = Turns(SharedTurns()), Turns(SharedTurns())
        async with one.of("1"):
            await _end_other_connections(store)
            async with asyncio.timeout(60):
                async with other.of("1"):
                    pass
        async with one.of("1"):
            waiting = asyncio.create_task(take_turn(other, "1", watch := Watch(), 1))
            done, _ = await asyncio.wait({waiting}, timeout=0.3)
            assert not done
        await waiting
        assert watch.order == [1]
        await one.close()
        await other.close()

    async def test_who_gives_up_waiting_leaves_nothing_behind(self, store: str) -> None:
        one, other = Turns(SharedTurns()), Turns(SharedTurns())
        async with one.of("1"):
            for delay in range(20):
                waiting = asyncio.create_task(take_turn(other, "1", Watch(), 0))
                await asyncio.wait({waiting}, timeout=delay / 1000)
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(60):
            async with one.of("1"):
                pass
            async with other.of("1"):
                pass
        await one.close()
        await other.close()

    async def test_closing_gives_the_connection_back(self, store: str) -> None:
        for _ in range(30):  # more often than the pool has connections
            turns = Turns(SharedTurns())
            async with turns.of("1"):
                pass
            await turns.close()

    async def test_who_waits_hears_of_a_connection_that_is_lost_for_good(
        self, store: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def breaks(*_: object, **__: object) -> None:
            raise ConnectionResetError

        turns = Turns(SharedTurns())
        async with turns.of("1"):
            pass
        with monkeypatch.context() as broken:
            broken.setattr(asyncpg.pool.PoolConnectionProxy, "fetch", breaks)
            broken.setattr(asyncpg.Pool, "release", breaks)
            waiting = asyncio.create_task(take_turn(turns, "2", Watch(), 0))
            _, late = await asyncio.wait({waiting}, timeout=30)
            for task in late:
                task.cancel()
            assert not late
        with pytest.raises(StoreUnavailable):
            await waiting
        async with asyncio.timeout(60):
            await take_turn(turns, "2", Watch(), 0)
        await turns.close()

    async def test_no_answer_of_a_dialogue_is_lost(
        self, store: str, simulator: Simulator, clock: ManualClock
    ) -> None:
        """Two processes get presses of one person at once; each handler reads the dialogue, waits, and writes."""
        bot = build_bots(settings_for(simulator, store))["customer"]
        intakes = [Intake(bot, _counting(clock), clock, turns=Turns(SharedTurns())) for _ in range(2)]
        posted = [Update.model_validate(message(number), context={"bot": bot}) for number in range(1, 21)]
        await asyncio.gather(*(intakes[one.update_id % 2].handle(one) for one in posted))
        for intake in intakes:
            await intake._turns.close()
        _, data = await updates.dialogue(f"{bot.id}:1:1")
        assert data == {"count": 20}


def _counting(clock: ManualClock) -> Dispatcher:
    dispatcher = Dispatcher(storage=DialogueStorage(clock))

    @dispatcher.message()
    async def count(event: Message, state: FSMContext) -> None:
        seen = (await state.get_data()).get("count", 0)
        await asyncio.sleep(0.005)
        await state.set_data({"count": seen + 1})

    return dispatcher


async def _end_other_connections(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    finally:
        await connection.close()
