"""The last 90 days replayed by other settings: as it was, as it would be, and by parts."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from core import what_ifs
from core.actors import StaffActor
from core.domain.errors import InvalidSetting
from core.domain.people import Role
from core.jobs import LEASE
from core.services import Services
from core.store import branches
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import buy, dump, fresh_key, one

NAMES = ("Анна Петрова", "Борис", "Вера")


@pytest.fixture
async def owner(core: Services) -> StaffActor:
    return await hire(core, 9201, Role.OWNER)


async def customers(core: Services, cashier: StaffActor) -> list[int]:
    found = []
    for number, name in enumerate(NAMES, start=1):
        found.append(await enrol(core, number))
        await core.preferences.edit_at_till(cashier, found[-1], name=name)
    return found


async def spend(core: Services, cashier: StaffActor, customer_id: int, total: int, points: int) -> None:
    """A purchase paid by points in part, without the customer's press."""
    sale = await core.till.open_sale(cashier, customer_id, total, key=fresh_key())
    await core.redemption.spend(cashier, sale.purchase_id, points, key=fresh_key())


async def counted(core: Services, actor: StaffActor, changes: dict[str, Any], branch_id: int | None = None) -> Any:
    """The result of a replay that is done at once."""
    job_id = await core.what_ifs.start(actor, changes, branch_id, key=fresh_key("what-if"))
    while (job := await core.jobs.claim("worker")) is not None:
        while job is not None:
            job = await core.jobs.step(job, "worker")
    return (await core.jobs.look(job_id)).result


async def test_the_settings_in_force_give_what_was_given(
    core: Services, cashier: StaffActor, owner: StaffActor, clock: ManualClock
) -> None:
    """The replay's oracle is the till itself: levels, delays, shares and redemptions as they happened."""
    levels = [{"name": "Друг", "threshold": 0}, {"name": "Свой", "threshold": 1500_00, "accrual_percent": 900}]
    settings = {"levels": levels, "confirm_redemption": False, "kind": "cashback", "accrue_when_redeeming": False}
    await core.programmes.change(settings | {"min_purchase": 100_00})
    people = await customers(core, cashier)
    for total, who in zip(
        (1000_00, 99_99, 777_77, 1234_56, 600_00, 2000_00), itertools.cycle(people), strict=False
    ):
        await buy(core, cashier, who, total)
        clock.forward(days=3)
    await spend(core, cashier, people[0], 900_00, 100_00)
    undone = await buy(core, cashier, people[2], 5000_00)
    await core.refunds.undo(cashier, undone)
    found = await counted(core, owner, {"welcome_points": 1_00})
    issued = await one("SELECT sum(accrual) FROM purchase WHERE status = 'completed'")
    assert found["before"]["points"] == found["after"]["points"] == issued > 0
    assert (found["purchases"], found["customers"]) == (7, 3)
    assert found["before"]["worth"] == issued
    assert (found["winners"], found["losers"]) == ([], [])


async def test_what_would_change_and_for_whom(
    core: Services, cashier: StaffActor, owner: StaffActor, clock: ManualClock
) -> None:
    anna, boris, vera = await customers(core, cashier)
    for who, total in ((anna, 1000_00), (boris, 400_00), (anna, 1000_00), (vera, 100_00)):
        await buy(core, cashier, who, total)
        clock.forward(days=1)
    found = await counted(core, owner, {"accrual_percent": 1000, "min_purchase": 300_00, "point_worth": 200})
    assert (found["before"]["points"], found["after"]["points"]) == (125_00, 240_00)
    assert (found["before"]["worth"], found["after"]["worth"]) == (125_00, 480_00)
    assert found["winners"] == [["А*** П***", 300_00], ["Б***", 60_00]]
    assert found["losers"] == [["В***", -5_00]]
    # Anna's first points were there to spend at her second purchase.
    assert (found["before"]["spendable"], found["after"]["spendable"]) == (50_00, 200_00)
    late = await counted(core, owner, {"activation_delay_hours": 24 * 30})
    assert late["after"]["spendable"] == 0


