"""Days by the clocks of a place."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.domain.local_days import day_begins, day_bounds, local_day

MOSCOW, NEW_YORK = "Europe/Moscow", "America/New_York"


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        (datetime(2026, 3, 2, 20, 59, tzinfo=UTC), MOSCOW, date(2026, 3, 2)),
        (datetime(2026, 3, 2, 21, 0, tzinfo=UTC), MOSCOW, date(2026, 3, 3)),
        (datetime(2026, 3, 2, 4, 59, tzinfo=UTC), NEW_YORK, date(2026, 3, 1)),
    ],
)
def test_a_moment_falls_into_the_day_of_its_place(at: datetime, zone: str, day: date) -> None:
    assert local_day(at, zone) == day


def test_a_day_begins_at_the_midnight_of_its_place() -> None:
    begins = day_begins(date(2026, 3, 3), MOSCOW)
    assert begins == datetime(2026, 3, 2, 21, tzinfo=UTC)
    assert begins.tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 7), 24), (date(2026, 3, 8), 23), (date(2026, 11, 1), 25)], ids=str
)
def test_a_day_ends_where_the_next_begins(day: date, hours: int) -> None:
    first, last = day_bounds(day, NEW_YORK)
    assert first == day_begins(day, NEW_YORK)
    assert last == day_begins(day + timedelta(days=1), NEW_YORK)
    assert last - first == timedelta(hours=hours)
