"""Updates whose handling fails: tried again, parked, told."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import structlog
from aiogram.exceptions import TelegramForbiddenError
from aiogram.methods import SendMessage
from aiogram.types import Update

from bot.polling import Verdict, judge
from bot.telegram import OutcomeUnknown
from bot.telegram.backoff import Backoff
from tests.bots.polling_kit import ACCOUNT, SECRET, Passed, Rig, events, new_rig
from tests.bots.telegram_stub import until


class BrokenCode(Exception):
    pass


class DatabaseAway(Exception):
    pass


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with new_rig(people=5) as one:
        yield one


def failing(exc: Exception, times: int | None = None, text: str = "bad", clock: Passed | None = None) -> object:
    """A handler's work that fails on one text, so many times or always; on the `clock` it takes a second."""
    left = [times]

    async def work(update: Update) -> None:
        if update.message.text != text or left[0] == 0:
            return
        if left[0] is not None:
            left[0] -= 1
        if clock is not None:
            clock.s += 1.0
        raise exc

    return work


async def test_poison_is_parked_after_three_tries_and_confirmed(rig: Rig) -> None:
    rig.work = failing(BrokenCode(f"what a person wrote, and {ACCOUNT.token}"))
    bad = rig.say(1, "bad")
    rig.say(1, "after it")
    with structlog.testing.capture_logs() as logs:
        async with rig.running() as poller:
            await rig.confirmed()
    assert rig.entered.count("bad") == 3
    assert rig.handled == ["after it"]
    assert poller.counts.parked == 1
    (bot_id, payload, error) = rig.inbox.parked[bad]
    assert bot_id == ACCOUNT.id
    assert json.loads(payload)["message"]["text"] == "bad"
    assert error.startswith("BrokenCode\n")
    assert error.endswith(" work")
    assert SECRET not in error
    assert "a person wrote" not in error
    assert events(logs, "error") == ["update_parked"]
    assert not [one for one in logs if "person wrote" in str(one) or SECRET in str(one)]


async def test_poison_that_heals_is_not_parked(rig: Rig) -> None:
    rig.work = failing(BrokenCode(), times=2)
    rig.say(1, "bad")
    async with rig.running():
        await rig.confirmed()
    assert rig.handled == ["bad"]
    assert rig.inbox.parked == {}


@pytest.mark.parametrize("exc", [ConnectionResetError(), TimeoutError()], ids=lambda exc: type(exc).__name__)
async def test_transient_trouble_is_waited_out_in_order(rig: Rig, exc: Exception) -> None:
    rig.work = failing(exc, times=8)
    rig.say(1, "bad")
    rig.say(1, "behind it")
    rig.say(2, "of another chat")
    async with rig.running():
        await rig.confirmed()
    assert rig.handled == ["of another chat", "bad", "behind it"]
    assert rig.inbox.parked == {}


async def test_retries_take_no_place_from_others(rig: Rig) -> None:
    rig.work = failing(OSError())
    rig.say(1, "bad")
    async with rig.running(concurrency=1):
        await until(lambda: rig.entered)
        for n in range(5):
            rig.say(2, f"other {n}")
        await until(lambda: len(rig.handled) == 5)
    assert len(rig.pending()) == 6, "nothing after the failing one is confirmed"


async def test_transient_trouble_without_end_is_parked(rig: Rig) -> None:
    rig.work = failing(OSError("away"), clock=(clock := Passed()))
    bad = rig.say(1, "bad")
    async with rig.running(hold_s=5.0, passed_s=clock):
        await rig.confirmed()
    assert list(rig.inbox.parked) == [bad]
    assert rig.entered.count("bad") == 5


async def test_while_the_database_is_away_nothing_is_parked(rig: Rig) -> None:
    rig.work = failing(DatabaseAway(), times=25, clock=(clock := Passed()))
    rig.say(1, "bad")
    verdict = lambda exc: Verdict.STORAGE if isinstance(exc, DatabaseAway) else judge(exc)  # noqa: E731
    async with rig.running(hold_s=5.0, passed_s=clock, judge=verdict):
        await rig.confirmed()
    assert rig.handled == ["bad"]
    assert rig.inbox.asked == 0


