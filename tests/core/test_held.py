"""Accruals above the limits: the sale is completed, its points wait for a manager, and come as if they had not."""

import asyncio
from datetime import timedelta

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.errors import AlreadyDecided, LoyaltyError, NotAllowed, PurchaseUnknown
from core.domain.people import Role
from core.domain.refund import Wanted
from core.services import Services
from core.store import branches
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, fresh_key, one, points_of


async def limited(core: Services, **limits: object) -> int:
    await core.programmes.change(limits)
    return await enrol(core, 1)


async def is_sound() -> bool:
    findings = (await check_ledger()).findings
    assert not findings, findings
    return True


async def test_a_large_accrual_waits_and_comes_later(core: Services, cashier: StaffActor) -> None:
    customer = await limited(core, largest_accrual=50_00)
    assert (await core.till.look(cashier, await buy(core, cashier, customer, 1_000_00))).held == 0
    sale = await core.till.look(cashier, await buy(core, cashier, customer, 1_001_00 + 19_00))
    assert (sale.accrual, sale.held, sale.balance) == (0, 51_00, 50_00)
    manager = await hire(core, 2, Role.MANAGER)
    found = await core.held.waiting(manager)
    assert (found.total, found.points, found.rows[0].reason) == (1, 51_00, "largest")
    with pytest.raises(NotAllowed):
        await core.held.waiting(cashier)
    with pytest.raises(NotAllowed):
        await core.held.decide(cashier, sale.purchase_id, give=True)
    assert await is_sound()
    for _ in range(2):
        assert (await core.held.decide(manager, sale.purchase_id, give=True)).status == "given"
    assert await points_of(core, customer) == 101_00
    with pytest.raises(AlreadyDecided):
        await core.held.decide(manager, sale.purchase_id, give=False)
    assert await one("SELECT count(*) FROM audit_row WHERE action = 'held.given'") == 1
    assert await is_sound()


