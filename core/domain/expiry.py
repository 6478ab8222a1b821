"""When points die: never, after days, after an absence, or at a calendar's end."""

import enum
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class Expiry(enum.StrEnum):
    """How points expire."""

    NEVER = "never"
    AFTER_DAYS = "after_days"  # N days after activation
    INACTIVITY = "inactivity"  # N days without a purchase: the whole balance
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Expiry.MONTH: 1, Expiry.QUARTER: 3, Expiry.YEAR: 12}


def expires_at(expiry: Expiry, days: int, activates: datetime, time_zone: str) -> datetime | None:
    """When points that activate at this moment (UTC) expire, in UTC; None for never.

    Days are of exactly 24 hours. A calendar's end is the midnight after the last day of the month, quarter or
    year in which the points became active, in the branch's time zone.
    """
    if expiry is Expiry.NEVER:
        return None
    if expiry in (Expiry.AFTER_DAYS, Expiry.INACTIVITY):
        return activates + timedelta(days=days)
    span = _MONTHS[expiry]
    local = activates.astimezone(ZoneInfo(time_zone))
    after = (local.month - 1) // span * span + span
    year, month = local.year + after // 12, after % 12 + 1
    return datetime(year, month, 1, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def rolling_days(expiry: Expiry, days: int) -> int | None:
    """How many days from each purchase points go on living; None when purchases don't prolong them."""
    return days if expiry is Expiry.INACTIVITY else None
