"""Who changes which settings, what is refused, and what stays in the history."""

import asyncio

import pytest

from core.actors import StaffActor
from core.domain.errors import InvalidSetting, KindLocked, NotAllowed, SettingChanged
from core.domain.people import Role
from core.domain.programme import Kind
from core.services import Services
from core.store import branches
from core.store.sql import decoded, fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import one


@pytest.fixture
async def owner(core: Services) -> StaffActor:
    return await hire(core, 9201, Role.OWNER)


@pytest.fixture
async def manager(core: Services) -> StaffActor:
    return await hire(core, 9202, Role.MANAGER)


async def second_branch(core: Services) -> int:
    return await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())


async def test_the_owner_changes_everything(core: Services, owner: StaffActor) -> None:
    branch = await second_branch(core)
    await core.programmes.change({"min_purchase": 50_00}, by=owner)
    await core.programmes.change({"accrual_percent": 700}, by=owner, branch_id=branch)
    assert (await core.programmes.current()).min_purchase == 50_00
    assert (await core.programmes.current(branch)).accrual_percent == 700
    authors = await fetch("SELECT author_id FROM programme_version ORDER BY id")
    assert [row["author_id"] for row in authors] == [None, owner.id, owner.id]
    logged = await fetch("SELECT * FROM audit_row WHERE action = 'programme.changed' ORDER BY id")
    assert [(row["actor_kind"], row["actor_id"]) for row in logged] == [("staff", owner.id)] * 2
    assert [decoded(row["before"]) for row in logged] == [{"min_purchase": 0}, {"accrual_percent": None}]
    assert [decoded(row["after"]) for row in logged] == [{"min_purchase": 50_00}, {"accrual_percent": 700}]


async def test_a_manager_changes_what_the_own_branch_may_override(core: Services, manager: StaffActor) -> None:
    branch = await second_branch(core)
    await core.programmes.change({"accrual_percent": 700}, by=manager, branch_id=manager.branch_id)
    assert (await core.programmes.current(manager.branch_id)).accrual_percent == 700
    for where in (None, branch, 10**6):
        with pytest.raises(NotAllowed):
            await core.programmes.change({"accrual_percent": 800}, by=manager, branch_id=where)
        with pytest.raises(NotAllowed):
            await core.boards.board(manager, where)
        with pytest.raises(NotAllowed):
            await core.boards.preview(manager, {"accrual_percent": 800}, where)
        with pytest.raises(NotAllowed):
            await core.what_ifs.start(manager, {"accrual_percent": 800}, where, key=f"k:{where}")
    with pytest.raises(InvalidSetting):
        await core.programmes.change({"welcome_points": 1}, by=manager, branch_id=manager.branch_id)
    with pytest.raises(InvalidSetting):
        await core.boards.preview(manager, {"welcome_points": 1}, manager.branch_id)
    assert await one("SELECT count(*) FROM programme_version") == 2


async def test_a_cashier_changes_nothing(core: Services, cashier: StaffActor) -> None:
    with pytest.raises(NotAllowed):
        await core.programmes.change({"accrual_percent": 700}, by=cashier, branch_id=cashier.branch_id)
    for looks in (core.boards.scopes(cashier), core.boards.history(cashier, 0, 5)):
        with pytest.raises(NotAllowed):
            await looks


async def test_who_looks_at_what(core: Services, owner: StaffActor, manager: StaffActor) -> None:
    assert await core.boards.scopes(owner) == ((None, None),)
    branch = await second_branch(core)
    here = (manager.branch_id, manager.branch_name)
    assert await core.boards.scopes(owner) == ((None, None), here, (branch, "Вторая"))
    assert await core.boards.scopes(manager) == (here,)
    await core.programmes.change({"accrual_percent": 700}, by=owner, branch_id=branch)
    whole, there = await core.boards.board(owner, None), await core.boards.board(owner, branch)
    assert (whole.value("accrual_percent"), there.value("accrual_percent")) == (500, 700)
    assert whole.elsewhere["accrual_percent"] == ("Вторая",)
    assert (whole.overridden, there.overridden) == (frozenset(), {"accrual_percent"})
    assert "min_purchase" in whole.changeable - there.changeable
    assert there.version == whole.version == await one("SELECT max(id) FROM programme_version")


async def test_a_branch_follows_the_network_again(core: Services, owner: StaffActor, manager: StaffActor) -> None:
    here = manager.branch_id
    changes = {"accrual_percent": 700, "status_on": False}
    await core.programmes.change(changes, by=manager, branch_id=here)
    preview = await core.boards.preview(manager, {}, here, follow="accrual_percent")
    assert [(each.name, each.before, each.after) for each in preview.changes] == [("accrual_percent", 700, 500)]
    await core.programmes.follow(manager, "accrual_percent", here)
    await core.programmes.change({"accrual_percent": 600}, by=owner)
    stands = await core.programmes.current(here)
    assert (stands.accrual_percent, stands.status_on) == (600, False)
    versions = await one("SELECT count(*) FROM programme_version")
    await core.programmes.follow(manager, "accrual_percent", here)  # it follows already
    assert await one("SELECT count(*) FROM programme_version") == versions
    with pytest.raises(NotAllowed):
        await core.programmes.follow(manager, "status_on", await second_branch(core))


