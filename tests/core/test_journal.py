"""The log as it is read: by person, kind, day, customer and purchase, and the own branch's for managers."""

from datetime import timedelta

import pytest

from core.actors import StaffActor
from core.domain.errors import NotAllowed
from core.domain.people import Role
from core.journal import Sought
from core.services import Services
from core.store import branches
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import buy, fresh_key


async def test_who_did_what_is_found(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    customer, other = await enrol(core, 1), await enrol(core, 2)
    owner = await hire(core, 3, Role.OWNER)
    purchase = await buy(core, cashier, customer, 100_00)
    await core.refunds.refund(cashier, purchase, key=fresh_key())
    await core.preferences.edit_at_till(cashier, other, name="B")
    clock.forward(days=1)
    await core.manual.propose(owner, customer, 5_00, "sorry", key="m")

    async def found(**wanted: object) -> list[str]:
        return [row.action for row in (await core.journal.page(owner, Sought(**wanted))).rows]  # type: ignore[arg-type]

    assert await found(staff_id=cashier.id, kind="sale") == ["purchase.refunded"]
    assert await found(kind="pts") == ["manual.done"]
    assert await found(customer_id=other, staff_id=cashier.id) == ["customer.edited"]
    assert await found(purchase_id=purchase) == ["purchase.refunded"]
    assert await found(customer_id=customer) == ["manual.done", "purchase.refunded", "customer.registered"]
    today = clock.now().date()
    assert await found(day=today) == ["manual.done"]
    assert "purchase.refunded" in await found(day=today - timedelta(days=1))
    assert await found(kind="other") == []
    rows = (await core.journal.page(owner, Sought(kind="pts"))).rows
    details = await core.journal.row(owner, rows[0].id)
    assert details is not None
    assert (details.row.actor, details.row.after["reason"]) == (owner.name, "sorry")


async def test_pages(core: Services, cashier: StaffActor) -> None:
    owner, customer = await hire(core, 3, Role.OWNER), await enrol(core, 1)
    for number in range(9):
        await core.preferences.edit_at_till(cashier, customer, name=f"N{number}")
    sought = Sought(staff_id=cashier.id, kind="cust")
    first, second = [await core.journal.page(owner, sought, page) for page in range(2)]
    assert (len(first.rows), first.has_more, len(second.rows), second.has_more) == (8, True, 1, False)
    assert first.rows[-1].id > second.rows[0].id


async def test_a_manager_reads_the_own_branchs(core: Services, cashier: StaffActor) -> None:
    away = await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())
    manager, far = await hire(core, 3, Role.MANAGER), await hire(core, 4, Role.MANAGER, away)
    owner = await hire(core, 5, Role.OWNER, away)
    customer = await enrol(core, 1)
    purchase = await buy(core, cashier, customer, 100_00)
    await core.preferences.edit_at_till(cashier, customer, name="A")
    await core.refunds.refund(owner, purchase, key=fresh_key())
    mine = (await core.journal.page(manager, Sought())).rows
    assert {"customer.edited", "purchase.refunded"} <= {row.action for row in mine}
    theirs = (await core.journal.page(far, Sought())).rows
    assert "customer.edited" not in {row.action for row in theirs}
    assert await core.journal.row(far, mine[0].id) is None or mine[0].id in {row.id for row in theirs}
    for verb in (core.journal.page(cashier, Sought()), core.journal.row(cashier, 1), core.journal.people(cashier)):
        with pytest.raises(NotAllowed):
            await verb
    assert {name for _, name in await core.journal.people(far)} == {far.name, owner.name}
