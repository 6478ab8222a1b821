"""Points by hand: who may, how much alone, and that two who confirm at once give once."""

import asyncio
from typing import Any

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.errors import (
    AlreadyDecided,
    BalanceTooSmall,
    CustomerUnknown,
    InvalidAmount,
    LoyaltyError,
    ManualGone,
    NobodyToConfirm,
    NotAllowed,
    OwnAccount,
    ReasonNeeded,
)
from core.domain.people import Role
from core.services import Services
from core.store import branches
from core.store.sql import fetch
from tests.conftest import enrol, hire
from tests.core.kit import actor_of, buy, fresh_key, one, points_of

WHY = "извинение за ожидание"


async def is_sound() -> bool:
    findings = (await check_ledger()).findings
    assert not findings, findings
    return True


async def give(core: Services, actor: StaffActor, customer: int, points: int, **more: Any) -> Any:
    return await core.manual.propose(actor, customer, points, more.pop("reason", WHY), key=fresh_key(), **more)


async def test_a_manager_gives_and_takes_alone_up_to_the_limit(core: Services) -> None:
    customer, manager = await enrol(core, 1), await hire(core, 2, Role.MANAGER)
    made = await give(core, manager, customer, 500_00)
    assert (made.row.status, made.balance) == ("done", 500_00)
    assert (await give(core, manager, customer, -200_00)).balance == 300_00
    entries = await fetch("SELECT kind, points, reason, author_id FROM ledger_entry ORDER BY id")
    assert [tuple(row.values()) for row in entries] == [
        ("adjustment", 500_00, f"manual:{WHY}", manager.id),
        ("adjustment", -200_00, f"manual:{WHY}", manager.id),
    ]
    told = await fetch("SELECT template FROM message WHERE customer_id = $1", customer)
    assert [row["template"] for row in told] == ["notice/manual"] * 2
    history = await core.balances.history(actor_of(customer))
    assert [line.points for line in history.lines] == [-200_00, 500_00]
    assert await is_sound()


async def test_the_same_request_acts_once(core: Services) -> None:
    customer, manager = await enrol(core, 1), await hire(core, 2, Role.MANAGER)
    verbs = [core.manual.propose(manager, customer, 10_00, WHY, key="same") for _ in range(5)]
    made = await asyncio.gather(*verbs)
    assert len({each.row.id for each in made}) == 1
    assert await points_of(core, customer) == 10_00
    with pytest.raises(LoyaltyError) as refusal:
        await core.manual.propose(manager, customer, 20_00, WHY, key="same")
    assert refusal.value.code == "different_inputs"
    assert await is_sound()


async def test_above_the_limit_another_one_confirms(core: Services) -> None:
    customer, manager = await enrol(core, 1), await hire(core, 2, Role.MANAGER)
    with pytest.raises(NobodyToConfirm) as refusal:
        await give(core, manager, customer, 501_00)
    assert refusal.value.data == {"limit": 500_00}
    owner = await hire(core, 3, Role.OWNER)
    made = await give(core, manager, customer, 501_00)
    assert (made.row.status, await points_of(core, customer)) == ("waiting", 0)
    assert [each.id for each in await core.manual.waiting(owner)] == [made.row.id]
    asked = await fetch("SELECT chat_id, template FROM message WHERE topic = 'staff'")
    assert [tuple(row.values()) for row in asked] == [(3, "notice/manual_asked")]
    with pytest.raises(NotAllowed):
        await core.manual.decide(manager, made.row.id, agree=True)
    assert (await core.manual.decide(owner, made.row.id, agree=True)).balance == 501_00
    assert (await core.manual.decide(owner, made.row.id, agree=True)).balance == 501_00
    with pytest.raises(AlreadyDecided):
        await core.manual.decide(owner, made.row.id, agree=False)
    assert await one("SELECT author_id FROM ledger_entry") == manager.id
    assert await one("SELECT chat_id FROM message WHERE template = 'notice/manual_decided'") == 2
    actions = await fetch("SELECT action FROM audit_row WHERE action LIKE 'manual.%' ORDER BY id")
    assert [row["action"] for row in actions] == ["manual.asked", "manual.done"]
    assert await is_sound()


