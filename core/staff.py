"""Who works here: invitations, joining, identifying at every press, dismissal."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.actors import StaffActor, Visitor
from core.deps import Deps
from core.domain.errors import AlreadyStaff, BranchUnknown, InviteInvalid, LastOwner, NotAllowed
from core.domain.people import MANAGERS, Right, Role
from core.keyring import new_token
from core.staff_words import tell_dismissed, tell_joined
from core.store import audit, identities, invites, staff
from core.store import branches as branch_rows
from core.store.transactions import run_in_transaction

INVITE_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Invite:
    """A single-use link for one person; it is shown once and can't be read again."""

    link: str
    role: Role
    branch_name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A staff member as managers see them; ``changeable``: the one who asks may dismiss them, too."""

    id: int
    name: str
    role: Role
    branch_id: int
    branch_name: str
    changeable: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a manager may invite to, as (id, name), and as whom."""

    branches: tuple[tuple[int, str], ...]
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """Staff members of the merchant."""

    deps: Deps

    async def identify(self, telegram_id: int, language: str) -> StaffActor | None:
        """The actor behind a Telegram account; None for strangers and dismissed members."""
        row = await staff.by_telegram(telegram_id)
        if row is None:
            return None
        return StaffActor(
            row.id,
            telegram_id,
            row.language or language,
            row.name,
            Role(row.role),
            row.branch_id,
            row.branch_name,
            row.time_zone,
            frozenset(own for own in (row.own_by_account, row.own_by_phone) if own is not None),
        )

    async def invite(self, actor: StaffActor | None, role: Role, branch_id: int | None = None) -> Invite:
        """Make an invitation. Managers invite to their branch and below themselves.

        Without an actor it is the command line's. Raises NotAllowed, BranchUnknown (for a closed one, too).
        """
        branches = {row["id"]: row["name"] for row in await branch_rows.open_branches()}
        branch = branch_id or (actor.branch_id if actor else min(branches, default=0))
        if actor is not None:
            actor.require(Right.MANAGE)
            if not actor.may_touch(branch) or not actor.role.is_above(role):
                raise NotAllowed(needed=role.value)
        if branch not in branches:
            raise BranchUnknown
        token = new_token()
        now = self.deps.clock.now()
        expires_at = now + INVITE_LIFETIME

        async def work() -> None:
            invite_id = await invites.add(
                self.deps.keys.hash("invite", token),
                role.value,
                branch,
                actor.id if actor else None,
                expires_at,
                now,
            )
            await audit.note(
                "staff.invited",
                "staff_invite",
                invite_id,
                actor_kind="staff" if actor else "command",
                actor_id=actor.id if actor else None,
                now=now,
                after={"role": role.value, "branch_id": branch},
            )

        await run_in_transaction(work)
        return Invite(self.deps.links.staff(f"join_{token}"), role, branches[branch], expires_at)

    async def join(self, visitor: Visitor, token: str, name: str) -> StaffActor:
        """Use an invitation; whoever made it is told. Raises InviteInvalid, AlreadyStaff (the link stays good for
        somebody else)."""

        async def work() -> None:
            if await staff.by_telegram(visitor.telegram_id) is not None:
                raise AlreadyStaff
            now = self.deps.clock.now()
            invite = await invites.use(self.deps.keys.hash("invite", token), now)
            if invite is None:
                raise InviteInvalid
            member_id = await staff.add_member(name, invite["role"], invite["branch_id"], now)
            await identities.link_member(visitor.telegram_id, member_id, visitor.language, now)
            await audit.note(
                "staff.joined",
                "staff_member",
                member_id,
                actor_kind="staff",
                actor_id=member_id,
                now=now,
                after={"role": invite["role"], "branch_id": invite["branch_id"], "invite_id": invite["id"]},
            )
            await tell_joined(invite["invited_by_id"], member_id, name, invite["role"], invite["branch_id"], now)

        await run_in_transaction(work)
        actor = await self.identify(visitor.telegram_id, visitor.language)
        if actor is None:
            raise InviteInvalid
        return actor

    async def members(self, actor: StaffActor, *, dismissed: bool = False) -> tuple[Member, ...]:
        """Who works in the manager's branch, for the owner in any; or who no longer does. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        branch_id = actor.only_branch
        rows = await staff.members(branch_id, "dismissed" if dismissed else "active")
        return tuple(member_of(actor, row) for row in rows)

    async def openings(self, actor: StaffActor) -> Opening:
        """To which branches and roles the manager may invite. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        branches = tuple(
            (row["id"], row["name"]) for row in await branch_rows.open_branches() if actor.may_touch(row["id"])
        )
        return Opening(branches, tuple(role for role in Role if actor.role.is_above(role)))

    async def managers(self) -> list[tuple[int, str]]:
        """Accounts of those who manage, with their languages: for what Telegram offers them."""
        rows = await staff.accounts(MANAGERS)
        return [(int(row["telegram_id"]), row["language"] or self.deps.language) for row in rows]

    async def dismiss(self, actor: StaffActor, member_id: int) -> int | None:
        """End a member's access, and the invitations that they made and nobody used; they are told, and their
        account is returned.

        Raises NotAllowed for oneself, another branch or one's own rank (owners excepted), LastOwner.
        """
        actor.require(Right.MANAGE)

        async def work() -> None:
            await lock_member(actor, member_id)
            now = self.deps.clock.now()
            gone = await staff.dismiss(member_id, now)
            if gone is not None:
                await invites.withdraw_all(member_id, now)
                await tell_dismissed(member_id, gone["branch_id"], now)
                await note_member("staff.dismissed", member_id, actor, now)

        await run_in_transaction(work)
        return await identities.account_of(member_id)

    async def set_language(self, telegram_id: int, language: str) -> None:
        """The language of the staff bot for this account."""
        await identities.set_language("staff", telegram_id, language)


async def lock_member(actor: StaffActor, member_id: int) -> dict[str, Any]:
    """The active member under lock, after the owners: of two who would leave nobody the second is refused.

    Raises NotAllowed, LastOwner.
    """
    owners = await staff.lock_owners()
    found = await staff.member(member_id, locked=True)
    if found is None or not may_change(actor, found):
        raise NotAllowed(needed=actor.role.value)
    if found["status"] == "active" and found["role"] == Role.OWNER and actor.id not in owners:
        raise NotAllowed(needed=Role.OWNER.value)
    if owners == [member_id]:
        raise LastOwner
    return found


async def note_member(
    action: str,
    member_id: int,
    actor: StaffActor,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """A row of the log about a member."""
    await audit.note(
        action,
        "staff_member",
        member_id,
        actor_kind="staff",
        actor_id=actor.id,
        now=now,
        before=before,
        after=after,
    )


def may_change(actor: StaffActor, member: dict[str, Any]) -> bool:
    """Nobody oneself, nobody of another branch (but the owner), nobody who is not below."""
    within_reach = actor.may_touch(member["branch_id"]) and actor.role.is_above(Role(member["role"]))
    return within_reach and member["id"] != actor.id


def member_of(actor: StaffActor, row: dict[str, Any]) -> Member:
    return Member(
        row["id"], row["name"], Role(row["role"]), row["branch_id"], row["branch_name"], may_change(actor, row)
    )
