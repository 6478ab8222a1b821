"""When points die."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.expiry import Expiry, expires_at, rolling_days

MOSCOW = "Europe/Moscow"
AT = datetime(2026, 2, 10, 9, 30, tzinfo=UTC)


def test_never_and_after_days() -> None:
    assert expires_at(Expiry.NEVER, 30, AT, MOSCOW) is None
    for expiry in (Expiry.AFTER_DAYS, Expiry.INACTIVITY):
        assert expires_at(expiry, 30, AT, MOSCOW) == AT + timedelta(days=30)


@pytest.mark.parametrize(
    ("expiry", "at", "end"),
    [
        (Expiry.MONTH, "2026-02-10T09:30", "2026-02-28T21:00"),
        (Expiry.MONTH, "2026-11-10T09:30", "2026-11-30T21:00"),
        (Expiry.MONTH, "2026-12-31T20:59", "2026-12-31T21:00"),
        (Expiry.MONTH, "2026-12-31T21:00", "2027-01-31T21:00"),
        (Expiry.QUARTER, "2026-01-01T12:00", "2026-03-31T21:00"),
        (Expiry.QUARTER, "2026-03-31T20:59", "2026-03-31T21:00"),
        (Expiry.QUARTER, "2026-03-31T21:00", "2026-06-30T21:00"),
        (Expiry.QUARTER, "2026-11-15T12:00", "2026-12-31T21:00"),
        (Expiry.YEAR, "2026-01-01T12:00", "2026-12-31T21:00"),
        (Expiry.YEAR, "2026-12-31T21:00", "2027-12-31T21:00"),
    ],
)
def test_a_calendars_end_is_the_midnight_of_the_branch(expiry: Expiry, at: str, end: str) -> None:
    activates = datetime.fromisoformat(at).replace(tzinfo=UTC)
    found = expires_at(expiry, 1, activates, MOSCOW)
    assert found == datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert found is not None
    assert found.tzinfo is UTC


def test_a_clock_change_moves_the_midnight_in_utc() -> None:
    assert expires_at(Expiry.MONTH, 1, datetime(2026, 3, 5, tzinfo=UTC), "Europe/Berlin") == datetime(
        2026, 3, 31, 22, tzinfo=UTC
    )
    assert expires_at(Expiry.MONTH, 1, datetime(2026, 2, 5, tzinfo=UTC), "Europe/Berlin") == datetime(
        2026, 2, 28, 23, tzinfo=UTC
    )


def test_only_absence_is_prolonged_by_purchases() -> None:
    assert {expiry: rolling_days(expiry, 90) for expiry in Expiry} == dict.fromkeys(Expiry) | {
        Expiry.INACTIVITY: 90
    }
