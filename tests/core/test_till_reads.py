"""What the till reads and corrects besides the sale itself, on both databases."""

import pytest

from core.actors import CustomerActor, StaffActor
from core.domain.errors import CardUnknown, HoldGone, InvalidCard, NotAllowed, PhoneTaken, ShownCodeStale
from core.domain.people import Role
from core.domain.refund import Wanted
from core.refunds import PAGE
from core.services import Services
from core.store import branches
from tests.conftest import enrol, hire
from tests.core.kit import buy


async def test_a_corrected_sum_replaces_its_draft_only(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    slip = await core.till.open_sale(cashier, customer, 15_00, key="a")
    right = await core.till.open_sale(cashier, customer, 1_500_00, key="b", instead_of=slip.purchase_id)
    assert (await core.till.look(cashier, slip.purchase_id)).status == "cancelled"
    await core.till.accrue(cashier, right.purchase_id)
    await core.till.open_sale(cashier, customer, 20_00, key="c", instead_of=right.purchase_id)
    assert (await core.till.look(cashier, right.purchase_id)).status == "completed"


async def test_a_draft_of_another_customer_is_not_replaced(core: Services, cashier: StaffActor) -> None:
    one, two = await enrol(core, 1), await enrol(core, 2)
    first = await core.till.open_sale(cashier, one, 15_00, key="a")
    await core.till.open_sale(cashier, two, 15_00, key="b", instead_of=first.purchase_id)
    assert (await core.till.look(cashier, first.purchase_id)).status == "draft"


async def test_refundable_are_a_branchs_completed_purchases_the_newest_first(
    core: Services, cashier: StaffActor
) -> None:
    customer, other = await enrol(core, 1), await enrol(core, 2)
    bought = [await buy(core, cashier, customer, 100_00) for _ in range(PAGE + 1)]
    theirs = await buy(core, cashier, other, 100_00)
    await core.refunds.refund(cashier, bought[0], key="whole")
    await core.refunds.refund(cashier, bought[1], Wanted(1_00), key="part")
    first = await core.refunds.refundable(cashier)
    assert [each.id for each in first.purchases] == [theirs, *bought[:1:-1]]
    assert first.has_more
    second = await core.refunds.refundable(cashier, page=1)
    assert [(each.id, each.refunded) for each in second.purchases] == [(bought[1], 1_00)]
    assert not second.has_more
    found = await core.refunds.refundable(cashier, other)
    assert [each.id for each in found.purchases] == [theirs]
    away = await branches.add("Дальняя", "Europe/Moscow", core.deps.clock.now())
    elsewhere = await hire(core, 77, Role.CASHIER, away)
    assert (await core.refunds.refundable(elsewhere)).purchases == ()
    assert (await core.refunds.refundable(elsewhere, other)).purchases == ()
    owner = await hire(core, 78, Role.OWNER, away)
    assert [each.id for each in (await core.refunds.refundable(owner, other)).purchases] == [theirs]


async def test_a_stopped_wait_tells_the_balance_however_often(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    big = await core.till.open_sale(cashier, customer, 10_000_00, key="a")
    await core.till.accrue(cashier, big.purchase_id)
    sale = await core.till.open_sale(cashier, customer, 600_00, key="b")
    await core.redemption.spend(cashier, sale.purchase_id, key="s")
    for _ in range(2):
        stopped = await core.redemption.stop_waiting(cashier, sale.purchase_id)
        assert (stopped.status, stopped.balance, stopped.limit_worth) == ("draft", 500_00, 300_00)


async def test_a_dropped_wait_closes_the_question(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    big = await core.till.open_sale(cashier, customer, 10_000_00, key="a")
    await core.till.accrue(cashier, big.purchase_id)
    sale = await core.till.open_sale(cashier, customer, 600_00, key="b")
    await core.redemption.spend(cashier, sale.purchase_id, key="s")
    await core.till.drop(cashier, sale.purchase_id)
    with pytest.raises(HoldGone):
        await core.redemption.confirm(CustomerActor(customer, 1, "ru", None), sale.purchase_id)
    assert (await core.identification.panel(cashier, customer)).points == 500_00


async def test_the_first_code_of_a_photo_that_identifies(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await core.cards.bind(cashier, customer, "4600000000012")
    panel = await core.identification.by_scans(cashier, ["https://example.com", "99999", "4600000000012"])
    assert panel.customer_id == customer
    with pytest.raises(CardUnknown) as unknown:
        await core.identification.by_scans(cashier, ["https://example.com", "99999"])
    assert unknown.value.data["number"] == "99999"
    with pytest.raises(ShownCodeStale):
        await core.identification.by_scans(cashier, ["KPL1.1.1.forged"])
    with pytest.raises(InvalidCard):
        await core.identification.by_scans(cashier, ["https://example.com"])


async def test_a_questionnaire_asked_twice_is_one(core: Services, cashier: StaffActor) -> None:
    first = await core.till_registrations.open_at_till(cashier, "79160000001", name="Мария")
    again = await core.till_registrations.open_at_till(cashier, "79160000001", card_number="12345")
    other = await core.till_registrations.open_at_till(cashier, "79160000002")
    assert first == again != other
    customer = await enrol(core, 1, "79160000003")
    with pytest.raises(PhoneTaken) as taken:
        await core.till_registrations.open_at_till(cashier, "79160000003")
    assert taken.value.data["customer_id"] == customer


async def test_members_and_openings_follow_the_role(core: Services, cashier: StaffActor) -> None:
    second = await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())
    owner, manager = await hire(core, 9002, Role.OWNER), await hire(core, 9003, Role.MANAGER)
    far = await hire(core, 9004, Role.CASHIER, second)
    with pytest.raises(NotAllowed):
        await core.staff.members(cashier)
    with pytest.raises(NotAllowed):
        await core.staff.openings(cashier)
    seen = {member.id: member.changeable for member in await core.staff.members(manager)}
    assert seen == {cashier.id: True, owner.id: False, manager.id: False}
    seen = {member.id: member.changeable for member in await core.staff.members(owner)}
    assert seen == {cashier.id: True, owner.id: False, manager.id: True, far.id: True}
    assert [branch for branch, _ in (await core.staff.openings(manager)).branches] == [manager.branch_id]
    assert (await core.staff.openings(manager)).roles == (Role.CASHIER, Role.OPERATOR)
    assert len((await core.staff.openings(owner)).branches) == 2
