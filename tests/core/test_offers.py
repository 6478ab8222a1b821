"""Promotions and coupons in sales: what stands, what is gone meanwhile, what refunds do, and whose they are."""

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.basket import Basket, Line
from core.domain.errors import NotAllowed, OfferUnknown, QuoteStale
from core.domain.people import Role
from core.domain.promotions import Benefit
from core.domain.refund import Wanted
from core.services import Services
from core.store import branches
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, fresh_key, one, points_of
from tests.core.offers_kit import draft, issue, promote, quoted


@pytest.fixture(autouse=True)
async def sound(core: Services):
    """Whatever was done, the ledger's proof holds, that of coupons among it."""
    yield
    assert not (await check_ledger()).findings


@pytest.fixture
async def owner(core: Services) -> StaffActor:
    return await hire(core, 7001, Role.OWNER)


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


async def test_managers_see_to_those_of_their_branch(
    core: Services, owner: StaffActor, clock: ManualClock
) -> None:
    away = await branches.add("Б", "Europe/Moscow", clock.now())
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
