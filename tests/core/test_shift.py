"""The shift's figures: refunds apart, what is left, what waits, and by whom."""

from core.actors import StaffActor
from core.domain.people import Role
from core.domain.refund import Wanted
from core.services import Services
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import buy, fresh_key


async def test_refunds_stand_apart_and_the_net_is_told(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer, manager = await enrol(core, 1), await hire(core, 2, Role.MANAGER)
    yesterday = await buy(core, cashier, customer, 500_00)
    clock.forward(days=1)
    sold = await buy(core, cashier, customer, 1_000_00)
    await core.refunds.undo(cashier, await buy(core, cashier, customer, 300_00))
    await core.refunds.refund(manager, sold, Wanted(400_00), key=fresh_key())
    await core.refunds.refund(manager, yesterday, key=fresh_key())
    shift = await core.reports.shift(manager)
    total = shift.total
    assert (total.purchases, total.sold, total.paid, total.earned) == (1, 1_000_00, 1_000_00, 50_00)
    assert (total.refunds, total.money, total.taken_back, total.net) == (2, 900_00, 45_00, 100_00)
    by = {line.staff_member_id: line for line in shift.members}
    assert (by[cashier.id].purchases, by[cashier.id].refunds) == (1, 0)
    assert (by[manager.id].purchases, by[manager.id].refunds, by[manager.id].net) == (0, 2, -900_00)


async def test_later_payments_are_money_of_their_day(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change({"part_payments_on": True})
    customer = await enrol(core, 1)
    sale = await core.till.open_sale(cashier, customer, 1_000_00, key="part")
    await core.payments.pay_now(cashier, sale.purchase_id, 100_00)
    await core.till.accrue(cashier, sale.purchase_id)
    await buy(core, cashier, customer, 50_00)
    assert (await core.reports.shift(cashier)).total.paid == 150_00
    clock.forward(days=1)
    await core.payments.pay_rest(cashier, sale.purchase_id, 900_00, seen_paid=100_00)
    total = (await core.reports.shift(cashier)).total
    assert (total.purchases, total.paid) == (0, 900_00)


async def test_what_waits_is_told(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"largest_accrual": 10_00})
    customer = await enrol(core, 1)
    purchase = await buy(core, cashier, customer, 1_000_00)
    total = (await core.reports.shift(cashier)).total
    assert (total.earned, total.held) == (0, 50_00)
    await core.held.decide(await hire(core, 2, Role.MANAGER), purchase, give=True)
    total = (await core.reports.shift(cashier)).total
    assert (total.earned, total.held) == (50_00, 0)
