"""Reminders at their bounds: what may be set, and on which hour and day each thing begins and ends."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain import reminders
from core.domain.reminders import DaysBefore, WinBackStep, birthdays, due_days, may_remind, quiet_until, window_end


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_the_agreed_times() -> None:
    assert (reminders.FRESH_DAYS, reminders.BIRTHDAY_LATE_DAYS, reminders.MORNING) == (7, 3, 10)
    assert timedelta(days=365) == reminders.BIRTHDAY_EVERY
    step = WinBackStep(30)
    assert (step.points, step.life_days, step.text) == (0, 14, "")


@pytest.mark.parametrize(
    ("kind", "name", "low", "high"),
    [
        (DaysBefore, "days", 1, 90),
        (WinBackStep, "days", 1, 3650),
        (WinBackStep, "points", 0, 100_000_000_00),
        (WinBackStep, "life_days", 1, 365),
    ],
)
def test_numbers_are_bounded_and_both_ends_are_taken(kind: type, name: str, low: int, high: int) -> None:
    given: dict[str, Any] = {"days": 30}
    for value in (low, high):
        assert getattr(kind(**(given | {name: value})), name) == value
    for value in (low - 1, high + 1, True, 5.0, "5", None):
        with pytest.raises(ValueError, match=r"^a "):
            kind(**(given | {name: value}))


def test_the_words_of_a_step_are_a_text_of_up_to_300_letters() -> None:
    assert WinBackStep(30, text="ы" * 300).text == "ы" * 300
    for text in ("ы" * 301, None, 5, ["a"]):
        with pytest.raises(ValueError, match="words"):
            WinBackStep(30, text=text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days_away", "due"),
    [(0, None), (29, None), (30, 30), (36, 30), (37, None), (59, None), (60, 60), (66, 60), (67, None)],
)
def test_a_step_is_due_on_its_day_and_for_a_week(days_away: int, due: int | None) -> None:
    found = due_days((WinBackStep(60), WinBackStep(30)))
    assert [step.days for step, days in found if days_away in days] == ([] if due is None else [due])
    assert due_days(()) == []


@pytest.mark.parametrize(
    ("now", "days", "zone", "end"),
    [
        ("2027-05-10 00:00", 0, "UTC", "2027-05-11 00:00"),
        ("2027-05-10 23:59", 0, "UTC", "2027-05-11 00:00"),
        ("2027-05-10 12:00", 7, "UTC", "2027-05-18 00:00"),
        ("2027-05-10 20:59", 1, "Europe/Moscow", "2027-05-11 21:00"),
        ("2027-05-10 21:00", 1, "Europe/Moscow", "2027-05-12 21:00"),  # there the 11th begins
        ("2027-03-27 12:00", 1, "Europe/Berlin", "2027-03-28 22:00"),  # a day of 23 hours
    ],
)
def test_a_window_ends_with_a_day_of_the_customers(now: str, days: int, zone: str, end: str) -> None:
    assert window_end(at(now), days, zone) == at(end)


@pytest.mark.parametrize(
    ("start", "end", "now", "until"),
    [
        (21, 9, "05-10 20:59", None),
        (21, 9, "05-10 21:00", "05-11 09:00"),
        (21, 9, "05-10 23:59", "05-11 09:00"),
        (21, 9, "05-11 00:00", "05-11 09:00"),
        (21, 9, "05-11 08:59", "05-11 09:00"),
        (21, 9, "05-11 09:00", None),
        (13, 15, "05-10 12:59", None),
        (13, 15, "05-10 13:00", "05-10 15:00"),
        (13, 15, "05-10 14:59", "05-10 15:00"),
        (13, 15, "05-10 15:00", None),
        (0, 23, "05-10 00:00", "05-10 23:00"),
        (0, 23, "05-10 23:00", None),
        (23, 0, "05-10 22:59", None),
        (23, 0, "05-10 23:00", "05-11 00:00"),
        (9, 9, "05-10 09:00", None),
        (9, 9, "05-10 21:00", None),
        (0, 0, "05-10 00:00", None),
    ],
)
def test_quiet_hours_last_from_one_full_hour_to_another(start: int, end: int, now: str, until: str | None) -> None:
    for zone in ("UTC", "Asia/Vladivostok"):
        found = quiet_until(at(f"2027-{now}", zone), start, end, zone)
        assert found == (None if until is None else at(f"2027-{until}", zone))
        assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (21, 9, range(10, 21)),
        (21, 12, range(12, 21)),
        (9, 9, range(10, 24)),
        (0, 0, range(10, 24)),
        (10, 23, [23]),  # the last hour is left
        (11, 23, [10, 23]),
        (10, 9, [9]),  # all the day is quiet from ten on, so that people are reminded before
        (10, 0, range(10)),
        (9, 7, range(7, 9)),
        (13, 15, [10, 11, 12, *range(15, 24)]),
    ],
)
def test_people_are_reminded_from_ten_or_when_it_is_no_longer_quiet(start: int, end: int, hours: range) -> None:
    for minute in (0, 59):
        day = {hour: at(f"2027-05-10 {hour:02}:{minute:02}") for hour in range(24)}
        found = {hour: may_remind(moment, start, end, "UTC") for hour, moment in day.items()}
        assert found == {hour: hour in hours for hour in range(24)}


@pytest.mark.parametrize(
    ("today", "before", "due"),
    [
        (date(2027, 5, 10), 0, ["05-07", "05-08", "05-09", "05-10"]),
        (date(2027, 5, 10), 2, ["05-07", "05-08", "05-09", "05-10", "05-11", "05-12"]),
        (date(2027, 1, 2), 0, ["12-30", "12-31", "01-01", "01-02"]),
        (date(2027, 2, 28), 0, ["02-25", "02-26", "02-27", "02-28", "02-29"]),
        (date(2027, 3, 3), 0, ["02-28", "02-29", "03-01", "03-02", "03-03"]),
        (date(2027, 3, 4), 0, ["03-01", "03-02", "03-03", "03-04"]),
        (date(2028, 2, 28), 0, ["02-25", "02-26", "02-27", "02-28"]),
        (date(2028, 3, 1), 1, ["02-27", "02-28", "02-29", "03-01", "03-02"]),
    ],
)
def test_birthdays_are_due_so_many_days_before_and_three_days_after(
    today: date, before: int, due: list[str]
) -> None:
    assert [f"{month:02}-{day:02}" for month, day in birthdays(today, before)] == due
