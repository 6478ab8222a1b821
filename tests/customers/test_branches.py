"""Branches: names and zones, and what a closed one does."""

import pytest

from core.actors import StaffActor
from core.domain.errors import BranchClosed, BranchLast, BranchTaken, BranchUnknown, NotAllowed, ZoneUnknown
from core.domain.people import Role
from core.services import Services
from core.store.sql import fetch
from tests.conftest import enrol, hire


@pytest.fixture
async def owner(core: Services) -> StaffActor:
    return await hire(core, 9003, Role.OWNER)


async def test_a_branch_is_added_renamed_and_moved(core: Services, owner: StaffActor) -> None:
    branch = await core.branches.add(owner, "Вторая", "asia/omsk")
    await core.branches.rename(owner, branch, "Тверская")
    await core.branches.move(owner, branch, "Europe/Samara")
    it = await core.branches.look(owner, branch)
    assert (it.name, it.time_zone, it.is_open, it.members, it.overrides) == (
        "Тверская",
        "Europe/Samara",
        True,
        0,
        (),
    )
    rows = await fetch("SELECT action FROM audit_row WHERE object_kind = 'branch' ORDER BY id")
    assert [row["action"] for row in rows] == ["branch.added", "branch.renamed", "branch.moved"]


@pytest.mark.parametrize("zone", ["Москва", "Europe/Nowhere", "UTC+3", "", "localtime", "../etc/passwd"])
async def test_only_real_time_zones_are_taken(core: Services, owner: StaffActor, zone: str) -> None:
    with pytest.raises(ZoneUnknown):
        await core.branches.add(owner, "Вторая", zone)


async def test_names_are_taken_once_and_branches_are_the_owners(core: Services, owner: StaffActor) -> None:
    branch = await core.branches.add(owner, "Вторая", "Europe/Moscow")
    for taken in ("вторая", "Основная точка"):
        with pytest.raises(BranchTaken):
            await core.branches.add(owner, taken, "Europe/Moscow")
    await core.branches.rename(owner, branch, "ВТОРАЯ")
    with pytest.raises(BranchUnknown):
        await core.branches.rename(owner, 10**6, "Третья")
    manager = await hire(core, 9002, Role.MANAGER)
    with pytest.raises(NotAllowed):
        await core.branches.rename(manager, branch, "Моя")


async def test_a_closed_branch_sells_nothing_and_its_staff_are_told(
    core: Services, owner: StaffActor, cashier: StaffActor
) -> None:
    customer = await enrol(core, 1)
    begun = await core.till.open_sale(cashier, customer, 100_00, key="begun")
    with pytest.raises(BranchLast):
        await core.branches.close(owner, cashier.branch_id)
    await core.branches.add(owner, "Вторая", "Europe/Moscow")
    for _ in range(2):
        await core.branches.close(owner, cashier.branch_id)
    with pytest.raises(BranchClosed):
        await core.till.open_sale(cashier, customer, 100_00, key="late")
    with pytest.raises(BranchClosed):
        await core.till.accrue(cashier, begun.purchase_id)
    assert (await core.identification.panel(cashier, customer)).customer_id == customer
    told = await fetch("SELECT chat_id FROM message WHERE template = 'notice/branch_closed'")
    assert [row["chat_id"] for row in told] == [cashier.telegram_id]
    await core.branches.reopen(owner, cashier.branch_id)
    assert (await core.till.accrue(cashier, begun.purchase_id)).status == "completed"
