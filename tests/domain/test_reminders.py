"""When people are reminded, over 400 days in zones with and without clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.domain.local_days import day_begins, local_day
from core.domain.programme import Programme
from core.domain.reminders import (
    BIRTHDAY_EVERY,
    FRESH_DAYS,
    DaysBefore,
    WinBackStep,
    birthdays,
    due_days,
    may_remind,
    quiet_until,
    window_end,
)
from core.domain.topics import TOPICS, TopicChoice, choice, topic_of

ZONES = ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Vladivostok", "Australia/Lord_Howe"]
START = datetime(2027, 1, 1, tzinfo=UTC)
HOURS = [START + timedelta(hours=number) for number in range(400 * 24)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("start", "end"), [(21, 9), (0, 8), (9, 9), (13, 15)])
def test_quiet_hours_end_by_the_customers_clock(zone: str, start: int, end: int) -> None:
    for at in HOURS[:: 1 if start == 21 else 7]:
        until = quiet_until(at, start, end, zone)
        hour = at.astimezone(ZoneInfo(zone)).hour
        assert (until is not None) == (start <= hour < end if start <= end else hour >= start or hour < end)
        if until is not None:
            assert at <= until <= at + timedelta(hours=13)
            assert until.astimezone(ZoneInfo(zone)).hour == end
            assert quiet_until(until, start, end, zone) is None


@pytest.mark.parametrize("zone", ZONES)
def test_nobody_is_reminded_at_night_and_everybody_each_day(zone: str) -> None:
    days = set()
    for at in HOURS:
        if may_remind(at, 21, 9, zone):
            assert 10 <= at.astimezone(ZoneInfo(zone)).hour < 21
            days.add(local_day(at, zone))
    assert len(days) >= 400


def test_there_is_time_for_reminders_whatever_the_quiet_hours() -> None:
    for start in range(24):
        for end in range(24):
            hours = [hour for hour in range(24) if may_remind(START + timedelta(hours=hour), start, end, "UTC")]
            assert hours, (start, end)


@pytest.mark.parametrize("zone", ZONES)
def test_points_are_remembered_so_many_days_before_their_last_one(zone: str) -> None:
    """Whenever on a day points expire, it is said first on the day that is N days before, in the morning."""
    for number in range(0, 390, 13):
        expires = START + timedelta(days=number + 10, hours=number % 24, minutes=number % 60)
        last_day = local_day(expires - timedelta(microseconds=1), zone)
        said = next(
            at
            for at in HOURS[max(0, (number - 1) * 24) :]
            if may_remind(at, 21, 9, zone) and expires <= window_end(at, 7, zone)
        )
        assert last_day - local_day(said, zone) == timedelta(days=7)
        assert said.astimezone(ZoneInfo(zone)).hour == 10


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("born", [date(1990, 2, 28), date(1992, 2, 29), date(1990, 3, 1), date(1990, 12, 31)])
@pytest.mark.parametrize("before", [0, 7])
def test_a_birthday_comes_once_a_year(zone: str, born: date, before: int) -> None:
    """Over three years with a leap one, looked at each day, given at most once in 365 days."""
    given: list[date] = []
    for number in range(3 * 365 + 1):
        today = date(2026, 6, 1) + timedelta(days=number)
        free = not given or day_begins(given[-1], zone) <= day_begins(today - BIRTHDAY_EVERY, zone)
        if free and (born.month, born.day) in birthdays(today, before):
            given.append(today)
    assert [day.year for day in given] in ([2027, 2028, 2029], [2026, 2027, 2028])
    for day in given:
        party = date(day.year, 2, 28) if (born.month, born.day) == (2, 29) else born.replace(year=day.year)
        if (born.month, born.day) == (2, 29) and day.year == 2028:
            party = date(2028, 2, 29)
        assert party - timedelta(days=before) <= day <= party + timedelta(days=1)


def test_a_missed_birthday_is_made_up_for_but_not_long_after() -> None:
    due = [day for day in range(1, 32) if (5, 10) in birthdays(date(2027, 5, day), 2)]
    assert due == [8, 9, 10, 11, 12, 13]


def test_the_ladder_says_each_step_while_it_is_fresh() -> None:
    steps = [WinBackStep(60), WinBackStep(30), WinBackStep(33)]
    found = [(away, step.days) for step, days in due_days(steps) for away in days]
    assert len(found) == len(dict(found)), "no day brings two steps"
    assert dict(found) == dict.fromkeys(range(30, 33), 30) | dict.fromkeys(range(33, 33 + FRESH_DAYS), 33) | (
        dict.fromkeys(range(60, 60 + FRESH_DAYS), 60)
    )


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (DaysBefore, {"days": 0}),
        (DaysBefore, {"days": "7"}),
        (DaysBefore, {"days": 91}),
        (WinBackStep, {"days": 0}),
        (WinBackStep, {"days": 30, "points": -1}),
        (WinBackStep, {"days": 30, "life_days": 0}),
        (WinBackStep, {"days": 30, "text": "x" * 301}),
        (TopicChoice, {"topic": "expired", "on": 1, "telegram": True, "sms": True}),
    ],
)
def test_nonsense_is_refused(kind: type, given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        kind(**given)


def test_what_must_be_told_cannot_be_switched_off() -> None:
    off = tuple(TopicChoice(name, on=False, telegram=False, sms=True) for name in TOPICS)
    programme = Programme(topics=off)
    for name, topic in TOPICS.items():
        chosen = choice(programme, name)
        assert chosen.on == (topic.consent is None), name
        assert not chosen.sms or topic.may_sms
    assert choice(Programme(), "expiry_soon").sms
    assert topic_of("of an older release").consent is None


def test_codes_go_before_receipts_before_reminders_before_campaigns() -> None:
    order = ["code", "confirmation", "expiry_soon", "campaign"]
    assert sorted(order, key=lambda name: TOPICS[name].priority) == order
    assert TOPICS["receipts"].priority == TOPICS["confirmation"].priority
    marketing = {name for name, topic in TOPICS.items() if topic.marketing}
    assert marketing == {"win_back", "campaign"}
    assert all(TOPICS[name].at_most_once and TOPICS[name].quiet for name in marketing)
