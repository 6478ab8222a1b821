"""Gifts for points, and every N-th purchase a gift: once each, undone, refunded, and never farmed."""

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.basket import Basket, Line
from core.domain.errors import CodeWrong, GiftGone, HoldGone, PointsNotEnough, QuoteStale, UndoTooLate
from core.services import Services
from core.store import identities
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol
from tests.core.kit import actor_of, buy, fresh_key, one, points_of

MUG = {"gifts": [{"title": "Кружка", "points": 100_00}, {"title": "Самовар", "points": 900_00}]}


@pytest.fixture(autouse=True)
async def sound(core: Services):
    """Whatever was done, the ledger's proof holds."""
    yield
    assert not (await check_ledger()).findings


@pytest.fixture
async def rich(core: Services, cashier: StaffActor) -> int:
    """A customer with 200 points and two gifts to choose from."""
    await core.programmes.change(MUG)
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 4_000_00)
    return customer


async def mug(core: Services, cashier: StaffActor, customer: int, key: str = ""):
    number = (await core.gifts.for_till(cashier, customer)).gifts[0].number
    return await core.gifts.ask(cashier, customer, number, key=key or fresh_key("gift"))


async def test_the_list_says_what_is_affordable(core: Services, rich: int) -> None:
    found = await core.gifts.for_customer(actor_of(rich))
    assert [(each.title, each.points, each.missing) for each in found.gifts] == [
        ("Кружка", 100_00, 0),
        ("Самовар", 900_00, 700_00),
    ]
    await core.programmes.change({"kind": "cashback"})
    assert (await core.gifts.for_customer(actor_of(rich))).gifts == ()


async def test_a_gift_is_asked_confirmed_and_undone_once(
    core: Services, cashier: StaffActor, rich: int, clock: ManualClock
) -> None:
    asked = await mug(core, cashier, rich, "k")
    assert (asked.status, asked.channel) == ("waiting", "telegram")
    assert (await mug(core, cashier, rich, "k")).exchange_id == asked.exchange_id
    assert await points_of(core, rich) == 200_00
    for _ in range(2):
        done = await core.gifts.confirm(actor_of(rich), asked.exchange_id)
        assert (done.status, done.balance) == ("done", 100_00)
    assert await one("SELECT reason FROM ledger_entry WHERE kind = 'redemption'") == "gift:Кружка"
    for _ in range(2):
        undone = await core.gifts.undo(cashier, asked.exchange_id)
        assert (undone.status, undone.undone, undone.balance) == ("cancelled", True, 200_00)
    with pytest.raises(HoldGone):
        await core.gifts.confirm(actor_of(rich), asked.exchange_id)
    late = await core.gifts.confirm(actor_of(rich), (await mug(core, cashier, rich)).exchange_id)
    clock.forward(minutes=15, seconds=1)
    with pytest.raises(UndoTooLate):
        await core.gifts.undo(cashier, late.exchange_id)


async def test_the_same_points_buy_one_thing_only(core: Services, cashier: StaffActor, rich: int) -> None:
    first, second, third = [await mug(core, cashier, rich) for _ in range(3)]
    await core.gifts.confirm(actor_of(rich), first.exchange_id)
    await core.gifts.confirm(actor_of(rich), second.exchange_id)
    with pytest.raises(PointsNotEnough):
        await core.gifts.confirm(actor_of(rich), third.exchange_id)
    with pytest.raises(PointsNotEnough):
        await mug(core, cashier, rich)


async def test_points_held_for_a_purchase_buy_no_gift(core: Services, cashier: StaffActor, rich: int) -> None:
    sale = await core.till.open_sale(cashier, rich, 400_00, key="sale")
    await core.redemption.spend(cashier, sale.purchase_id, 150_00, key="spend")
    with pytest.raises(PointsNotEnough):
        await mug(core, cashier, rich)


async def test_nobody_answers_or_the_gift_is_gone(
    core: Services, cashier: StaffActor, rich: int, clock: ManualClock
) -> None:
    asked = await mug(core, cashier, rich)
    stranger = await enrol(core, 2)
    with pytest.raises(GiftGone):
        await core.gifts.confirm(actor_of(stranger), asked.exchange_id)
    clock.forward(minutes=5)
    assert (await core.gifts.look(cashier, asked.exchange_id)).status == "expired"
    with pytest.raises(HoldGone):
        await core.gifts.confirm(actor_of(rich), asked.exchange_id)
    declined = await mug(core, cashier, rich)
    assert (await core.gifts.decline(actor_of(rich), declined.exchange_id)).status == "cancelled"
    number = (await core.gifts.for_till(cashier, rich)).gifts[0].number
    await core.programmes.change({"gifts": [{"title": "Кружка", "points": 150_00}]})
    with pytest.raises(GiftGone):
        await core.gifts.ask(cashier, rich, number, key="gone")
    assert await points_of(core, rich) == 200_00


