"""Which offset is asked from: against a small model of the server's queue."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.polling.fetch import Received
from bot.polling.window import REMEMBERED, Window


def test_the_offset_is_the_lowest_unfinished_update() -> None:
    window = Window()
    assert window.ask() is None
    assert [window.admit(one) for one in (5, 6, 9)] == [True, True, True]
    window.finish(6)
    assert window.ask() == 5
    window.finish(5)
    assert window.ask() == 9
    window.finish(9)
    assert window.ask() == 10
    assert window.ask() == 10


def test_what_was_finished_while_the_answer_was_under_way_is_known() -> None:
    window = Window()
    window.admit(5)
    assert window.ask() == 5
    window.finish(5)
    assert not window.admit(5)
    assert window.ask() == 6
    assert not window.admit(5)


def test_numbering_that_starts_anew_is_followed() -> None:
    window = Window()
    window.admit(1_000_000)
    window.finish(1_000_000)
    window.ask()
    assert window.admit(70)
    window.finish(70)
    assert window.ask() == 71


def test_the_window_has_a_size() -> None:
    window = Window(size=3)
    assert [window.admit(one) for one in range(5)] == [True, True, True, False, False]
    window.finish(1)
    assert window.full
    window.finish(0)
    window.ask()
    assert not window.full
    assert window.admit(3)


def test_memory_is_bounded() -> None:
    window = Window()
    for one in range(REMEMBERED * 3):
        window.admit(one)
        window.finish(one)
        window.ask()
    assert len(window._past) <= REMEMBERED
    assert not window.admit(REMEMBERED * 3 - 1)


async def test_a_full_window_waits_for_its_lowest() -> None:
    window = Window(size=2)
    window.admit(1)
    window.admit(2)
    waiting = asyncio.create_task(window.settle(0.001))
    window.finish(2)
    await asyncio.sleep(0.02)
    assert not waiting.done()
    window.finish(1)
    await waiting


@given(st.data())
def test_no_update_is_confirmed_before_it_is_finished_and_none_is_worked_on_twice(data: st.DataObject) -> None:
    queue = sorted(data.draw(st.sets(st.integers(1, 60), min_size=1, max_size=40)))
    size = data.draw(st.integers(1, 12))
    window = Window(size=size)
    open_: set[int] = set()
    finished: list[int] = []
    forgotten = 0
    for _ in range(400):
        offset = window.ask()
        if offset is not None:
            assert all(one in finished for one in queue if one < offset)
            forgotten = max(forgotten, offset)
        answer = [one for one in queue if one >= forgotten][:size]
        # updates end while the answer is under way, too
        for one in data.draw(st.sets(st.sampled_from(sorted(open_)))) if open_ else ():
            open_.remove(one)
            finished.append(one)
            window.finish(one)
        for one in answer:
            if window.admit(one):
                assert one not in open_
                assert one not in finished
                open_.add(one)
        assert len(open_) <= size
        if len(finished) == len(queue):
            break
        for one in sorted(open_)[: data.draw(st.integers(0, 2))] or sorted(open_)[-1:]:
            open_.remove(one)
            finished.append(one)
            window.finish(one)
    assert sorted(finished) == queue


@pytest.mark.parametrize(
    ("raw", "lane"),
    [
        ({"update_id": 1, "message": {"chat": {"id": 5}, "from": {"id": 6}}}, "5"),
        ({"update_id": 1, "callback_query": {"from": {"id": 5}, "message": {"chat": {"id": 5}}}}, "5"),
        ({"update_id": 1, "callback_query": {"from": {"id": 5}}}, "5"),
        ({"update_id": 1, "callback_query": {"from": {"id": 5}, "message": None}}, "5"),
        ({"update_id": 1, "inline_query": {"from": {"id": 5}}}, "5"),
        ({"update_id": 1, "poll_answer": {"user": {"id": 5}}}, "5"),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": -5}, "from": {"id": 6}}}, "-5"),
        ({"update_id": 1, "poll": {"id": "9"}}, None),
        ({"update_id": 1, "message": "garbage"}, None),
        ({"update_id": 1}, None),
    ],
)
def test_an_update_belongs_to_its_chat_else_to_its_person(raw: dict, lane: str | None) -> None:
    assert Received(1, raw).lane == lane
