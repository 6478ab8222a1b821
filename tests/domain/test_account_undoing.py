"""Undoing on lots that expired or were moved to another customer, and giving up all that is left."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.account import UNWRITTEN, Account
from core.domain.lots import EntryKind, Lot

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
GRACE = timedelta(days=14)


def lot(number: int, left: int, *, granted: int = 10, expires: datetime | None = None, swept: int = 0) -> Lot:
    """A lot; ``swept`` is what an entry of expiry took from it."""
    made = Lot(number, granted, left, NOW - 9 * DAY, expires, NOW - 9 * DAY)
    made.written_off = {33: swept} if swept else {}
    return made


def account(*lots: Lot, **more: dict[int, int] | dict[int, datetime | None]) -> Account:
    return Account(7, 0, list(lots), **more)


def left(of: Account) -> dict[int | None, int]:
    return {each.id: each.remaining for each in of.lots}


def test_from_a_new_lot_nothing_was_written_off() -> None:
    found = account()
    found.grant(EntryKind.GIFT, 10, key="g", now=NOW, activates_at=NOW, expires_at=None)
    assert found.lots[0].written_off == {}


def test_an_expiry_that_was_written_is_put_back_and_taken_in_the_other_way() -> None:
    found = account(lot(1, 0, expires=NOW, swept=6), lot(2, 10))  # 4 of its 10 were spent
    found.take_back(10, key="u", own_lot_id=1, now=NOW, reason="undone")
    put_back, taken = found.postings
    assert (put_back.kind, put_back.points, put_back.reason) == (EntryKind.REVERSAL, 6, UNWRITTEN)
    assert (put_back.key, put_back.reverses_id) == ("u:expiry:33", 33)
    assert [(draw.lot.id, draw.points) for draw in put_back.draws] == [(1, -6)]
    assert [(draw.lot.id, draw.points) for draw in taken.draws] == [(1, 6), (2, 4)]
    assert (left(found), found.lots[0].written_off, found.debt) == ({1: 0, 2: 6}, {33: 0}, 0)


def test_of_a_written_expiry_no_more_is_put_back_than_is_taken() -> None:
    found = account(lot(1, 2, expires=NOW, swept=5))
    found.take_back(4, key="u", own_lot_id=1, now=NOW, reason="undone")
    assert (found.postings[0].points, found.lots[0].written_off, left(found)) == (2, {33: 3}, {1: 0})


def test_the_last_hundredth_of_a_written_expiry_is_put_back() -> None:
    found = account(lot(1, 0, expires=NOW, swept=1))
    found.take_back(1, key="u", own_lot_id=1, now=NOW, reason="undone")
    assert (len(found.postings), found.debt) == (2, 0)


@pytest.mark.parametrize(
    ("own", "points"),
    [
        (lot(1, 5, expires=NOW, swept=5), 5),  # what is left in it is enough
        (lot(1, 5, expires=NOW, swept=5), 4),
        (lot(1, 5, expires=NOW), 10),  # it expired, and that isn't written yet
    ],
)
def test_an_expiry_stands_where_nothing_of_it_is_needed(own: Lot, points: int) -> None:
    swept = dict(own.written_off)
    found = account(own)
    found.take_back(points, key="u", own_lot_id=1, now=NOW, reason="undone")
    assert [posting.key for posting in found.postings] == ["u"]
    assert own.written_off == swept
    assert found.debt == max(0, points - 5)


def test_what_expired_before_a_grace_is_taken_first_and_not_twice() -> None:
    own = lot(1, 60, granted=100, expires=NOW + DAY)  # 60 were spent and given back after the rest had expired
    own.written_off = {33: 25, 34: 15}
    found = account(own, lot(2, 10))
    found.take_back(30, key="u", own_lot_id=1, now=NOW, reason="undone")
    assert [(posting.key, posting.points, posting.reverses_id) for posting in found.postings] == [
        ("u:expiry:33", 25, 33),
        ("u:expiry:34", 5, 34),
        ("u", -30, None),
    ]
    assert (left(found), own.written_off) == ({1: 60, 2: 10}, {33: 0, 34: 10})
    found.take_back(70, key="v", own_lot_id=1, now=NOW, reason="undone")
    assert (left(found), found.debt) == ({1: 0, 2: 10}, 0)


def test_what_was_earned_is_taken_from_the_lot_that_followed_its_own() -> None:
    found = account(lot(8, 10), lot(9, 10), followers={1: [7, 9]})
    found.take_back(10, key="u", own_lot_id=1, now=NOW, reason="undone")
    assert left(found) == {8: 10, 9: 0}


def test_without_a_lot_of_its_own_what_is_taken_comes_from_all_in_their_order() -> None:
    found = account(lot(8, 10, expires=NOW + DAY), lot(9, 10), followers={1: [9]})
    found.take_back(10, key="u", own_lot_id=None, now=NOW, reason="undone")
    assert left(found) == {8: 0, 9: 10}


@pytest.mark.parametrize(
    ("ends", "expires"),
    [
        ({1: NOW + DAY, 2: NOW + 3 * DAY}, NOW + 3 * DAY),
        ({1: NOW + 3 * DAY, 2: NOW - DAY}, NOW + 3 * DAY),
        ({1: NOW + DAY, 2: None}, None),
        ({1: None, 2: None}, None),
        ({1: NOW - DAY, 2: NOW}, NOW + GRACE),
        ({1: NOW - DAY, 2: NOW + timedelta(microseconds=1)}, NOW + timedelta(microseconds=1)),
    ],
)
def test_what_came_from_lots_that_were_moved_lives_as_long_as_the_longest_of_them(
    ends: dict[int, datetime | None], expires: datetime | None
) -> None:
    found = account(lot(3, 10), moved=ends)
    posting = found.give_back(
        [(1, 4), (2, 5)], key="u", now=NOW, grace=GRACE, reason="undone", purchase_id=6, reverses_id=12
    )
    assert (posting.kind, posting.points, posting.key) == (EntryKind.REVERSAL, 9, "u")
    assert (posting.reason, posting.purchase_id, posting.reverses_id) == ("undone", 6, 12)
    anew = found.lots[-1]
    assert (anew.remaining, anew.activates_at, anew.expires_at) == (9, NOW, expires)
    assert found.active(NOW) == 19


def test_all_that_could_be_spent_now_or_later_is_given_up() -> None:
    waiting, gone = lot(3, 4), lot(4, 5, expires=NOW)
    waiting.activates_at = NOW + DAY
    found = account(lot(1, 10), lot(2, 0), waiting, gone)
    posting = found.forfeit(key="f", now=NOW, reason="erased")
    assert posting is not None
    assert (posting.kind, posting.points, posting.reason) == (EntryKind.ADJUSTMENT, -14, "erased")
    assert sorted((draw.lot.id, draw.points) for draw in posting.draws) == [(1, 10), (3, 4)]
    assert left(found) == {1: 0, 2: 0, 3: 0, 4: 5}


def test_where_nothing_is_left_nothing_is_given_up() -> None:
    found = account(lot(1, 0), lot(2, 5, expires=NOW))
    assert found.forfeit(key="f", now=NOW, reason="erased") is None
    assert not found.postings


def test_what_expired_in_a_lot_is_told_whether_it_was_written_or_not() -> None:
    found = account(
        lot(1, 3, expires=NOW, swept=4),
        lot(2, 5, expires=NOW),
        lot(3, 10),
        lot(4, 10, expires=NOW),
        lot(5, 3, expires=NOW + DAY, swept=2),
    )
    assert [found.expired_in(each, NOW) for each in (1, 2, 3, 5)] == [7, 5, 0, 2]
    assert found.expired_in(2, NOW - timedelta(microseconds=1)) == 0
    assert found.expired_in(77, NOW) == 0
