"""The limits of a bot, in virtual time."""

import asyncio
from itertools import pairwise

import pytest
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditMessageText,
    GetUpdates,
    SendChatAction,
    SendMessage,
    SendPhoto,
)

from bot.telegram import NotSent, Pace
from tests.bots.virtual_time import now, run_virtually

HOUR = 3600.0


def message(chat: int) -> SendMessage:
    return SendMessage(chat_id=chat, text="x")


async def times_of(pace: Pace, methods: list) -> list[float]:
    """When each call gets its turn, all asking at once."""

    async def one(method) -> float:
        await pace.turn(method, now() + HOUR)
        return now()

    return sorted(await asyncio.gather(*(one(method) for method in methods)))


def test_a_bot_sends_at_most_30_messages_in_any_second() -> None:
    times = run_virtually(times_of(Pace(), [message(chat) for chat in range(300)]))
    assert max(sum(start <= at < start + 1 for at in times) for start in times) <= 30
    assert times[-1] < 300 / 25, "the limit is not much lower than it has to be"


def test_edits_count_for_the_bot_but_not_for_the_chat() -> None:
    edits = [EditMessageText(chat_id=1, message_id=1, text=str(n)) for n in range(60)]
    times = run_virtually(times_of(Pace(), edits))
    assert 1.5 < times[-1] < 60 / 25


def test_a_chat_gets_a_message_a_second() -> None:
    kinds = [message(7), SendPhoto(chat_id=7, photo="id")] * 5
    times = run_virtually(times_of(Pace(), kinds))
    assert times[0] < 0.2
    assert all(b - a >= 0.999 for a, b in pairwise(times))
    assert times[-1] < 9.5


def test_a_chat_may_be_given_a_small_burst() -> None:
    times = run_virtually(times_of(Pace(chat_burst=4), [message(7)] * 10))
    assert times[3] < 0.2
    assert [round(b - a) for a, b in pairwise(times[3:])] == [1] * 6


def test_a_busy_chat_holds_up_no_other() -> None:
    async def both() -> float:
        pace = Pace()
        busy = asyncio.gather(*(pace.turn(message(1), now() + HOUR) for _ in range(20)))
        await asyncio.sleep(0.5)
        began = now()
        await pace.turn(message(2), now() + HOUR)
        waited = now() - began
        await busy
        return waited

    assert run_virtually(both()) < 0.1


def test_what_is_no_message_never_waits() -> None:
    async def during_a_pause() -> float:
        pace = Pace()
        pace.pause(100)
        for method in (
            AnswerCallbackQuery(callback_query_id="1"),
            SendChatAction(chat_id=1, action="typing"),
            DeleteMessage(chat_id=1, message_id=1),
            GetUpdates(),
        ):
            for _ in range(50):
                await pace.turn(method, now() + 1)
        return now()

    assert run_virtually(during_a_pause()) < 0.01


def test_a_pause_holds_messages_and_edits_and_is_never_shortened() -> None:
    async def paused() -> list[float]:
        pace = Pace()
        pace.pause(10)
        pace.pause(2)
        return await times_of(pace, [message(1), EditMessageText(chat_id=1, message_id=1, text="x")])

    times = run_virtually(paused())
    assert 10 <= times[0] <= times[1] < 10.2


def test_a_pause_that_begins_while_others_wait_holds_them_too() -> None:
    async def late() -> list[float]:
        pace = Pace()
        asyncio.get_running_loop().call_later(1.0, pace.pause, 5)
        return await times_of(pace, [message(chat) for chat in range(60)])

    times = run_virtually(late())
    assert not [at for at in times if 1.0 < at < 6.0]
    after = [at for at in times if at >= 6.0]
    assert after
    assert sum(at < 7.0 for at in after) <= 30


def test_a_pause_has_a_bound() -> None:
    async def absurd() -> float:
        pace = Pace(longest_pause_s=60)
        pace.pause(10**9)
        await pace.turn(message(1), now() + HOUR)
        return now()

    assert 60 <= run_virtually(absurd()) < 60.1


def test_a_vain_wait_is_refused_at_once() -> None:
    async def refused() -> tuple[float, float | None]:
        pace = Pace()
        pace.pause(100)
        with pytest.raises(NotSent) as caught:
            await pace.turn(message(1), now() + 40)
        return now(), caught.value.retry_after

    at, retry_after = run_virtually(refused())
    assert at < 0.01
    assert retry_after == pytest.approx(100, abs=0.1)


def test_a_turn_that_does_not_come_in_time_is_not_sent() -> None:
    async def crowded() -> list[object]:
        pace = Pace()
        return await asyncio.gather(
            *(pace.turn(message(1), now() + 3.5) for _ in range(10)), return_exceptions=True
        )

    ends = run_virtually(crowded())
    assert [type(end) for end in ends].count(NotSent) == 6
    assert ends.count(None) == 1 + 3


def test_memory_for_chats_is_bounded() -> None:
    async def many() -> Pace:
        pace = Pace(chats=50)
        for chat in range(1000):
            await pace.turn(message(chat), now() + HOUR)
        return pace

    assert run_virtually(many()).remembered_chats == 50


def test_the_chats_used_last_are_remembered() -> None:
    async def one_of_many() -> float:
        pace = Pace(chats=50)
        for other in range(100, 200):
            await pace.turn(message(1), now() + HOUR)
            await pace.turn(message(other), now() + HOUR)
        return now()

    assert run_virtually(one_of_many()) > 95, "chat 1 was never forgotten, so it got a message a second"


def test_a_burst_must_fit_the_rate() -> None:
    with pytest.raises(ValueError, match="burst"):
        Pace(per_second=3, burst=3)
