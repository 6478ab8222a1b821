"""When points die, as the programme says: after an absence, and at a calendar's end."""

from datetime import UTC, datetime

import pytest

from core.actors import StaffActor
from core.domain.expiry import Expiry, expires_at
from core.services import Services
from tests.conftest import ManualClock, enrol
from tests.core.kit import buy, points_of


@pytest.mark.parametrize(
    ("expiry", "activates", "expected"),
    [
        (Expiry.NEVER, datetime(2026, 3, 2, tzinfo=UTC), None),
        (Expiry.AFTER_DAYS, datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 12, 9, tzinfo=UTC)),
        # Midnight in Moscow is 21:00 UTC of the day before.
        (Expiry.MONTH, datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 31, 21, tzinfo=UTC)),
        (Expiry.MONTH, datetime(2026, 3, 31, 21, tzinfo=UTC), datetime(2026, 4, 30, 21, tzinfo=UTC)),
        (Expiry.QUARTER, datetime(2026, 2, 2, tzinfo=UTC), datetime(2026, 3, 31, 21, tzinfo=UTC)),
        (Expiry.QUARTER, datetime(2026, 12, 2, tzinfo=UTC), datetime(2026, 12, 31, 21, tzinfo=UTC)),
        (Expiry.YEAR, datetime(2026, 12, 31, 20, 59, tzinfo=UTC), datetime(2026, 12, 31, 21, tzinfo=UTC)),
        (Expiry.YEAR, datetime(2026, 12, 31, 21, tzinfo=UTC), datetime(2027, 12, 31, 21, tzinfo=UTC)),
    ],
)
def test_points_die_when_the_programme_says(
    expiry: Expiry, activates: datetime, expected: datetime | None
) -> None:
    assert expires_at(expiry, 10, activates, "Europe/Moscow") == expected


def test_a_calendars_end_is_local_midnight_across_a_clock_change() -> None:
    activates = datetime(2026, 3, 10, tzinfo=UTC)
    end = expires_at(Expiry.MONTH, 1, activates, "Europe/Berlin")
    assert end == datetime(2026, 3, 31, 22, tzinfo=UTC)  # summer time began meanwhile


async def test_a_purchase_prolongs_the_whole_balance(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change({"expiry": "inactivity", "expiry_days": 30})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 1_000_00)
    clock.forward(days=29)
    await buy(core, cashier, customer, 100_00)
    clock.forward(days=30, seconds=-1)
    assert await points_of(core, customer) == 55_00
    clock.forward(seconds=1)
    assert await points_of(core, customer) == 0
    await buy(core, cashier, customer, 100_00)
    assert await points_of(core, customer) == 5_00, "what is dead stays dead"


async def test_points_of_another_rule_are_not_prolonged(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change({"expiry": "after_days", "expiry_days": 30})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 1_000_00)
    await core.programmes.change({"expiry": "inactivity"})
    clock.forward(days=29)
    await buy(core, cashier, customer, 100_00)
    clock.forward(days=1)
    assert await points_of(core, customer) == 5_00
