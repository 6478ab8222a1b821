"""Promotions and coupons in sales: what stands, what is gone meanwhile, who uses the last one, what refunds do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.coupons import BatchView, CouponDraft
from core.domain.basket import Basket, DiscountSource, Line
from core.domain.errors import CouponRefused, InvalidOffer, NotAllowed, OfferUnknown, QuoteStale
from core.domain.people import Role
from core.domain.promotions import Benefit, Conditions, Gives
from core.domain.refund import Wanted
from core.promotions import Draft, OfferView
from core.services import Services
from core.store import staff as staff_rows
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, fresh_key, one, points_of
from tests.core.test_races import all_at_once, completed

PROMOTION, COUPON = DiscountSource.PROMOTION, DiscountSource.COUPON


@pytest.fixture(autouse=True)
async def sound(core: Services):
    """Whatever was done, the ledger's proof holds, that of coupons among it."""
    yield
    assert not (await check_ledger()).findings


@pytest.fixture
async def owner(core: Services) -> StaffActor:
    return await hire(core, 7001, Role.OWNER)


def draft(
    core: Services, benefit: Benefit, amount: int, source=PROMOTION, days: int | None = 7, **conditions
) -> Draft:
    now = core.deps.clock.now()
    gives = Gives(source, 0, f"{benefit.value} {amount}", benefit, amount, Conditions(**conditions))
    return Draft(gives, now, now + timedelta(days=days) if days else None)


async def promote(core: Services, owner: StaffActor, benefit: Benefit, amount: int, **conditions) -> OfferView:
    return await core.promotions.save(owner, draft(core, benefit, amount, **conditions), key=fresh_key("offer"))


async def issue(
    core: Services, owner: StaffActor, benefit: Benefit, amount: int, own: str | None = "SUMMER", *,
    count: int = 1, total: int | None = None, each: int = 1, days: int | None = 7, **conditions,
) -> BatchView:  # fmt: skip
    offer = draft(core, benefit, amount, COUPON, days, **conditions)
    return await core.coupons.save(owner, CouponDraft(offer, own, count, total, each), key=fresh_key("coupon"))


async def quoted(core: Services, cashier: StaffActor, customer: int, total: int | Basket, code: str | None = None):
    sale = await core.till.open_sale(cashier, customer, total, key=fresh_key("sale"))
    return sale if code is None else await core.couponing.enter(cashier, sale.purchase_id, code)


async def test_a_promotion_prices_sales_while_it_is_on(
    core: Services, cashier: StaffActor, owner: StaffActor, clock: ManualClock
) -> None:
    customer = await enrol(core, 1)
    made = await promote(core, owner, Benefit.FACTOR, 300, days=1)
    sale = await quoted(core, cashier, customer, 1000_00)
    assert (sale.accrual, sale.factor_by) == (150_00, "factor 300")
    late = await quoted(core, cashier, customer, 1000_00)
    clock.forward(hours=23, minutes=59)
    inside = await quoted(core, cashier, customer, 1000_00)
    clock.forward(minutes=1)
    assert (await quoted(core, cashier, customer, 1000_00)).accrual == 50_00
    assert (await core.till.accrue(cashier, inside.purchase_id)).accrual == 150_00, "the quote is good for a while"
    with pytest.raises(QuoteStale) as refusal:
        await core.till.accrue(cashier, late.purchase_id)
    assert refusal.value.data["sale"].accrual == 50_00
    assert (await core.promotions.open(owner, made.gives.id)).state == "ended"


