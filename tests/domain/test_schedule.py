"""When periodic work is due, where clocks change too."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.schedule import At, Every

BERLIN, MOSCOW = "Europe/Berlin", "Europe/Moscow"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "now", "due"),
    [
        (Every(600), "2026-03-02T09:09:59.9+00:00", "2026-03-02T09:00:00+00:00"),
        (Every(600), "2026-03-02T09:10:00+00:00", "2026-03-02T09:10:00+00:00"),
        (Every(7), "1970-01-01T00:00:15+00:00", "1970-01-01T00:00:14+00:00"),
        (At(10), "2026-03-02T10:00:00+03:00", "2026-03-02T10:00:00+03:00"),
        (At(10), "2026-03-02T09:59:59+03:00", "2026-03-01T10:00:00+03:00"),
        (At(0, 30), "2026-03-02T00:10:00+03:00", "2026-03-01T00:30:00+03:00"),
        (At(9, 15, weekday=0), "2026-03-08T23:00:00+03:00", "2026-03-02T09:15:00+03:00"),
        (At(9, 15, weekday=0), "2026-03-09T09:14:00+03:00", "2026-03-02T09:15:00+03:00"),
        (At(9, day=1), "2026-03-31T23:00:00+03:00", "2026-03-01T09:00:00+03:00"),
        (At(9, day=31), "2026-03-01T08:00:00+03:00", "2026-02-28T09:00:00+03:00"),
        (At(9, day=31), "2026-03-31T08:00:00+03:00", "2026-02-28T09:00:00+03:00"),
        (At(9, day=31), "2026-03-31T09:00:00+03:00", "2026-03-31T09:00:00+03:00"),
        (At(9, day=31), "2028-03-01T08:00:00+03:00", "2028-02-29T09:00:00+03:00"),
        (At(9, weekday=6), "2026-03-08T09:00:00+03:00", "2026-03-08T09:00:00+03:00"),
        (Every(1), "2026-03-02T09:09:59.9+00:00", "2026-03-02T09:09:59+00:00"),
    ],
)
def test_the_newest_due_moment(when: Every | At, now: str, due: str) -> None:
    assert when.last_due(utc(now), MOSCOW) == utc(due)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-29T12:00:00+02:00", "2026-03-29T02:30:00+01:00"),  # skipped: half past three by the new clocks
        ("2026-10-25T02:45:00+02:00", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:45:00+01:00", "2026-10-25T02:30:00+02:00"),  # shown twice: not again
    ],
)
def test_a_time_that_clocks_skip_or_show_twice(now: str, due: str) -> None:
    assert At(2, 30).last_due(utc(now), BERLIN) == utc(due)


def test_once_a_day_over_changes_of_clocks() -> None:
    # 02:30 is skipped on 29 March and shown twice on 25 October.
    now, until = utc("2026-01-01T00:00:00+00:00"), utc("2027-01-01T00:00:00+00:00")
    dues = set()
    while now < until:
        dues.add(At(2, 30).last_due(now, BERLIN))
        now += timedelta(minutes=30)
    assert len(dues) == 366  # the first is of the year before
    assert {b - a for a, b in zip(sorted(dues), sorted(dues)[1:], strict=False)} == {
        timedelta(hours=23), timedelta(hours=24), timedelta(hours=25)
    }  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Every(0),
        lambda: At(24),
        lambda: At(1, 60),
        lambda: At(1, weekday=-1),
        lambda: At(1, weekday=7),
        lambda: At(1, day=0),
        lambda: At(1, day=32),
    ],
)
def test_moments_that_there_are_not_are_refused(bad: object) -> None:
    with pytest.raises(ValueError, match=r"hour|minute|day|period"):
        bad()  # type: ignore[operator]