async def test_the_third_accrual_of_a_day_waits_and_tomorrow_none(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer = await limited(core, daily_accruals=2)
    held = [(await core.till.look(cashier, await buy(core, cashier, customer, 100_00))).held for _ in range(3)]
    assert held == [0, 0, 5_00]
    # The branch's day ends at 21:00 UTC; levels and turnover counted all three at once.
    assert await one("SELECT sold FROM customer WHERE id = $1", customer) == 300_00
    clock.at = clock.at.replace(hour=20, minute=59, second=59)
    assert (await core.till.look(cashier, await buy(core, cashier, customer, 100_00))).held == 5_00
    clock.forward(seconds=1)
    assert (await core.till.look(cashier, await buy(core, cashier, customer, 100_00))).held == 0
    assert await is_sound()


async def test_a_pair_is_counted_by_its_cashier_for_a_week(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer = await limited(core, weekly_pair_accruals=1)
    other = await hire(core, 9002, Role.CASHIER)

    async def held_by(actor: StaffActor) -> int:
        return (await core.till.look(actor, await buy(core, actor, customer, 100_00))).held

    assert [await held_by(cashier), await held_by(cashier), await held_by(other)] == [0, 5_00, 0]
    clock.forward(days=7, seconds=1)
    assert await held_by(cashier) == 0


async def test_what_is_refused_never_comes(core: Services, cashier: StaffActor) -> None:
    customer = await limited(core, largest_accrual=1_00)
    purchase = await buy(core, cashier, customer, 100_00)
    owner = await hire(core, 2, Role.OWNER)
    await core.held.decide(owner, purchase, give=False)
    view = await core.till.look(cashier, purchase)
    assert (view.held, view.held_refused) == (0, True)
    assert await points_of(core, customer) == 0
    templates = await fetch("SELECT template FROM message WHERE customer_id = $1 ORDER BY id", customer)
    assert [row["template"] for row in templates] == ["notice/receipt", "notice/held_refused"]
    assert await is_sound()


async def test_another_branch_and_oneself_have_no_say(core: Services, cashier: StaffActor) -> None:
    customer = await limited(core, largest_accrual=1_00)
    purchase = await buy(core, cashier, customer, 100_00)
    far = await hire(core, 2, Role.MANAGER, await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now()))
    with pytest.raises(PurchaseUnknown):
        await core.held.decide(far, purchase, give=True)
    assert (await core.held.waiting(far)).total == 0
    await hire(core, 1, Role.MANAGER)
    own = await core.staff.identify(1, "ru")
    assert own is not None
    with pytest.raises(LoyaltyError) as refusal:
        await core.held.decide(own, purchase, give=True)
    assert refusal.value.code == "own_account"


async def test_dates_are_the_purchases_own(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    customer = await limited(
        core, largest_accrual=1_00, activation_delay_hours=48, expiry="after_days", expiry_days=30
    )
    bought = clock.now()
    first, second = [await buy(core, cashier, customer, 100_00) for _ in range(2)]
    manager = await hire(core, 2, Role.MANAGER)
    clock.forward(hours=1)
    await core.held.decide(manager, first, give=True)
    balance = await core.balances.open(actor_of(customer))
    assert (balance.points, balance.pending[0].at) == (0, bought + timedelta(hours=48))
    clock.at = bought + timedelta(days=2 + 29)
    assert await points_of(core, customer) == 5_00
    clock.at = bought + timedelta(days=2 + 30)
    assert await points_of(core, customer) == 0
    await core.held.decide(manager, second, give=True)
    assert await points_of(core, customer) == 5_00, "what expired while it waited gets a grace"
    clock.forward(days=14)
    assert await points_of(core, customer) == 0
    assert await is_sound()


@pytest.mark.parametrize("parts", [[400_00], [100_00, 100_00, 200_00], [1_000_00], [600_00, 400_00]])
async def test_a_refund_takes_from_what_waits(core: Services, cashier: StaffActor, parts: list[int]) -> None:
    customer = await limited(core, largest_accrual=1_00)
    purchase = await buy(core, cashier, customer, 1_000_00)
    for part in parts:
        await core.refunds.refund(cashier, purchase, Wanted(part), key=fresh_key())
        assert await is_sound()
    left = 50_00 - sum(parts) // 20
    manager = await hire(core, 2, Role.MANAGER)
    if left:
        await core.held.decide(manager, purchase, give=True)
        rest = await core.refunds.refund(cashier, purchase, key=fresh_key())
        assert rest.taken_back == left
    else:
        with pytest.raises(AlreadyDecided):
            await core.held.decide(manager, purchase, give=True)
    assert await points_of(core, customer) == 0
    assert await one("SELECT sum(points) FROM ledger_entry WHERE customer_id = $1", customer) in (0, None)
    assert await is_sound()


async def test_undoing_takes_it_all(core: Services, cashier: StaffActor) -> None:
    customer = await limited(core, largest_accrual=1_00)
    purchase = await buy(core, cashier, customer, 1_000_00)
    await core.refunds.undo(cashier, purchase)
    assert await one("SELECT status FROM held_accrual") == "refused"
    assert await is_sound()


async def test_later_payments_wait_along(core: Services, cashier: StaffActor) -> None:
    customer = await limited(core, largest_accrual=10_00, part_payments_on=True)
    sale = await core.till.open_sale(cashier, customer, 1_000_00, key="part")
    await core.payments.pay_now(cashier, sale.purchase_id, 100_00)
    await core.till.accrue(cashier, sale.purchase_id)
    assert await points_of(core, customer) == 5_00
    view = await core.payments.pay_rest(cashier, sale.purchase_id, 500_00, seen_paid=100_00)
    assert (view.accrual, view.held) == (5_00, 25_00)
    view = await core.payments.pay_rest(cashier, sale.purchase_id, 400_00, seen_paid=600_00)
    assert view.held == 45_00
    await core.held.decide(await hire(core, 2, Role.MANAGER), sale.purchase_id, give=True)
    assert await points_of(core, customer) == 50_00
    assert await is_sound()


async def test_two_managers_at_once_have_one_effect(core: Services, cashier: StaffActor) -> None:
    customer = await limited(core, largest_accrual=1_00)
    purchase = await buy(core, cashier, customer, 100_00)
    managers = [await hire(core, 2 + n, Role.MANAGER) for n in range(2)]
    outcomes = await asyncio.gather(
        *(core.held.decide(managers[n % 2], purchase, give=n % 3 > 0) for n in range(6)), return_exceptions=True
    )
    assert all(not isinstance(each, BaseException) or isinstance(each, AlreadyDecided) for each in outcomes)
    status = await one("SELECT status FROM held_accrual")
    assert await points_of(core, customer) == (5_00 if status == "given" else 0)
    assert await one("SELECT count(*) FROM audit_row WHERE action LIKE 'held.%'") == 1
    assert await is_sound()


async def test_managers_are_told_once_an_hour(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    customer = await limited(core, largest_accrual=1_00)
    await hire(core, 2, Role.MANAGER)

    async def told() -> int:
        return int(await one("SELECT count(*) FROM message WHERE template = 'screen/held'"))

    for minutes, expected in ((0, 1), (10, 2), (10, 2), (45, 3), (30, 3)):
        clock.forward(minutes=minutes)
        await buy(core, cashier, customer, 100_00)
        assert await told() == expected, minutes
    moments = await fetch("SELECT not_before FROM message WHERE template = 'screen/held' ORDER BY id")
    assert len({str(row["not_before"]) for row in moments}) == 3
    assert await core.held.summary_for(2) == (5, 25_00)
    assert (await core.held.waiting(await hire(core, 3, Role.OWNER))).total == 5