async def test_parking_is_repeated_until_it_succeeds(rig: Rig) -> None:
    rig.work = failing(BrokenCode())
    rig.inbox.failures = 5
    bad = rig.say(1, "bad")
    async with rig.running():
        await until(lambda: rig.inbox.asked >= 2)
        assert rig.pending() == [bad]
        await rig.confirmed()
    assert list(rig.inbox.parked) == [bad]
    assert rig.inbox.asked == 6
    assert rig.entered.count("bad") == 3


async def test_an_update_nobody_can_read_is_parked_alone(rig: Rig) -> None:
    rig.say(1, "before")
    strange = rig.sim.world.bots[ACCOUNT.id].updates.add("message", {"text": ["a person's words"]}, 1)
    rig.say(1, "after")
    with structlog.testing.capture_logs() as logs:
        async with rig.running():
            await rig.confirmed()
    assert sorted(rig.handled) == ["after", "before"]
    assert json.loads(rig.inbox.parked[strange.id][1])["message"]["text"] == ["a person's words"]
    assert "person's words" not in rig.inbox.parked[strange.id][2]
    assert "person's words" not in str(logs)


@pytest.mark.parametrize(
    "exc",
    [
        OutcomeUnknown("sendMessage", 2),
        TelegramForbiddenError(SendMessage(chat_id=1, text="x"), "Forbidden: bot was blocked by the user"),
    ],
    ids=["unknown", "blocked"],
)
async def test_an_answer_that_failed_for_good_is_not_repeated(rig: Rig, exc: Exception) -> None:
    rig.work = failing(exc)
    rig.say(1, "bad")
    async with rig.running():
        await rig.confirmed()
    assert rig.entered == ["bad"]
    assert rig.inbox.parked == {}


async def test_a_handler_that_hangs_is_cut_off_and_tried_again(rig: Rig) -> None:
    async def hang_once(_: Update) -> None:
        if len(rig.entered) == 1:
            await asyncio.sleep(3600)

    rig.work = hang_once
    rig.say(1, "x")
    async with rig.running(handle_s=0.1):
        await rig.confirmed()
    assert rig.entered == ["x", "x"]
    assert rig.handled == ["x"]


async def test_a_handler_that_cancels_itself_is_at_fault(rig: Rig) -> None:
    rig.work = failing(asyncio.CancelledError())  # type: ignore[arg-type]
    bad = rig.say(1, "bad")
    rig.say(1, "after")
    async with rig.running():
        await rig.confirmed()
    assert list(rig.inbox.parked) == [bad]
    assert rig.handled == ["after"]


async def test_the_person_is_told_when_it_lasts_and_when_it_is_over(rig: Rig) -> None:
    told: list[tuple[str, int, bool]] = []

    async def tell(update: Update, exc: BaseException, tries: int, final: bool) -> None:
        assert (update.update_id in rig.inbox.parked) is final
        told.append((type(exc).__name__, tries, final))

    rig.work = failing(OSError(), clock=(clock := Passed()))
    rig.say(1, "bad")
    async with rig.running(hold_s=4.0, tell_after_s=2.0, passed_s=clock, on_error=tell):
        await rig.confirmed()
    assert told == [("OSError", 2, False), ("OSError", 4, True)]


async def test_a_short_trouble_is_not_told(rig: Rig) -> None:
    told: list[object] = []

    async def tell(*what: object) -> None:
        told.append(what)

    rig.work = failing(OSError(), times=2, clock=(clock := Passed()))
    rig.say(1, "bad")
    async with rig.running(tell_after_s=3.0, passed_s=clock, on_error=tell):
        await rig.confirmed()
    assert told == []


async def test_failing_to_tell_changes_nothing(rig: Rig) -> None:
    async def tell(*_: object) -> None:
        raise BrokenCode

    rig.work = failing(BrokenCode())
    bad = rig.say(1, "bad")
    with structlog.testing.capture_logs() as logs:
        async with rig.running(on_error=tell):
            await rig.confirmed()
    assert list(rig.inbox.parked) == [bad]
    assert "person_not_told" in events(logs)


async def test_a_stop_does_not_wait_for_retries(rig: Rig) -> None:
    rig.work = failing(OSError())
    bad = rig.say(1, "bad")
    poller = rig.poller(retrying=Backoff(first_s=1000, cap_s=2000), drain_s=600)
    run = asyncio.create_task(poller.run())
    await until(lambda: rig.entered)
    async with asyncio.timeout(60):
        await poller.stop()
    await run
    assert rig.pending() == [bad]
    assert rig.inbox.parked == {}