async def test_a_discount_costs_money_too(core: Services, cashier: StaffActor, owner: StaffActor) -> None:
    anna, *_ = await customers(core, cashier)
    await buy(core, cashier, anna, 1000_00)
    levels = [{"name": "Друг", "threshold": 0, "discount": 1000}]
    found = await counted(core, owner, {"levels": levels})
    assert (found["before"]["discount"], found["after"]["discount"]) == (0, 100_00)
    assert found["after"]["points"] == 45_00
    assert found["winners"] == [["А*** П***", 95_00]]


async def test_only_the_last_ninety_days(
    core: Services, cashier: StaffActor, owner: StaffActor, clock: ManualClock
) -> None:
    anna, *_ = await customers(core, cashier)
    await buy(core, cashier, anna, 1000_00)
    clock.forward(days=90)
    await buy(core, cashier, anna, 2000_00)
    assert (await counted(core, owner, {"accrual_percent": 1000}))["purchases"] == 2
    clock.forward(seconds=1)
    levels = [{"name": "Друг", "threshold": 1000_00, "accrual_percent": 1000}]
    found = await counted(core, owner, {"levels": levels})
    # The purchase before these days still counts towards the level.
    assert (found["purchases"], found["after"]["points"]) == (1, 200_00)


async def test_a_manager_sees_the_own_branch_alone(core: Services, cashier: StaffActor, owner: StaffActor) -> None:
    branch = await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())
    manager = await hire(core, 9202, Role.MANAGER, branch)
    anna, boris, _ = await customers(core, cashier)
    await buy(core, cashier, anna, 1000_00)
    await buy(core, manager, boris, 400_00)
    found = await counted(core, manager, {"accrual_percent": 1000}, branch)
    assert (found["purchases"], found["customers"], found["before"]["points"]) == (1, 1, 20_00)
    assert found["winners"] == [["Б***", 20_00]]
    await core.programmes.change({"accrual_percent": 700}, by=manager, branch_id=branch)
    whole = await counted(core, owner, {"accrual_percent": 600})
    assert (whole["before"]["points"], whole["after"]["points"]) == (50_00 + 28_00, 60_00 + 28_00)


async def test_it_goes_on_where_a_killed_worker_stood(
    core: Services, cashier: StaffActor, owner: StaffActor, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_ifs, "BATCH", 2)
    people = await customers(core, cashier)
    for who in people * 3:
        await buy(core, cashier, who, 1000_00)
    at_once = await counted(core, owner, {"accrual_percent": 1000})
    job_id = await core.what_ifs.start(owner, {"accrual_percent": 1000}, None, key="killed")
    job = await core.jobs.claim("first")
    assert job is not None
    stands = await core.jobs.step(job, "first")
    assert stands is not None
    assert (stands.done, stands.total) == (3, 9)
    await core.jobs.step(stands, "first")
    await core.programmes.change({"accrual_percent": 300})  # it replays what was asked for, not this
    clock.forward(seconds=LEASE.total_seconds() + 1)
    job = await core.jobs.claim("second")
    while job is not None:
        job = await core.jobs.step(job, "second")
    ended = await core.jobs.look(job_id)
    assert (ended.state, ended.done, ended.total, ended.result) == ("done", 9, 9, at_once)


async def test_nothing_but_the_job_is_written(core: Services, cashier: StaffActor, owner: StaffActor) -> None:
    anna, *_ = await customers(core, cashier)
    await buy(core, cashier, anna, 1000_00)
    before = await dump()
    await counted(core, owner, {"accrual_percent": 1000})
    after = await dump()
    assert {table for table in before if before[table] != after[table]} == {"job"}
    assert "Петрова" not in after["job"]


async def test_without_purchases_there_is_nothing_to_count(core: Services, owner: StaffActor) -> None:
    found = await counted(core, owner, {"accrual_percent": 1000})
    assert (found["purchases"], found["winners"]) == (0, [])
    with pytest.raises(InvalidSetting):
        await core.what_ifs.start(owner, {"accrual_percent": 0}, None, key="bad")
    assert await fetch("SELECT id FROM job WHERE request_key = 'bad'") == []
    assert timedelta(days=90) == what_ifs.LOOK_BACK