async def test_an_operator_only_asks_and_a_cashier_not_even_that(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    operator, manager = await hire(core, 2, Role.OPERATOR), await hire(core, 3, Role.MANAGER)
    with pytest.raises(NotAllowed):
        await give(core, cashier, customer, 1_00)
    made = await give(core, operator, customer, 1_00)
    assert made.row.status == "waiting"
    for actor in (operator, cashier):
        with pytest.raises(NotAllowed):
            await core.manual.decide(actor, made.row.id, agree=True)
    assert (await core.manual.decide(manager, made.row.id, agree=True)).balance == 1_00
    taken_back = await give(core, operator, customer, 2_00)
    assert (await core.manual.decide(operator, taken_back.row.id, agree=False)).row.status == "refused"
    with pytest.raises(AlreadyDecided):
        await core.manual.decide(manager, taken_back.row.id, agree=True)


async def test_nobody_gives_to_themselves(core: Services) -> None:
    customer = await enrol(core, 2)
    await hire(core, 2, Role.MANAGER)
    own = await core.staff.identify(2, "ru")
    other = await hire(core, 3, Role.MANAGER)
    assert own is not None
    with pytest.raises(OwnAccount):
        await give(core, own, customer, 1_00)
    with pytest.raises(NobodyToConfirm):  # the only other one is the customer
        await give(core, other, customer, 501_00)
    await hire(core, 4, Role.OWNER)
    made = await give(core, other, customer, 501_00)
    with pytest.raises(OwnAccount):
        await core.manual.decide(own, made.row.id, agree=True)
    assert await fetch("SELECT 1 FROM message WHERE template = 'notice/manual_asked' AND chat_id = 2") == []


async def test_bounds_reasons_and_strangers(core: Services) -> None:
    customer, manager = await enrol(core, 1), await hire(core, 2, Role.MANAGER)
    for reason in ("", "ой", "x" * 201):
        with pytest.raises(ReasonNeeded):
            await give(core, manager, customer, 1_00, reason=reason)
    for points in (0, 50, -50, 10**12 + 100):
        with pytest.raises(InvalidAmount):
            await give(core, manager, customer, points)
    with pytest.raises(CustomerUnknown):
        await give(core, manager, 10**6, 1_00)
    with pytest.raises(ManualGone):
        await core.manual.decide(manager, 10**6, agree=True)
    assert (await give(core, manager, customer, 1_00, reason="x" * 200)).row.status == "done"
    assert await is_sound()


async def test_only_what_is_there_is_taken(core: Services, cashier: StaffActor) -> None:
    customer, manager = await enrol(core, 1), await hire(core, 2, Role.MANAGER)
    owner = await hire(core, 3, Role.OWNER)
    await buy(core, cashier, customer, 20_000_00)
    sale = await core.till.open_sale(cashier, customer, 1_000_00, key="holds")
    await core.redemption.spend(cashier, sale.purchase_id, 400_00, key="h")
    with pytest.raises(BalanceTooSmall) as refusal:
        await give(core, manager, customer, -601_00)
    assert refusal.value.data == {"available": 600_00, "wanted": 601_00}
    made = await give(core, manager, customer, -600_00)
    await give(core, owner, customer, -100_00)
    with pytest.raises(BalanceTooSmall):
        await core.manual.decide(owner, made.row.id, agree=True)
    assert (await core.manual.look(owner, made.row.id)).row.status == "waiting"
    assert await is_sound()


async def test_two_who_confirm_at_once_give_once(core: Services) -> None:
    customer, manager = await enrol(core, 1), await hire(core, 2, Role.MANAGER)
    owners = [await hire(core, 3 + n, Role.OWNER) for n in range(3)]
    made = await give(core, manager, customer, 700_00)
    outcomes = await asyncio.gather(
        *(core.manual.decide(owners[n % 3], made.row.id, agree=n % 4 > 0) for n in range(9)),
        return_exceptions=True,
    )
    assert all(not isinstance(each, BaseException) or isinstance(each, AlreadyDecided) for each in outcomes)
    status = await one("SELECT status FROM manual_points")
    assert await points_of(core, customer) == (700_00 if status == "done" else 0)
    assert await one("SELECT count(*) FROM audit_row WHERE action IN ('manual.done', 'manual.refused')") == 1
    assert await is_sound()


async def test_another_branch_sees_nothing_of_it(core: Services) -> None:
    customer, manager = await enrol(core, 1), await hire(core, 2, Role.MANAGER)
    await hire(core, 3, Role.OWNER)
    away = await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())
    far = await hire(core, 4, Role.MANAGER, away)
    made = await give(core, manager, customer, 501_00)
    assert await core.manual.waiting(far) == ()
    for verb in (core.manual.decide(far, made.row.id, agree=True), core.manual.look(far, made.row.id)):
        with pytest.raises(ManualGone):
            await verb
    assert await one("SELECT count(*) FROM message WHERE template = 'notice/manual_asked'") == 1