async def test_the_second_of_two_savers_is_told(core: Services, owner: StaffActor, manager: StaffActor) -> None:
    seen = (await core.boards.board(owner, None)).version
    here = manager.branch_id
    await core.programmes.change({"accrual_percent": 700}, by=owner, seen=seen)
    with pytest.raises(SettingChanged) as refused:
        await core.programmes.change({"accrual_percent": 800}, by=owner, seen=seen)
    assert refused.value.data == {"name": "accrual_percent"}
    with pytest.raises(SettingChanged):  # the manager, too, saw 5 %
        await core.programmes.change({"accrual_percent": 800}, by=manager, branch_id=here, seen=seen)
    assert (await core.programmes.current()).accrual_percent == 700
    await core.programmes.change({"welcome_points": 1_00}, by=owner, seen=seen)  # nobody touched that one
    await core.programmes.change({"accrual_percent": 700}, by=owner, seen=seen)  # both meant the same
    assert (await core.programmes.current()).welcome_points == 1_00


async def test_of_many_savers_at_once_one_wins(core: Services, owner: StaffActor) -> None:
    seen = (await core.boards.board(owner, None)).version
    wanted = [600, 700, 800, 900]
    saved = await asyncio.gather(
        *(core.programmes.change({"accrual_percent": each}, by=owner, seen=seen) for each in wanted),
        return_exceptions=True,
    )
    assert sum(isinstance(each, SettingChanged) for each in saved) == len(wanted) - 1
    assert await one("SELECT count(*) FROM programme_version") == 2


async def test_what_is_so_already_makes_no_version(core: Services, owner: StaffActor) -> None:
    await core.programmes.change({"accrual_percent": 500, "kind": "bonus"}, by=owner)
    assert await one("SELECT count(*) FROM programme_version") == 1
    assert (await core.boards.preview(owner, {"accrual_percent": 500}, None)).changes == ()


async def test_the_kind_is_free_until_the_first_card(core: Services, owner: StaffActor) -> None:
    for kind in ("discount", "cashback", "discount", "bonus"):
        await core.programmes.change({"kind": kind}, by=owner)
    await enrol(core, 1)
    with pytest.raises(KindLocked):
        await core.programmes.change({"kind": "discount"}, by=owner)
    with pytest.raises(KindLocked):
        await core.boards.preview(owner, {"kind": "discount"}, None)
    with pytest.raises(KindLocked):  # nor from the command line
        await core.programmes.change({"kind": "discount"})
    await core.programmes.change({"kind": "cashback"}, by=owner)
    await core.programmes.change({"kind": "bonus", "accrual_percent": 700}, by=owner)
    assert (await core.programmes.current()).kind is Kind.BONUS


async def test_a_discount_stays_one_after_the_first_card(core: Services, owner: StaffActor) -> None:
    await core.programmes.change({"kind": "discount"}, by=owner)
    await enrol(core, 1)
    for kind in ("bonus", "cashback"):
        with pytest.raises(KindLocked):
            await core.programmes.change({"kind": kind}, by=owner)
    await core.programmes.change({"discount_percent": 700}, by=owner)


async def test_the_history_tells_who_changed_what(
    core: Services, owner: StaffActor, manager: StaffActor, clock: ManualClock
) -> None:
    branch = await second_branch(core)
    await core.programmes.change({"min_purchase": 50_00, "expiry": "year"}, by=owner)
    clock.forward(hours=1)
    await core.programmes.change({"accrual_percent": 500}, by=manager, branch_id=manager.branch_id)
    await core.programmes.follow(manager, "accrual_percent", manager.branch_id)
    await core.programmes.change({"status_on": False}, by=owner, branch_id=branch)
    versions, pages = await core.boards.history(owner, 0, 3)
    assert pages == 2
    assert [(each.author, each.branch_name) for each in versions] == [
        (owner.name, "Вторая"),
        (manager.name, manager.branch_name),
        (manager.name, manager.branch_name),
    ]
    ended, began = versions[1].changes[0], versions[2].changes[0]
    assert (began.followed_before, began.follows_after, began.after) == (True, False, 500)
    assert (ended.followed_before, ended.follows_after) == (False, True)
    assert versions[0].at == clock.now()
    older, _ = await core.boards.history(owner, 1, 3)
    assert [(each.name, each.before, each.after) for each in older[0].changes] == [
        ("min_purchase", 0, 50_00),
        ("expiry", "never", "year"),
    ]
    assert (older[1].is_first, older[1].changes, older[1].author) == (True, (), None)
    own, _ = await core.boards.history(manager, 0, 10)
    assert [each.branch_name for each in own] == [manager.branch_name, manager.branch_name, None, None]
    beyond, _ = await core.boards.history(owner, 99, 3)
    assert beyond == older
