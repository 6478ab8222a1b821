"""When periodic work is due: every so many seconds, or at a time of day in the merchant's zone."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds, counted from the epoch: all processes mean the same moments."""

    seconds: int

    def __post_init__(self) -> None:
        if self.seconds < 1:
            raise ValueError("a period is at least a second")

    def last_due(self, now: datetime, time_zone: str) -> datetime:
        """The newest due moment up to now, in UTC."""
        return datetime.fromtimestamp(int(now.timestamp()) // self.seconds * self.seconds, UTC)


@dataclass(frozen=True, slots=True)
class At:
    """At a time of day by the merchant's clocks: daily, on a weekday (Monday is 0), or on a day of the month.

    A day that a month lacks is its last one. A time that clocks skip is taken by the offset before the change,
    one that they show twice is the first.
    """

    hour: int
    minute: int = 0
    weekday: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        time(self.hour, self.minute)
        if not (self.weekday is None or 0 <= self.weekday <= 6) or not (self.day is None or 1 <= self.day <= 31):
            raise ValueError("no such day")

    def last_due(self, now: datetime, time_zone: str) -> datetime:
        """The newest due moment up to now, in UTC."""
        zone = ZoneInfo(time_zone)
        today = now.astimezone(zone).date()
        days = (today - timedelta(days=back) for back in count())
        at = time(self.hour, self.minute)
        dues = (datetime.combine(on, at, zone).astimezone(UTC) for on in days if self._is_on(on))
        return next(due for due in dues if due <= now)

    def _is_on(self, on: date) -> bool:
        last = calendar.monthrange(on.year, on.month)[1]
        return (self.weekday is None or on.weekday() == self.weekday) and (
            self.day is None or on.day == min(self.day, last)
        )


When = Every | At
