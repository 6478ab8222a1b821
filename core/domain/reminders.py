"""When customers are reminded: days before expiry, birthdays, the win-back ladder, quiet hours. Pure.

Days are the customer's local calendar days; hours are their local clock's.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.domain.local_days import day_begins, local_day
from core.domain.points import MAX_POINTS

FRESH_DAYS = 7
"""A win-back step is due within so many days of its own. Whoever has stayed away for longer when a step is added,
or after the system stood still, is not told what is long past."""
BIRTHDAY_LATE_DAYS = 3
"""A birthday that nobody worked on is made up for within so many days."""
BIRTHDAY_EVERY = timedelta(days=365)
MORNING = 10
"""The local hour from which people are reminded, or the end of their quiet hours if that is later."""


@dataclass(frozen=True, slots=True)
class DaysBefore:
    """One reminder of a list: so many days before."""

    days: int

    def __post_init__(self) -> None:
        if type(self.days) is not int or not 1 <= self.days <= 90:
            raise ValueError("a reminder is some days before")


@dataclass(frozen=True, slots=True)
class WinBackStep:
    """A step: ``days`` without a purchase, ``points`` (hundredths, or 0) that live ``life_days``, and words."""

    days: int
    points: int = 0
    life_days: int = 14
    text: str = ""

    def __post_init__(self) -> None:
        if type(self.days) is not int or not 1 <= self.days <= 3650:
            raise ValueError("a step is so many days without a purchase")
        if type(self.points) is not int or not 0 <= self.points <= MAX_POINTS:
            raise ValueError("a step's points are out of bounds")
        if type(self.life_days) is not int or not 1 <= self.life_days <= 365:
            raise ValueError("a step's gift lives for some days")
        if not isinstance(self.text, str) or len(self.text) > 300:
            raise ValueError("a step's words are too long")


def due_days(steps: Sequence[WinBackStep]) -> list[tuple[WinBackStep, range]]:
    """Each step with the days of absence on which it is due: from its own on while fresh, until the next one's."""
    ladder = sorted(steps, key=lambda step: step.days)
    found = []
    for place, step in enumerate(ladder):
        ends = [step.days + FRESH_DAYS, *(following.days for following in ladder[place + 1 :])]
        found.append((step, range(step.days, min(ends))))
    return found


def window_end(now: datetime, days: int, zone: str) -> datetime:
    """The end of the local day so many days ahead: what expires by then has that many days left, or fewer."""
    return day_begins(local_day(now, zone) + timedelta(days=days + 1), zone)


def _is_quiet(hour: int, start: int, end: int) -> bool:
    return start <= hour < end if start <= end else (hour >= start or hour < end)


def quiet_until(at: datetime, start: int, end: int, zone: str) -> datetime | None:
    """The end of the quiet hours that a moment falls into, in UTC; None outside of them.

    They are from ``start`` to ``end`` o'clock over midnight if need be; the same hour twice means none.
    """
    local = at.astimezone(ZoneInfo(zone))
    hour = local.hour
    if not _is_quiet(hour, start, end):
        return None
    day = local.date() + timedelta(days=1 if start > end and hour >= start else 0)
    until = datetime.combine(day, time(end), ZoneInfo(zone)).astimezone(UTC)
    # An hour that clocks skip or show twice must not put a message back.
    return max(until, at)


def may_remind(now: datetime, quiet_from: int, quiet_to: int, zone: str) -> bool:
    """Whether it is a time of day to remind people of something."""
    if quiet_until(now, quiet_from, quiet_to, zone) is not None:
        return False
    if now.astimezone(ZoneInfo(zone)).hour >= MORNING:
        return True
    # Where all the rest of the day is quiet, there is no morning to wait for.
    return all(_is_quiet(hour, quiet_from, quiet_to) for hour in range(MORNING, 24))


def birthdays(today: date, before: int) -> tuple[tuple[int, int], ...]:
    """(month, day) of the birthdays that are due: today's, those of the next ``before`` days, just missed ones.

    Who was born on 29 February has the birthday on the 28th in other years.
    """
    found = []
    for ahead in range(-BIRTHDAY_LATE_DAYS, before + 1):
        day = today + timedelta(days=ahead)
        found.append((day.month, day.day))
        if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
            found.append((2, 29))
    return tuple(found)
