"""The main job on both databases: points are earned, held, spent, seen, and taken back."""

import pytest

from core.actors import CustomerActor, StaffActor
from core.check import check_ledger
from core.domain.errors import HoldGone, PointsNotEnough, QuoteStale, UndoTooLate
from core.services import Services
from tests.conftest import ManualClock, enrol


def as_customer(customer_id: int, telegram_id: int = 1) -> CustomerActor:
    return CustomerActor(customer_id, telegram_id, "ru", None)


async def earn(core: Services, cashier: StaffActor, customer_id: int, total: int, key: str) -> None:
    sale = await core.till.open_sale(cashier, customer_id, total, key=key)
    await core.till.accrue(cashier, sale.purchase_id)


async def test_sale_with_redemption(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await earn(core, cashier, customer, 10_000_00, "a")
    sale = await core.till.open_sale(cashier, customer, 600_00, key="b")
    assert (sale.balance, sale.points_limit, sale.accrual) == (500_00, 300_00, 30_00)
    waiting = await core.redemption.spend(cashier, sale.purchase_id, key="b:spend")
    assert (waiting.status, waiting.channel, waiting.points) == ("waiting", "telegram", 300_00)
    done = await core.redemption.confirm(as_customer(customer), sale.purchase_id)
    assert (done.status, done.payable, done.accrual, done.balance) == ("completed", 300_00, 15_00, 215_00)
    again = await core.redemption.confirm(as_customer(customer), sale.purchase_id)
    assert again.balance == 215_00
    balance = await core.balances.open(as_customer(customer))
    assert balance.points == 215_00
    assert not (await check_ledger()).findings


async def test_undo_returns_everything(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    customer = await enrol(core, 1)
    await earn(core, cashier, customer, 10_000_00, "a")
    sale = await core.till.open_sale(cashier, customer, 600_00, key="b")
    await core.redemption.spend(cashier, sale.purchase_id, 100_00, key="s")
    await core.redemption.confirm(as_customer(customer), sale.purchase_id)
    undone = await core.refunds.undo(cashier, sale.purchase_id)
    assert (undone.status, undone.balance) == ("cancelled", 500_00)
    assert (await core.refunds.undo(cashier, sale.purchase_id)).balance == 500_00
    assert not (await check_ledger()).findings
    late = await core.till.open_sale(cashier, customer, 600_00, key="c")
    await core.till.accrue(cashier, late.purchase_id)
    clock.forward(minutes=15, seconds=1)
    with pytest.raises(UndoTooLate):
        await core.refunds.undo(cashier, late.purchase_id)


async def test_undo_after_points_were_spent_leaves_a_debt(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    first = await core.till.open_sale(cashier, customer, 10_000_00, key="a")
    await core.till.accrue(cashier, first.purchase_id)
    second = await core.till.open_sale(cashier, customer, 1_000_00, key="b")
    await core.redemption.spend(cashier, second.purchase_id, 500_00, key="s")
    await core.redemption.confirm(as_customer(customer), second.purchase_id)
    undone = await core.refunds.undo(cashier, first.purchase_id)
    assert undone.balance == 0
    assert (await core.balances.open(as_customer(customer))).debt == 475_00
    await earn(core, cashier, customer, 10_000_00, "c")
    balance = await core.balances.open(as_customer(customer))
    assert (balance.points, balance.debt) == (25_00, 0)
    assert not (await check_ledger()).findings


async def test_hold_keeps_points_from_another_till(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer = await enrol(core, 1)
    await earn(core, cashier, customer, 10_000_00, "a")
    one = await core.till.open_sale(cashier, customer, 1_000_00, key="b")
    two = await core.till.open_sale(cashier, customer, 1_000_00, key="c")
    await core.redemption.spend(cashier, one.purchase_id, key="s1")
    with pytest.raises(QuoteStale) as stale:
        await core.redemption.spend(cashier, two.purchase_id, key="s2")
    assert stale.value.data["sale"].points_limit == 0
    with pytest.raises(PointsNotEnough):
        await core.redemption.spend(cashier, two.purchase_id, 1_00, key="s3")
    clock.forward(minutes=5)
    with pytest.raises(HoldGone):
        await core.redemption.confirm(as_customer(customer), one.purchase_id)
    clock.forward(minutes=5)
    waiting = await core.redemption.spend(cashier, two.purchase_id, 500_00, key="s4")
    assert waiting.status == "waiting"
    assert await core.redemption.release_overdue() == 1
    assert (await core.till.look(cashier, one.purchase_id)).status == "draft"
    assert not (await check_ledger()).findings
