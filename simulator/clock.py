"""The simulator's only sight of the wall clock."""

import time
from datetime import UTC, datetime


def now() -> float:
    """Seconds since the epoch."""
    return time.time()  # noqa: TID251


def iso(moment: float) -> str:
    """The moment (seconds since the epoch) as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def first_update_id() -> int:
    """Where a new simulator's update ids begin: later than any that an earlier run can have reached.

    Eight ids for each second since November 2023 stay below 2**31 until 2032.
    """
    return (int(now()) - 1_700_000_000) * 8


def first_person_id() -> int:
    """Where a new simulator's ids of added people begin: nobody gets the id of somebody before."""
    return int(now()) - 1_700_000_000


def first_message_id() -> int:
    """Where a new simulator's message ids begin, so that an old run's messages are not found by their id."""
    return int(now()) - 1_700_000_000
