"""Refunds at the till: whole and in parts, once each, by whom and how long; and that nothing is gained by them."""

import asyncio

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.basket import Basket, Line
from core.domain.errors import (
    AlreadyRefunded,
    DifferentInputs,
    PurchaseClosed,
    PurchaseUnknown,
    RefundAboveRest,
    RefundStale,
    RefundTooLate,
)
from core.domain.people import Role
from core.domain.refund import Wanted
from core.services import Services
from core.store import branches, customers
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, fresh_key, one, points_of, promo_code


@pytest.fixture(autouse=True)
async def sound(core: Services):
    """Whatever was done, the ledger's proof holds."""
    yield
    assert not (await check_ledger()).findings


async def refund(core: Services, by: StaffActor, purchase_id: int, amount: int | None = None, **more: object):
    return await core.refunds.refund(by, purchase_id, Wanted(amount), key=fresh_key("refund"), **more)


async def spend(core: Services, cashier: StaffActor, customer_id: int, total: int, points: int) -> int:
    """A completed purchase with points; returns its id."""
    sale = await core.till.open_sale(cashier, customer_id, total, key=fresh_key())
    await core.redemption.spend(cashier, sale.purchase_id, points, key=fresh_key())
    await core.redemption.confirm(actor_of(customer_id), sale.purchase_id)
    return sale.purchase_id


async def test_what_is_quoted_is_what_is_done(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 4_000_00)
    purchase = await spend(core, cashier, customer, 600_00, 200_00)
    quoted = await core.refunds.quote_refund(cashier, purchase, Wanted(300_00))
    assert (quoted.money, quoted.returned, quoted.taken_back) == (200_00, 100_00, 10_00)
    assert (quoted.balance, quoted.debt, quoted.left, quoted.is_done) == (110_00, 0, 600_00, False)
    done = await refund(core, cashier, purchase, 300_00)
    assert (done.money, done.returned, done.taken_back, done.balance) == (200_00, 100_00, 10_00, 110_00)
    assert await points_of(core, customer) == 110_00
    row = await customers.get(customer)
    assert row is not None
    assert (row.purchases, row.sold, row.paid, row.visits) == (2, 4_300_00, 4_200_00, 2)
    rest = await refund(core, cashier, purchase)
    assert (rest.amount, rest.money, rest.returned, rest.taken_back) == (300_00, 200_00, 100_00, 10_00)
    row = await customers.get(customer)
    assert row is not None
    assert (row.purchases, row.sold, row.paid, row.visits) == (1, 4_000_00, 4_000_00, 1)
    with pytest.raises(RefundAboveRest):
        await refund(core, cashier, purchase)


