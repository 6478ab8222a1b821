"""Days by the clocks of a place: which one a moment falls into, and where it begins and ends in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_day(at: datetime, zone: str) -> date:
    """The calendar day of a moment."""
    return at.astimezone(ZoneInfo(zone)).date()


def day_begins(day: date, zone: str) -> datetime:
    """The moment at which a local day begins, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The beginning and the end of a local day, in UTC; 23 or 25 hours where clocks change."""
    return day_begins(day, zone), day_begins(day + timedelta(days=1), zone)
