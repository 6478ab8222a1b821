"""What becomes of an update whose handling fails, by whose fault it is."""

import asyncio
from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import Update

from bot.polling import Patience, Received
from bot.telegram.backoff import Backoff
from bot.verdicts import judge
from bot.web.deliveries import Deliveries
from core.store.transactions import StoreUnavailable
from tests.bots.polling_kit import Passed
from tests.web.kit import message

NO_WAIT = Backoff(first_s=0.0, cap_s=0.0)


class Handling:
    """Raises what it is told, in order, then succeeds."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.calls = 0
        self.parked: list[str] = []
        self.told: list[bool] = []
        self.park_fails = 0

    async def handle(self, update: Update) -> None:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)

    async def park(self, bot_id: int, update_id: int, payload: str, error: str) -> None:
        if self.park_fails:
            self.park_fails -= 1
            raise ConnectionError("not now")
        self.parked.append(error)

    async def on_error(self, update: Update, error: BaseException, tries: int, final: bool) -> None:
        self.told.append(final)

    def deliveries(self, **patience: Any) -> Deliveries:
        waits = Patience(retrying=NO_WAIT, **patience)
        bot = Bot("1:token")
        return Deliveries(bot, self.handle, self, judge=judge, on_error=self.on_error, patience=waits)


UPDATE = Received(5, message(5))


@pytest.mark.parametrize("failure", [ConnectionResetError(), TimeoutError(), StoreUnavailable("x")])
async def test_a_passing_failure_asks_for_another_delivery(failure: Exception) -> None:
    handling = Handling(failure)
    deliveries = handling.deliveries()
    assert not await deliveries.take(UPDATE)
    assert await deliveries.take(UPDATE)
    assert (handling.calls, handling.parked, handling.told) == (2, [], [])


async def test_a_fault_of_the_code_is_tried_thrice_and_put_aside() -> None:
    handling = Handling(*[ValueError("what a person wrote")] * 9)
    assert await handling.deliveries().take(UPDATE)
    assert (handling.calls, len(handling.parked), handling.told) == (3, 1, [True])


async def test_a_fault_that_passes_is_forgotten() -> None:
    handling = Handling(ValueError(), ValueError())
    assert await handling.deliveries().take(UPDATE)
    assert (handling.calls, handling.parked) == (3, [])


async def test_what_cannot_be_put_aside_is_asked_for_again() -> None:
    handling = Handling(*[ValueError()] * 9)
    handling.park_fails = 1
    deliveries = handling.deliveries()
    assert not await deliveries.take(UPDATE)
    assert handling.told == []
    assert await deliveries.take(UPDATE)
    assert (len(handling.parked), handling.told) == (1, [True])


async def test_the_network_may_fail_for_a_while_and_the_database_for_ever() -> None:
    clock = Passed()
    failing = Handling(*[ConnectionResetError()] * 9)
    deliveries = failing.deliveries(hold_s=5.0, passed_s=clock)
    for clock.s in (1.0, 2.0, 5.9):
        assert not await deliveries.take(UPDATE)
    assert failing.parked == []
    clock.s = 6.0
    assert await deliveries.take(UPDATE)
    assert (len(failing.parked), failing.told) == (1, [True])

    storage = Handling(*[StoreUnavailable("x")] * 9)
    deliveries = storage.deliveries(hold_s=0.0, passed_s=clock)
    assert [await deliveries.take(UPDATE) for _ in range(5)] == [False] * 5
    assert storage.parked == []


async def test_a_handler_that_hangs_is_cut_off_and_asked_for_again() -> None:
    cut_off = []

    class Hanging(Handling):
        async def handle(self, update: Update) -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cut_off.append(update.update_id)
                raise

    assert not await Hanging().deliveries(handle_s=0.02).take(UPDATE)
    assert cut_off == [5]


async def test_a_person_is_told_once_that_it_takes_long() -> None:
    handling = Handling(*[StoreUnavailable("x")] * 3)
    passed = Passed()
    deliveries = handling.deliveries(tell_after_s=5.0, passed_s=passed)
    assert not await deliveries.take(UPDATE)
    assert handling.told == []
    passed.s += 5.0
    assert not await deliveries.take(UPDATE)
    assert not await deliveries.take(UPDATE)
    assert handling.told == [False]
    assert await deliveries.take(UPDATE)
    assert (handling.told, handling.parked) == ([False], [])
