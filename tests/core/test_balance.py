"""What a customer sees: the balance now, what comes and goes, and the history in pages."""

from datetime import timedelta

import pytest

from core.actors import CustomerActor, StaffActor
from core.services import Services
from tests.conftest import ManualClock, enrol
from tests.core.kit import actor_of, buy, fresh_key, points_of


async def test_points_activate_after_exactly_a_day(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change({"activation_delay_hours": 24})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 1_000_00)
    bought = clock.at
    balance = await core.balances.open(actor_of(customer))
    assert (balance.points, [(part.points, part.at) for part in balance.pending]) == (
        0,
        [(50_00, bought + timedelta(days=1))],
    )
    clock.forward(hours=23, minutes=59, seconds=59)
    assert await points_of(core, customer) == 0
    sale = await core.till.open_sale(cashier, customer, 100_00, key="early")
    assert sale.points_limit == 0
    clock.forward(seconds=1)
    assert await points_of(core, customer) == 50_00
    sale = await core.till.open_sale(cashier, customer, 100_00, key="due")
    assert sale.points_limit == 50_00


async def test_points_expire_by_time_alone(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    await core.programmes.change({"expiry": "after_days", "expiry_days": 40})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 1_000_00)
    assert (await core.balances.open(actor_of(customer))).expiring == ()
    clock.forward(days=10)
    soon = (await core.balances.open(actor_of(customer))).expiring
    assert [(part.points, part.at - clock.at) for part in soon] == [(50_00, timedelta(days=30))]
    clock.forward(days=29, hours=23, minutes=59, seconds=59)
    assert await points_of(core, customer) == 50_00
    clock.forward(seconds=1)
    assert await points_of(core, customer) == 0
    assert (await core.identification.panel(cashier, customer)).points == 0


async def test_a_balance_says_what_it_is_worth(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"point_worth": 50, "accrual_percent": 1000, "currency": "KZT"})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 1_000_00)
    balance = await core.balances.open(actor_of(customer))
    assert (balance.points, balance.worth, balance.currency) == (100_00, 50_00, "KZT")
    assert (balance.accrual_percent, balance.redemption_share, balance.programme_on) == (1000, 5000, True)


async def test_history_has_pages_newest_first(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    customer = await enrol(core, 1)
    other = await enrol(core, 2)
    await buy(core, cashier, other, 7_00_00)
    for number in range(1, 24):
        clock.forward(minutes=1)
        await buy(core, cashier, customer, number * 100_00)
    pages = [await core.balances.history(actor_of(customer), page) for page in range(3)]
    assert [(page.page, page.pages, len(page.lines)) for page in pages] == [(0, 3, 10), (1, 3, 10), (2, 3, 3)]
    seen = [line.subtotal for page in pages for line in page.lines]
    assert seen == [number * 100_00 for number in range(23, 0, -1)]
    first = pages[0].lines[0]
    assert (first.kind, first.points, first.branch_name) == ("accrual", 23 * 5_00, "Основная точка")
    assert first.at == clock.at
    for wild, nearest in ((-1, 0), (3, 2), (10**9, 2)):
        assert (await core.balances.history(actor_of(customer), wild)).page == nearest
    assert (await core.balances.history_for_till(cashier, customer, 1)) == pages[1]


async def test_an_empty_history_is_one_empty_page(core: Services) -> None:
    customer = await enrol(core, 1)
    page = await core.balances.history(actor_of(customer), 5)
    assert (page.page, page.pages, page.lines) == (0, 1, ())


async def test_an_undone_sale_is_told_entry_by_entry(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"confirm_redemption": False, "welcome_points": 100_00})
    customer = await enrol(core, 1)
    sale = await core.till.open_sale(cashier, customer, 200_00, key=fresh_key())
    await core.redemption.spend(cashier, sale.purchase_id, 100_00, key=fresh_key())
    await core.refunds.undo(cashier, sale.purchase_id)
    lines = (await core.balances.history(actor_of(customer))).lines
    assert [(line.kind, line.points, line.reason) for line in lines] == [
        ("reversal", -5_00, "undone"),
        ("reversal", 100_00, "undone"),
        ("accrual", 5_00, None),
        ("redemption", -100_00, None),
        ("gift", 100_00, "welcome"),
    ]


@pytest.mark.parametrize("customer_id", [0, -1, 10**12])
async def test_nobody_has_nothing(core: Services, customer_id: int) -> None:
    nobody = CustomerActor(customer_id, 1, "ru", None)
    assert (await core.balances.open(nobody)).points == 0
    assert (await core.balances.history(nobody)).lines == ()