async def test_the_same_request_acts_once(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    purchase = await buy(core, cashier, customer, 1_000_00)
    first = await core.refunds.refund(cashier, purchase, Wanted(400_00), key="k", reason="брак")
    again = await core.refunds.refund(cashier, purchase, Wanted(400_00), key="k", reason="брак")
    assert (again.amount, again.money, again.taken_back, again.balance) == (
        first.amount,
        first.money,
        first.taken_back,
        first.balance,
    )
    with pytest.raises(DifferentInputs):
        await core.refunds.refund(cashier, purchase, Wanted(401_00), key="k", reason="брак")
    assert await one("SELECT refunded FROM purchase WHERE id = $1", purchase) == 400_00
    assert await one("SELECT reason FROM refund") == "брак"
    assert await one("SELECT count(*) FROM audit_row WHERE action = 'purchase.refunded'") == 1


async def test_two_tills_give_back_at_most_what_was_bought(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    purchase = await buy(core, cashier, customer, 1_000_00)
    tries = [refund(core, cashier, purchase, 300_00) for _ in range(6)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(1 for each in done if not isinstance(each, BaseException)) == 3
    assert {type(each) for each in done if isinstance(each, BaseException)} == {RefundAboveRest}
    assert await one("SELECT refunded FROM purchase WHERE id = $1", purchase) == 900_00
    seen = [refund(core, cashier, purchase, 50_00, seen=900_00) for _ in range(2)]
    kinds = {type(each) for each in await asyncio.gather(*seen, return_exceptions=True)}
    assert RefundStale in kinds
    assert len(kinds) == 2


async def test_lines_by_their_numbers(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    basket = Basket((Line(200_00, title="Чай"), Line(100_00, title="Пирог")))
    sale = await core.till.open_sale(cashier, customer, basket, key="lines")
    await core.till.accrue(cashier, sale.purchase_id)
    done = await core.refunds.refund(cashier, sale.purchase_id, Wanted(lines=((2, 100_00),)), key="r")
    assert (done.money, done.taken_back, done.balance) == (100_00, 5_00, 10_00)
    assert [(line.title, line.left, line.part) for line in done.lines] == [
        ("Чай", 200_00, 0),
        ("Пирог", 100_00, 100_00),
    ]
    with pytest.raises(RefundAboveRest):
        await core.refunds.refund(cashier, sale.purchase_id, Wanted(lines=((2, 1),)), key="r2")


async def test_who_may_and_how_long(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    customer = await enrol(core, 1)
    purchase = await buy(core, cashier, customer, 1_000_00)
    away = await branches.add("Дальняя", "Europe/Moscow", clock.now())
    elsewhere = await hire(core, 21, Role.MANAGER, away)
    for verb in (core.refunds.quote_refund(elsewhere, purchase), refund(core, elsewhere, purchase)):
        with pytest.raises(PurchaseUnknown):
            await verb
    clock.forward(days=90)
    await refund(core, cashier, purchase, 100_00)
    clock.forward(seconds=1)
    for late in (core.refunds.quote_refund(cashier, purchase), refund(core, cashier, purchase)):
        with pytest.raises(RefundTooLate) as refusal:
            await late
        assert refusal.value.data == {"days": 90}
    manager = await hire(core, 22, Role.MANAGER)
    assert (await refund(core, manager, purchase)).amount == 900_00


async def test_only_what_was_completed_and_undoing_only_what_is_whole(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    draft = await core.till.open_sale(cashier, customer, 100_00, key="draft")
    with pytest.raises(PurchaseClosed):
        await refund(core, cashier, draft.purchase_id)
    purchase = await buy(core, cashier, customer, 1_000_00)
    await refund(core, cashier, purchase, 100_00)
    with pytest.raises(AlreadyRefunded) as refusal:
        await core.refunds.undo(cashier, purchase)
    assert refusal.value.data == {"left": 900_00}
    undone = await buy(core, cashier, customer, 1_000_00)
    await core.refunds.undo(cashier, undone)
    with pytest.raises(PurchaseClosed):
        await refund(core, cashier, undone)


async def test_points_already_spent_become_a_debt_that_is_repaid_first(
    core: Services, cashier: StaffActor
) -> None:
    """Earning, spending and refunding the purchase that earned brings nobody anything."""
    customer = await enrol(core, 1)
    earned = await buy(core, cashier, customer, 4_000_00)
    await spend(core, cashier, customer, 400_00, 200_00)
    quoted = await core.refunds.quote_refund(cashier, earned)
    done = await refund(core, cashier, earned)
    assert (done.taken_back, done.debt, done.balance) == (200_00, 190_00, 0)
    assert (quoted.debt, quoted.balance) == (190_00, 0)
    await buy(core, cashier, customer, 3_000_00)
    assert await points_of(core, customer) == 0
    await buy(core, cashier, customer, 1_000_00)
    assert await points_of(core, customer) == 10_00


@pytest.mark.parametrize("parts", [1, 3, 7])
async def test_spending_and_refunding_in_a_circle_gains_nothing(
    core: Services, cashier: StaffActor, parts: int
) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 4_000_00)
    for _ in range(2):
        purchase = await spend(core, cashier, customer, 400_00, 200_00)
        money = 0
        for _ in range(parts - 1):
            money += (await refund(core, cashier, purchase, 50_00)).money
        money += (await refund(core, cashier, purchase)).money
        assert money == 200_00
        assert await points_of(core, customer) == 200_00


async def test_returned_points_go_to_their_lots_with_grace_when_expired(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change({"expiry": "after_days", "expiry_days": 10})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 2_000_00)
    purchase = await spend(core, cashier, customer, 200_00, 100_00)
    clock.forward(days=10)
    await core.expiries.sweep()
    assert (await refund(core, cashier, purchase, 100_00)).returned == 50_00
    assert await points_of(core, customer) == 50_00
    clock.forward(days=13)
    assert await points_of(core, customer) == 50_00
    clock.forward(days=1)
    assert await points_of(core, customer) == 0


async def test_rewards_of_a_friend_go_with_their_last_purchase(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"referral_inviter_points": 100_00, "referral_friend_points": 50_00})
    inviter = await enrol(core, 1)
    friend = await enrol(core, 2, referral_code=await promo_code(core, inviter))
    first, second = [await buy(core, cashier, friend, 100_00) for _ in range(2)]
    assert await points_of(core, inviter) == 100_00
    await refund(core, cashier, first)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (100_00, 55_00)
    await refund(core, cashier, second, 99_99)
    assert await points_of(core, inviter) == 100_00
    assert (await core.refunds.quote_refund(cashier, second)).gift == 50_00
    assert (await refund(core, cashier, second)).gift == 50_00
    assert (await points_of(core, inviter), await points_of(core, friend)) == (0, 0)
    await buy(core, cashier, friend, 100_00)
    assert await points_of(core, inviter) == 100_00


async def test_the_level_follows_what_is_left(core: Services, cashier: StaffActor) -> None:
    levels = [
        {"name": "Старт", "threshold": 0},
        {"name": "Золото", "threshold": 1_000_00, "accrual_percent": 1000},
    ]
    await core.programmes.change({"levels": levels})
    customer = await enrol(core, 1)
    purchase = await buy(core, cashier, customer, 1_000_00)
    assert await one("SELECT level FROM customer") == "Золото"
    await refund(core, cashier, purchase, 1)
    assert await one("SELECT level FROM customer") == "Старт"
    assert (await core.till.open_sale(cashier, customer, 100_00, key="q")).accrual == 5_00


async def test_a_coupon_can_be_used_again_after_a_whole_refund(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    purchase = await buy(core, cashier, customer, 100_00)
    now = core.deps.clock.now()
    await fetch(
        "INSERT INTO coupon_batch (name, benefit, amount, min_purchase, limit_customer, uses, starts_at, is_on, "
        "created_at) VALUES ('a', 'points', 100, 0, 1, 1, $1, true, $1)",
        now,
    )
    await fetch("INSERT INTO coupon (batch_id, code, uses) SELECT id, 'A', 1 FROM coupon_batch")
    await fetch(
        "INSERT INTO coupon_use (coupon_id, customer_id, purchase_id, used_at) SELECT id, $1, $2, $3 FROM coupon",
        customer,
        purchase,
        now,
    )
    await refund(core, cashier, purchase, 99_00)
    assert await one("SELECT uses FROM coupon") == 1
    await refund(core, cashier, purchase)
    assert (await one("SELECT uses FROM coupon"), await one("SELECT uses FROM coupon_batch")) == (0, 0)
    assert await one("SELECT returned_at FROM coupon_use") is not None


async def test_the_customer_is_told(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    purchase = await buy(core, cashier, customer, 1_000_00)
    await refund(core, cashier, purchase, 100_00)
    await refund(core, cashier, purchase, 100_00)
    assert (
        await one("SELECT count(*) FROM message WHERE template = 'notice/refunded' AND customer_id = $1", customer)
        == 2
    )
