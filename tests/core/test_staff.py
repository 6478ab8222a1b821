"""Who works here: invitations used once, access that ends at once, and the bounds of each role."""

import pytest

from core.actors import StaffActor, Visitor
from core.domain.errors import AlreadyStaff, BranchUnknown, InviteInvalid, NotAllowed
from core.domain.people import Role
from core.services import Services
from core.staff import Invite
from core.store import branches
from tests.conftest import ManualClock, hire
from tests.core.kit import dump, one


def token(invite: Invite) -> str:
    return invite.link.rpartition("join_")[2]


async def branch(core: Services, name: str = "Вторая") -> int:
    return await branches.add(name, "Asia/Vladivostok", core.deps.clock.now())


async def test_an_invitation_makes_one_member(core: Services) -> None:
    invite = await core.staff.invite(None, Role.MANAGER)
    assert invite.link.startswith("https://t.me/kopilka_test_staff_bot?start=join_")
    member = await core.staff.join(Visitor(1, "en"), token(invite), "Мария")
    assert (member.name, member.role, member.branch_name, member.language) == (
        "Мария",
        Role.MANAGER,
        "Основная точка",
        "en",
    )
    with pytest.raises(InviteInvalid):
        await core.staff.join(Visitor(2, "ru"), token(invite), "Пётр")
    assert await core.staff.identify(2, "ru") is None


async def test_an_invitation_lives_a_day(core: Services, clock: ManualClock) -> None:
    first, second = await core.staff.invite(None, Role.CASHIER), await core.staff.invite(None, Role.CASHIER)
    clock.forward(hours=23, minutes=59, seconds=59)
    await core.staff.join(Visitor(1, "ru"), token(first), "A")
    clock.forward(seconds=1)
    with pytest.raises(InviteInvalid):
        await core.staff.join(Visitor(2, "ru"), token(second), "B")


@pytest.mark.parametrize("text", ["", "x", "я" * 100, "\x00", "' OR 1=1 --"])
async def test_tokens_that_are_none(core: Services, text: str) -> None:
    await core.staff.invite(None, Role.CASHIER)
    with pytest.raises(InviteInvalid):
        await core.staff.join(Visitor(1, "ru"), text, "A")


async def test_a_token_is_not_kept_readable(core: Services) -> None:
    invite = await core.staff.invite(None, Role.CASHIER)
    assert token(invite) not in "\n".join((await dump()).values())


async def test_who_works_here_leaves_a_link_for_somebody_else(core: Services, cashier: StaffActor) -> None:
    invite = await core.staff.invite(None, Role.OWNER)
    with pytest.raises(AlreadyStaff):
        await core.staff.join(Visitor(cashier.telegram_id, "ru"), token(invite), "Again")
    assert (await core.staff.join(Visitor(1, "ru"), token(invite), "B")).role is Role.OWNER


async def test_a_dismissed_member_is_nobody_at_once(core: Services, cashier: StaffActor) -> None:
    manager = await hire(core, 9002, Role.MANAGER)
    await core.staff.dismiss(manager, cashier.id)
    assert await core.staff.identify(cashier.telegram_id, "ru") is None
    await core.staff.dismiss(manager, cashier.id)
    assert await one("SELECT count(*) FROM audit_row WHERE action = 'staff.dismissed'") == 1
    again = await hire(core, cashier.telegram_id, Role.CASHIER)
    assert again.id != cashier.id
    identified = await core.staff.identify(cashier.telegram_id, "ru")
    assert identified is not None
    assert identified.id == again.id


async def test_a_dismissed_members_invitations_die_with_them(core: Services) -> None:
    owner, manager = await hire(core, 9001, Role.OWNER), await hire(core, 9002, Role.MANAGER)
    kept = await core.staff.invite(manager, Role.OPERATOR)
    await core.staff.dismiss(owner, manager.id)
    with pytest.raises(InviteInvalid):
        await core.staff.join(Visitor(manager.telegram_id, "ru"), token(kept), "Back")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("invited", list(Role))
async def test_who_may_invite_whom(core: Services, role: Role, invited: Role) -> None:
    actor = await hire(core, 9001, role)
    if role.rank >= Role.MANAGER.rank and role.is_above(invited):
        assert (await core.staff.invite(actor, invited)).role is invited
        return
    with pytest.raises(NotAllowed):
        await core.staff.invite(actor, invited)


async def test_branches_bound_managers_and_not_owners(core: Services) -> None:
    second = await branch(core)
    manager, owner = await hire(core, 9001, Role.MANAGER), await hire(core, 9002, Role.OWNER)
    far = await hire(core, 9003, Role.CASHIER, second)
    with pytest.raises(NotAllowed):
        await core.staff.invite(manager, Role.CASHIER, second)
    with pytest.raises(NotAllowed):
        await core.staff.dismiss(manager, far.id)
    assert (await core.staff.invite(owner, Role.CASHIER, second)).branch_name == "Вторая"
    for actor in (None, owner):
        with pytest.raises(BranchUnknown):
            await core.staff.invite(actor, Role.CASHIER, 10**6)
    await core.staff.dismiss(owner, far.id)


async def test_whom_a_manager_may_not_dismiss(core: Services, cashier: StaffActor) -> None:
    manager, owner = await hire(core, 9002, Role.MANAGER), await hire(core, 9003, Role.OWNER)
    for actor, member in ((manager, manager.id), (manager, owner.id), (manager, 10**6), (owner, owner.id)):
        with pytest.raises(NotAllowed):
            await core.staff.dismiss(actor, member)
    with pytest.raises(NotAllowed):
        await core.staff.dismiss(cashier, manager.id)
    assert await one("SELECT count(*) FROM staff_member WHERE status = 'active'") == 3


async def test_the_language_is_the_members_choice(core: Services, cashier: StaffActor) -> None:
    await core.staff.set_language(cashier.telegram_id, "en")
    found = await core.staff.identify(cashier.telegram_id, "ru")
    assert found is not None
    assert found.language == "en"