async def test_by_a_code_when_the_customer_has_no_bot(core: Services, cashier: StaffActor, rich: int) -> None:
    await identities.mark_blocked("customer", 1, core.deps.clock.now())
    asked = await mug(core, cashier, rich)
    assert asked.channel == "sms"
    sealed = await one("SELECT secret FROM message WHERE template = 'sms/code_gift'")
    code = str(core.deps.keys.unseal(sealed)["code"])
    wrong = str((int(code) + 1) % 9000 + 1000)
    with pytest.raises(CodeWrong):
        await core.gifts.confirm_by_code(cashier, asked.exchange_id, wrong, key="w")
    assert (await core.gifts.confirm_by_code(cashier, asked.exchange_id, code, key="c")).status == "done"
    assert await points_of(core, rich) == 100_00


async def counted(customer: int) -> int:
    return await one("SELECT counted - owed FROM purchase_counter WHERE customer_id = $1", customer)


async def test_a_gift_quoted_at_two_tills_is_given_once(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"nth_purchase": 2})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 100_00)
    one_till, other = [await core.till.open_sale(cashier, customer, 300_00, key=key) for key in ("a", "b")]
    assert (one_till.payable, other.payable, other.discount_source) == (0, 0, "nth_gift")
    await core.till.accrue(cashier, one_till.purchase_id)
    with pytest.raises(QuoteStale) as refusal:
        await core.till.accrue(cashier, other.purchase_id)
    assert refusal.value.data["sale"].payable == 300_00
    assert (await core.till.accrue(cashier, other.purchase_id)).payable == 300_00
    assert await counted(customer) == 1


async def test_refunding_what_a_gift_was_given_for_brings_no_second_one_sooner(
    core: Services, cashier: StaffActor
) -> None:
    await core.programmes.change({"nth_purchase": 3})
    customer = await enrol(core, 1)
    paid = [await buy(core, cashier, customer, 100_00) for _ in range(2)]
    gift = await buy(core, cashier, customer, 500_00)
    assert await one("SELECT payable FROM purchase WHERE id = $1", gift) == 0
    for purchase in paid:
        await core.refunds.refund(cashier, purchase, key=fresh_key())
    assert await counted(customer) == -2
    for left in (-1, 0, 1, 2):
        await buy(core, cashier, customer, 100_00)
        assert await counted(customer) == left
    assert (await core.till.open_sale(cashier, customer, 100_00, key="due")).payable == 0


async def test_a_gift_that_was_refunded_is_due_again(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"nth_purchase": 2, "nth_limit": 200_00})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 100_00)
    gift = await buy(core, cashier, customer, 500_00)
    assert await one("SELECT payable FROM purchase WHERE id = $1", gift) == 300_00
    assert (await core.balances.open(actor_of(customer))).nth.left == 1
    await core.refunds.undo(cashier, gift)
    assert (await core.balances.open(actor_of(customer))).nth.left == 0
    assert (await core.till.open_sale(cashier, customer, 500_00, key="again")).discount == 200_00


async def test_within_a_category_only_its_purchases_count_and_its_lines_are_free(
    core: Services, cashier: StaffActor
) -> None:
    now = core.deps.clock.now()
    await fetch("INSERT INTO product_category (name, name_key, created_at) VALUES ('Кофе', 'кофе', $1)", now)
    coffee = await one("SELECT id FROM product_category")
    await core.programmes.change({"nth_purchase": 2, "nth_category": coffee})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 100_00)
    cup = Line(150_00, title="Капучино", category_id=coffee)
    first = await core.till.open_sale(cashier, customer, Basket((cup,)), key="first")
    assert first.payable == 150_00
    await core.till.accrue(cashier, first.purchase_id)
    both = await core.till.open_sale(cashier, customer, Basket((cup, Line(90_00, title="Пирог"))), key="both")
    assert (both.payable, both.discount) == (90_00, 150_00)
