"""One member of the staff as those above see to them: their screen, role, branch and own phone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import NotAllowed
from core.domain.people import Right, Role
from core.domain.phone import mask
from core.staff import Member, Staff, lock_member, may_change, member_of, note_member
from core.staff_words import tell_changed
from core.store import audit, identities, invites, programmes, staff
from core.store import branches as branch_rows
from core.store.transactions import run_in_transaction

PROFILE_TIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Profile:
    """A member's screen: what they sold in the last 30 days is a number and a sum in minor units.

    ``roles`` and ``branches``, as (id, name), are what the one who asks may make of them.
    """

    member: Member
    is_active: bool
    since: datetime
    phone: str | None
    purchases: int
    sold: int
    currency: str
    roles: tuple[Role, ...]
    branches: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class OpenInvite:
    """An invitation that nobody has used yet; ``invited_by`` is empty for the command line's."""

    id: int
    role: Role
    branch_name: str
    invited_by: str | None
    expires_at: datetime
    withdrawable: bool


@dataclass(frozen=True, slots=True)
class Team:
    """Seeing to members."""

    deps: Deps
    staff: Staff

    async def profile(self, actor: StaffActor, member_id: int) -> Profile:
        """One member, dismissed ones too. Raises NotAllowed for another branch's."""
        actor.require(Right.MANAGE)
        row = await staff.member(member_id)
        if row is None or not actor.may_touch(row["branch_id"]):
            raise NotAllowed(needed=Right.MANAGE.value)
        sales = await staff.sales_of(member_id, self.deps.clock.now() - PROFILE_TIME)
        found, openings = member_of(actor, row), await self.staff.openings(actor)
        may = found.changeable and row["status"] == "active"
        branches = openings.branches if may and actor.role is Role.OWNER else ()
        return Profile(
            found,
            row["status"] == "active",
            row["created_at"],
            row["phone"],
            int(sales["purchases"]),
            int(sales["sold"]),
            (await programmes.in_force()).programme.currency,
            tuple(role for role in openings.roles if role is not found.role) if may else (),
            tuple(each for each in branches if each[0] != found.branch_id),
        )

    async def change(
        self, actor: StaffActor, member_id: int, *, role: Role | None = None, branch_id: int | None = None
    ) -> int | None:
        """Give a member another role or, by the owner, another branch; returns their account.

        Only those below oneself, to something below oneself; nobody changes themselves. What is already so
        changes nothing. Raises NotAllowed, LastOwner.
        """
        actor.require(Right.MANAGE)
        if branch_id is not None:
            actor.require(Right.OWN)

        async def work() -> None:
            found = await lock_member(actor, member_id)
            if found["status"] != "active":
                raise NotAllowed(needed=Right.MANAGE.value)
            new_role, new_branch = role or Role(found["role"]), branch_id or found["branch_id"]
            if not actor.role.is_above(new_role) or new_branch not in {
                row["id"] for row in await branch_rows.open_branches()
            }:
                raise NotAllowed(needed=new_role.value)
            before = {"role": found["role"], "branch_id": found["branch_id"]}
            after = {"role": new_role.value, "branch_id": new_branch}
            if before == after:
                return
            now = self.deps.clock.now()
            await staff.change(member_id, role=new_role.value, branch_id=new_branch)
            if new_role.rank < Role(found["role"]).rank:
                await invites.withdraw_all(member_id, now)
            await note_member("staff.changed", member_id, actor, now, before=before, after=after)
            await tell_changed(member_id, new_role, new_branch, now)

        await run_in_transaction(work)
        return await identities.account_of(member_id)

    async def set_phone(self, actor: StaffActor, member_id: int, phone: str | None) -> None:
        """Note a member's own phone: one's own, or a manager notes that of somebody below. Raises NotAllowed."""

        async def work() -> None:
            found = await staff.member(member_id, locked=True)
            if member_id != actor.id:
                actor.require(Right.MANAGE)
                if found is None or not may_change(actor, found):
                    raise NotAllowed(needed=Right.MANAGE.value)
            if found is None or found["phone"] == phone:
                return
            await staff.set_phone(member_id, phone)
            before, after = (None if each is None else mask(each) for each in (found["phone"], phone))
            now = self.deps.clock.now()
            changes = {"before": {"phone": before}, "after": {"phone": after}}
            await note_member("staff.phone", member_id, actor, now, **changes)

        await run_in_transaction(work)

    async def invitations(self, actor: StaffActor) -> tuple[OpenInvite, ...]:
        """Invitations to the manager's branch, for the owner to any, that can still be used. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        branch_id = actor.only_branch
        rows = await invites.still_open(branch_id, self.deps.clock.now())
        return tuple(
            OpenInvite(
                row["id"],
                Role(row["role"]),
                row["branch_name"],
                row["invited_by"],
                row["expires_at"],
                actor.role.is_above(Role(row["role"])),
            )
            for row in rows
        )

    async def withdraw(self, actor: StaffActor, invite_id: int) -> None:
        """End an invitation before it is used; one that is over already is left so. Raises NotAllowed."""
        actor.require(Right.MANAGE)

        async def work() -> None:
            found = {each.id: each for each in await self.invitations(actor)}.get(invite_id)
            if found is None:
                return
            if not found.withdrawable:
                raise NotAllowed(needed=found.role.value)
            now = self.deps.clock.now()
            if await invites.withdraw(invite_id, now):
                await audit.note(
                    "staff.uninvited", "staff_invite", invite_id, actor_kind="staff", actor_id=actor.id, now=now
                )

        await run_in_transaction(work)
