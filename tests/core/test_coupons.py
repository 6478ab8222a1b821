"""Coupons in sales: when they are taken, why they give nothing, who uses the last one, and batches of codes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.coupons import CouponDraft
from core.domain.errors import CouponRefused, InvalidOffer, QuoteStale
from core.domain.people import Role
from core.domain.promotions import Benefit
from core.services import Services
from core.store import branches
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, fresh_key, one, points_of
from tests.core.offers_kit import COUPON, draft, issue, promote, quoted
from tests.core.test_races import all_at_once, completed


@pytest.fixture(autouse=True)
async def sound(core: Services):
    """Whatever was done, the ledger's proof holds, that of coupons among it."""
    yield
    assert not (await check_ledger()).findings


@pytest.fixture
async def owner(core: Services) -> StaffActor:
    return await hire(core, 7001, Role.OWNER)


async def test_a_coupon_is_taken_only_when_the_sale_is_done(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    customer = await enrol(core, 1)
    batch = await issue(core, owner, Benefit.AMOUNT, 300_00, "ЛЕТО", total=1)
    first = await quoted(core, cashier, customer, 1000_00, "лето")
    assert (first.payable, first.discount_by, first.has_coupon) == (700_00, "amount 30000", True)
    other = await quoted(core, cashier, customer, 2000_00, "Лето")
    assert (await core.coupons.open(owner, batch.offer.gives.id)).uses == 0
    off = await core.couponing.leave_out(cashier, first.purchase_id)
    assert (off.payable, off.has_coupon) == (1000_00, False)
    assert (await core.couponing.enter(cashier, first.purchase_id, "ле-то")).payable == 700_00
    assert (await core.till.accrue(cashier, first.purchase_id)).payable == 700_00
    with pytest.raises(QuoteStale) as refusal:
        await core.till.accrue(cashier, other.purchase_id)
    assert (refusal.value.data["sale"].payable, refusal.value.data["sale"].has_coupon) == (2000_00, False)
    given = (await core.coupons.open(owner, batch.offer.gives.id)).offer.given
    assert (given.purchases, given.discount) == (1, 300_00)
    await core.refunds.undo(cashier, first.purchase_id)
    assert (await core.coupons.open(owner, batch.offer.gives.id)).uses == 0
    again = await core.couponing.enter(cashier, other.purchase_id, "ЛЕТО")
    assert (await core.till.accrue(cashier, again.purchase_id)).payable == 1700_00


async def test_why_a_coupon_gives_nothing(
    core: Services, cashier: StaffActor, owner: StaffActor, clock: ManualClock
) -> None:
    away = await branches.add("Б", "Europe/Moscow", clock.now())
    customer = await enrol(core, 1)
    await promote(core, owner, Benefit.PERCENT, 500)
    codes = {
        "minimum": {"own": "LARGE", "min_purchase": 1000_01},
        "elsewhere": {"own": "AWAY", "branches": frozenset({away})},
        "lines": {"own": "COFFEE", "category_ids": frozenset({77})},
        "ended": {"own": "PAST", "days": 1},
    }
    for options in codes.values():
        await issue(core, owner, Benefit.PERCENT, 1000, **options)
    await issue(core, owner, Benefit.PERCENT, 500, "SMALL")
    used = await issue(core, owner, Benefit.POINTS, 10_00, "ONCE")
    done = await quoted(core, cashier, customer, 1000_00, "ONCE")
    await core.till.accrue(cashier, done.purchase_id)
    switched = await issue(core, owner, Benefit.PERCENT, 1000, "SILENT")
    await core.coupons.switch(owner, switched.offer.gives.id, is_on=False)
    ahead = draft(core, Benefit.PERCENT, 1000, COUPON)
    ahead = replace(ahead, starts_at=clock.now() + timedelta(days=2))
    await core.coupons.save(owner, CouponDraft(ahead, "AHEAD"), key=fresh_key())
    clock.forward(days=1)
    sale = await quoted(core, cashier, customer, 1000_00)
    wanted = {options["own"]: reason for reason, options in codes.items()}
    wanted |= {
        "SMALL": "less",
        "ONCE": "used",
        "SILENT": "off",
        "AHEAD": "planned",
        "NOBODYS": "unknown",
        "?": "unknown",
    }
    for code, reason in wanted.items():
        with pytest.raises(CouponRefused) as refusal:
            await core.couponing.enter(cashier, sale.purchase_id, code)
        assert refusal.value.data["reason"] == reason, code
    assert (await core.till.look(cashier, sale.purchase_id)).discount_by == "percent 500"
    assert used.uses == 0


async def test_a_coupon_of_points_is_found_again_when_points_are_spent(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    batch = await issue(core, owner, Benefit.PERCENT, 1000, total=1)
    sale = await quoted(core, cashier, customer, 1000_00, "SUMMER")
    await core.redemption.spend(cashier, sale.purchase_id, 400_00, key=fresh_key())
    done = await core.redemption.confirm(actor_of(customer), sale.purchase_id)
    assert (done.payable, done.points) == (500_00, 400_00)
    assert (await core.coupons.open(owner, batch.offer.gives.id)).uses == 1


async def test_a_coupon_that_gave_nothing_is_not_taken(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    await core.programmes.change({"accrue_when_redeeming": False, "confirm_redemption": False})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    batch = await issue(core, owner, Benefit.FACTOR, 200)
    sale = await quoted(core, cashier, customer, 1000_00, "SUMMER")
    assert sale.accrual == 100_00
    assert (await core.redemption.spend(cashier, sale.purchase_id, 400_00, key=fresh_key())).accrual == 0
    assert (await core.coupons.open(owner, batch.offer.gives.id)).uses == 0


async def test_the_last_use_at_many_tills_is_one(core: Services, cashier: StaffActor, owner: StaffActor) -> None:
    people = [await enrol(core, 1 + number) for number in range(8)]
    batch = await issue(core, owner, Benefit.PERCENT, 1000, total=3)
    sales = [await quoted(core, cashier, person, 1000_00, "SUMMER") for person in people]
    outcomes = await all_at_once(*(core.till.accrue(cashier, sale.purchase_id) for sale in sales))
    assert sorted(each.payable for each in completed(outcomes)) == [900_00] * 3
    assert sum(isinstance(each, QuoteStale) for each in outcomes) == 5
    assert (await core.coupons.open(owner, batch.offer.gives.id)).uses == 3
    assert await one("SELECT count(*) FROM coupon_use") == 3


async def test_a_customer_uses_it_so_often_at_two_tills_too(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    customer = await enrol(core, 1)
    batch = await issue(core, owner, Benefit.PERCENT, 1000, None, count=5)
    codes = await core.coupons.codes(owner, batch.offer.gives.id)
    sales = [await quoted(core, cashier, customer, 1000_00, code) for code in codes]
    outcomes = await all_at_once(*(core.till.accrue(cashier, sale.purchase_id) for sale in sales))
    assert [each.payable for each in completed(outcomes)] == [900_00]


async def test_a_batch_is_used_up_as_a_whole_though_codes_are_left(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    customer = await enrol(core, 1)
    batch = await issue(core, owner, Benefit.PERCENT, 1000, None, count=5, total=1, each=5, whole=2)
    assert (batch.limit_total, batch.limit_code) == (2, 1)
    codes = await core.coupons.codes(owner, batch.offer.gives.id)
    for code in codes[:2]:
        sale = await quoted(core, cashier, customer, 1000_00, code)
        assert (await core.till.accrue(cashier, sale.purchase_id)).payable == 900_00
    with pytest.raises(CouponRefused) as refusal:
        await quoted(core, cashier, customer, 1000_00, codes[2])
    assert refusal.value.data["reason"] == "used_up"


async def test_a_sale_against_a_refund_that_frees_the_coupon(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    customer, other = await enrol(core, 1), await enrol(core, 2)
    await issue(core, owner, Benefit.PERCENT, 1000, total=1, each=5)
    sales = [await quoted(core, cashier, who, 1000_00, "SUMMER") for who in (customer, other)]
    await core.till.accrue(cashier, sales[0].purchase_id)
    await all_at_once(
        core.refunds.refund(cashier, sales[0].purchase_id, key=fresh_key()),
        core.till.accrue(cashier, sales[1].purchase_id),
    )
    assert await one("SELECT count(*) FROM coupon_use WHERE returned_at IS NULL") in (0, 1)


async def test_later_payments_go_on_by_the_coupons_factor(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    await core.programmes.change({"part_payments_on": True})
    customer = await enrol(core, 1)
    batch = await issue(core, owner, Benefit.FACTOR, 200)
    sale = await quoted(core, cashier, customer, 1000_00, "SUMMER")
    await core.payments.pay_now(cashier, sale.purchase_id, 0)
    assert (await core.till.accrue(cashier, sale.purchase_id)).accrual == 0
    await core.payments.pay_rest(cashier, sale.purchase_id, 1000_00, seen_paid=0)
    opened = await core.coupons.open(owner, batch.offer.gives.id)
    assert (opened.uses, opened.offer.given.points, await points_of(core, customer)) == (1, 50_00, 100_00)


async def test_batches_have_as_many_different_codes(core: Services, owner: StaffActor) -> None:
    offer = draft(core, Benefit.PERCENT, 1000, COUPON)
    for _ in range(2):
        batch = await core.coupons.save(owner, CouponDraft(offer, None, 1500, 1), key="the same")
    assert (batch.codes, batch.code) == (1500, None)
    codes = await core.coupons.codes(owner, batch.offer.gives.id)
    assert len(set(codes)) == 1500
    assert await one("SELECT count(*) FROM coupon_batch") == 1
    for count in (0, 10_001):
        with pytest.raises(InvalidOffer) as refusal:
            await core.coupons.save(owner, CouponDraft(offer, None, count), key=fresh_key())
        assert refusal.value.data == {"reason": "count", "low": 1, "high": 10_000}
    await issue(core, owner, Benefit.PERCENT, 1000, "summer")
    for own, reason in (("SUMMER", "code_taken"), ("12345", "code"), ("a", "code")):
        with pytest.raises(InvalidOffer) as refusal:
            await issue(core, owner, Benefit.PERCENT, 1000, own)
        assert refusal.value.data["reason"] == reason
    assert await one("SELECT count(*) FROM coupon_batch") == 2


async def test_a_change_is_in_the_log_and_old_uses_stay(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    customer = await enrol(core, 1)
    batch = await issue(core, owner, Benefit.PERCENT, 1000, each=5)
    number = batch.offer.gives.id
    for _ in range(2):
        sale = await quoted(core, cashier, customer, 1000_00, "SUMMER")
        await core.till.accrue(cashier, sale.purchase_id)
    changed = draft(core, Benefit.PERCENT, 2000, COUPON)
    with pytest.raises(InvalidOffer) as refusal:
        await core.coupons.save(owner, CouponDraft(changed, None, 1, 1, 5), key=fresh_key(), batch_id=number)
    assert refusal.value.data["low"] == 2
    await core.coupons.save(owner, CouponDraft(changed, None, 1, 2, 5), key=fresh_key(), batch_id=number)
    with pytest.raises(CouponRefused) as spent:
        await quoted(core, cashier, customer, 1000_00, "SUMMER")
    assert spent.value.data["reason"] == "used_up"
    uses, has_more = await core.coupons.uses(owner, number)
    assert ([row["discount"] for row in uses], has_more) == ([100_00, 100_00], False)
    rows = await fetch("SELECT action FROM audit_row WHERE object_kind = 'coupon_batch' ORDER BY id")
    assert [row["action"] for row in rows] == ["coupon.made", "coupon.changed"]
