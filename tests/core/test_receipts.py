"""Receipt numbers: asked for as the programme says, and one in a branch and day."""

import asyncio

import pytest

from core.actors import StaffActor
from core.domain.errors import InvalidReceipt, ReceiptNeeded, ReceiptTaken
from core.domain.people import Role
from core.receipts import read_number
from core.services import Services
from core.store import branches
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, fresh_key, one


async def sale(core: Services, actor: StaffActor, customer: int, number: str | None) -> int:
    made = await core.till.open_sale(actor, customer, 100_00, key=fresh_key(), receipt_number=number)
    return made.purchase_id


async def test_off_ignores_optional_keeps_required_insists(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    first = await sale(core, cashier, customer, "12")
    assert (await core.till.accrue(cashier, first)).receipt_number is None
    await core.programmes.change({"receipt_number": "optional"})
    assert (await core.till.accrue(cashier, await sale(core, cashier, customer, None))).status == "completed"
    done = await core.till.accrue(cashier, await sale(core, cashier, customer, "# 12-a"))
    assert done.receipt_number == "12-A"
    await core.programmes.change({"receipt_number": "required"})
    bare = await sale(core, cashier, customer, None)
    with pytest.raises(ReceiptNeeded):
        await core.till.accrue(cashier, bare)
    assert (await core.receipt_numbers.put(cashier, bare, "13")).receipt_number == "13"
    assert (await core.till.accrue(cashier, bare)).status == "completed"


async def test_a_number_is_taken_once_in_a_branch_and_day(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change({"receipt_number": "optional", "undo_minutes": 60})
    customer = await enrol(core, 1)
    first = await sale(core, cashier, customer, "7")
    await core.till.accrue(cashier, first)
    second = await sale(core, cashier, customer, "7")
    with pytest.raises(ReceiptTaken) as refusal:
        await core.till.accrue(cashier, second)
    assert (refusal.value.data["number"], refusal.value.data["subtotal"]) == ("7", 100_00)
    with pytest.raises(ReceiptTaken):
        await core.receipt_numbers.put(cashier, second, "#7")
    away = await branches.add("Вторая", "Europe/Moscow", clock.now())
    far = await hire(core, 9002, Role.CASHIER, away)
    await core.till.accrue(far, await sale(core, far, customer, "7"))
    await core.refunds.undo(cashier, first)
    await core.till.accrue(cashier, second)
    clock.at = clock.at.replace(hour=21)  # midnight of the branch
    await core.till.accrue(cashier, await sale(core, cashier, customer, "7"))


async def test_a_corrected_sum_keeps_the_number(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"receipt_number": "required"})
    customer = await enrol(core, 1)
    slip = await sale(core, cashier, customer, "5")
    right = await core.till.open_sale(cashier, customer, 90_00, key=fresh_key(), instead_of=slip)
    assert right.receipt_number == "5"


async def test_points_are_asked_for_only_with_a_number(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    await core.programmes.change({"receipt_number": "required"})
    bare = await sale(core, cashier, customer, None)
    with pytest.raises(ReceiptNeeded):
        await core.redemption.spend(cashier, bare, 10_00, key="s")
    await core.receipt_numbers.put(cashier, bare, "1")
    await core.redemption.spend(cashier, bare, 10_00, key="s")
    rival = await sale(core, cashier, await enrol(core, 2), "1")
    await core.till.accrue(cashier, rival)
    with pytest.raises(Exception, match="quote_stale"):
        await core.redemption.confirm(actor_of(customer), bare)
    assert (await core.till.look(cashier, bare)).status == "draft"


async def test_two_tills_with_one_number_at_once(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"receipt_number": "optional"})
    people = [await enrol(core, 1 + n) for n in range(6)]
    drafts = [await sale(core, cashier, person, "77") for person in people]
    outcomes = await asyncio.gather(
        *(core.till.accrue(cashier, draft) for draft in drafts), return_exceptions=True
    )
    assert sum(isinstance(each, ReceiptTaken) for each in outcomes) == 5
    assert await one("SELECT count(*) FROM purchase WHERE status = 'completed'") == 1


@pytest.mark.parametrize("text", ["", "#", "a b c!", "x" * 33, "<b>", "1_2"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(InvalidReceipt):
        read_number(text)


def test_how_a_number_is_kept() -> None:
    assert [read_number(text) for text in ("№ 12", "#a1", "чек-5", "0001")] == ["12", "A1", "ЧЕК-5", "0001"]