async def test_a_promotion_that_is_switched_off_prices_nothing(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    customer = await enrol(core, 1)
    made = await promote(core, owner, Benefit.PERCENT, 1000)
    assert (await quoted(core, cashier, customer, 1000_00)).discount_by == "percent 1000"
    assert (await core.promotions.switch(owner, made.gives.id, is_on=False)).state == "off"
    assert (await quoted(core, cashier, customer, 1000_00)).discount == 0
    await core.promotions.switch(owner, made.gives.id, is_on=True)
    await core.programmes.change({"status_on": False})
    assert (await quoted(core, cashier, customer, 1000_00)).discount == 0


async def test_a_first_purchase_is_the_first_at_two_tills_too(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    customer = await enrol(core, 1)
    await promote(core, owner, Benefit.POINTS, 200_00, first_only=True)
    one_till, other = [await quoted(core, cashier, customer, 1000_00) for _ in range(2)]
    assert (one_till.accrual, other.accrual) == (250_00, 250_00)
    assert (await core.till.accrue(cashier, one_till.purchase_id)).accrual == 250_00
    with pytest.raises(QuoteStale) as refusal:
        await core.till.accrue(cashier, other.purchase_id)
    assert refusal.value.data["sale"].accrual == 50_00
    assert (await core.till.accrue(cashier, other.purchase_id)).accrual == 50_00
    await core.refunds.undo(cashier, other.purchase_id)
    await core.refunds.undo(cashier, one_till.purchase_id)
    assert (await quoted(core, cashier, customer, 1000_00)).accrual == 250_00


async def test_what_it_has_cost_less_what_was_refunded(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    customer, other = await enrol(core, 1), await enrol(core, 2)
    made = await promote(core, owner, Benefit.FACTOR, 200)
    whole, half, kept = [await buy(core, cashier, who, 1000_00) for who in (customer, customer, other)]
    await core.refunds.refund(cashier, whole, key=fresh_key())
    await core.refunds.refund(cashier, half, Wanted(500_00), key=fresh_key())
    given = (await core.promotions.open(owner, made.gives.id)).given
    assert (given.purchases, given.customers, given.discount, given.points) == (2, 2, 0, 75_00)
    assert kept


async def test_a_refund_takes_a_promotions_points_back_however_it_is_split(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    await promote(core, owner, Benefit.POINTS, 90_00, min_purchase=500_00)
    await promote(core, owner, Benefit.FACTOR, 300)
    left = []
    for number, parts in enumerate(([300_00], [100_00] * 3, [1_00, 299_00])):
        customer = await enrol(core, 1 + number)
        purchase = await buy(core, cashier, customer, 1000_00)
        assert await points_of(core, customer) == 240_00
        for part in parts:
            await core.refunds.refund(cashier, purchase, Wanted(part), key=fresh_key())
        left.append(await points_of(core, customer))
        await core.refunds.refund(cashier, purchase, Wanted(200_01), key=fresh_key())
        assert await points_of(core, customer) == 74_00, "under 500 the extra points are gone"
        await core.refunds.refund(cashier, purchase, key=fresh_key())
        assert await points_of(core, customer) == 0
    assert left == [105_00 + 63_00] * 3


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
    away = await staff_rows.add_branch("Б", "Europe/Moscow", clock.now())
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


async def test_managers_see_to_those_of_their_branch(
    core: Services, owner: StaffActor, clock: ManualClock
) -> None:
    away = await staff_rows.add_branch("Б", "Europe/Moscow", clock.now())
    here, there = await hire(core, 7002, Role.MANAGER), await hire(core, 7003, Role.MANAGER, away)
    everywhere = await promote(core, owner, Benefit.FACTOR, 200)
    own = await promote(core, here, Benefit.FACTOR, 300, branches=frozenset({away}))
    assert own.gives.conditions.branches == {here.branch_id}
    assert {view.gives.id for view in await core.promotions.listed(here)} == {everywhere.gives.id, own.gives.id}
    assert {view.gives.id for view in await core.promotions.listed(there)} == {everywhere.gives.id}
    with pytest.raises(NotAllowed):
        await core.promotions.switch(here, everywhere.gives.id, is_on=False)
    with pytest.raises(OfferUnknown):
        await core.promotions.switch(there, own.gives.id, is_on=False)
    with pytest.raises(OfferUnknown):
        await core.promotions.save(
            there, draft(core, Benefit.FACTOR, 500), key=fresh_key(), promotion_id=own.gives.id
        )
    batch = await issue(core, here, Benefit.PERCENT, 500)
    for verb in (core.coupons.open, core.coupons.codes, core.coupons.uses):
        with pytest.raises(OfferUnknown):
            await verb(there, batch.offer.gives.id)
    cashier = await hire(core, 7004, Role.CASHIER)
    for asked in (core.promotions.listed, core.coupons.listed):
        with pytest.raises(NotAllowed):
            await asked(cashier)


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


async def test_what_customers_are_told(core: Services, owner: StaffActor, clock: ManualClock) -> None:
    customer = await enrol(core, 1)
    await promote(core, owner, Benefit.FACTOR, 200, days=None)
    await promote(core, owner, Benefit.POINTS, 50_00, days=1)
    assert [view.gives.amount for view in await core.promotions.for_customer(actor_of(customer))] == [50_00, 200]
    await issue(core, owner, Benefit.PERCENT, 1000, days=2)
    told = await core.couponing.tell(actor_of(customer), "summer")
    assert (told.offer.gives.amount, told.problem) == (1000, None)
    clock.forward(days=2)
    assert (await core.couponing.tell(actor_of(customer), "summer")).problem == "ended"
    assert await core.couponing.tell(actor_of(customer), "winter") is None
    assert len(await core.promotions.for_customer(actor_of(customer))) == 1


async def test_a_promotion_on_a_category_counts_its_lines(
    core: Services, cashier: StaffActor, owner: StaffActor
) -> None:
    await fetch(
        "INSERT INTO product_category (name, name_key, created_at) VALUES ('Кофе', 'кофе', $1)",
        core.deps.clock.now(),
    )
    coffee = await one("SELECT id FROM product_category")
    customer = await enrol(core, 1)
    await promote(core, owner, Benefit.PERCENT, 5000, category_ids=frozenset({coffee}))
    cup = Line(200_00, title="Капучино", category_id=coffee)
    sale = await quoted(core, cashier, customer, Basket((cup, Line(300_00, title="Пирог"))))
    assert (sale.discount, sale.payable) == (100_00, 400_00)
    assert (await quoted(core, cashier, customer, 500_00)).discount == 0
