"""The merchant's settings: starting a new database, reading what is in force, changing it, and its history."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import KindLocked, NotAllowed, SettingChanged
from core.domain.people import Role
from core.domain.programme import Kind, Programme, refuse_merchants_own, to_json, with_changes
from core.domain.settings import specs
from core.domain.versions import Version, changes_between
from core.store import audit, programmes, staff
from core.store.transactions import run_in_transaction


@dataclass(frozen=True, slots=True)
class Board:
    """Settings as an actor sees them: the whole merchant's (no branch), or those in force in a branch.

    ``version`` is the last change anywhere: a change that names it is refused when somebody was faster.
    ``elsewhere`` names the branches that override a setting, when the merchant's own are looked at.
    """

    programme: Programme
    version: int
    branch_id: int | None
    branch_name: str | None
    overridden: frozenset[str]
    changeable: frozenset[str]
    elsewhere: Mapping[str, tuple[str, ...]]

    def value(self, name: str) -> Any:
        """A setting's value as plain JSON."""
        return to_json(self.programme)[name]


@dataclass(frozen=True, slots=True)
class Programmes:
    """Programme versions."""

    deps: Deps

    async def start(self, branch_name: str) -> None:
        """Give a new database its first branch and default settings; a started one is left alone."""

        async def work() -> None:
            await programmes.queue_up()
            if await programmes.is_started():
                return
            now = self.deps.clock.now()
            await staff.add_branch(branch_name, self.deps.time_zone, now)
            await programmes.add_version(to_json(Programme()), branch_id=None, author_id=None, now=now)

        await run_in_transaction(work)

    async def current(self, branch_id: int | None = None) -> Programme:
        """What is in force in a branch, or for the merchant."""
        return (await programmes.in_force(branch_id)).programme

    async def scopes(self, actor: StaffActor) -> tuple[tuple[int | None, str | None], ...]:
        """What an actor may look at, as (id, name): the owner the whole merchant (None) and each branch."""
        actor.require(Role.MANAGER)
        if actor.role is not Role.OWNER:
            return ((actor.branch_id, actor.branch_name),)
        branches = [(row["id"], row["name"]) for row in await staff.branches()]
        return ((None, None), *(branches if len(branches) > 1 else ()))

    async def board(self, actor: StaffActor, branch_id: int | None) -> Board:
        """The settings of the whole merchant or of a branch. Raises NotAllowed."""
        branches = await _allowed(actor, branch_id)
        version = await programmes.newest_version()
        found = await programmes.in_force(branch_id, until=version)
        own = await programmes.overrides()
        names = specs(Programme)
        elsewhere = {
            name: tuple(branches[branch] for branch in sorted(own) if branch in branches and name in own[branch])
            for name in names
        }
        return Board(
            programme=found.programme,
            version=version,
            branch_id=branch_id,
            branch_name=None if branch_id is None else branches[branch_id],
            overridden=frozenset(own.get(branch_id, {})) & names.keys() if branch_id else frozenset(),
            changeable=frozenset(name for name in names if branch_id is None or names[name].branch),
            elsewhere=elsewhere if branch_id is None else {},
        )

    async def change(
        self,
        changes: Mapping[str, Any],
        *,
        branch_id: int | None = None,
        by: StaffActor | None = None,
        seen: int | None = None,
    ) -> Programme:
        """Change settings (plain JSON by name); later quotes use them at once, and no earlier ones.

        ``by`` is the owner, or a manager for the own branch; without it the command line. ``seen`` is the version
        of the ``Board`` that was looked at. What is already so makes no version. Raises NotAllowed,
        InvalidSetting (for a branch also when the setting is the merchant's alone), LevelsUnsound,
        RulesContradict, KindLocked, SettingChanged.
        """
        await _refused(by, branch_id, changes)

        async def work() -> Programme:
            await programmes.queue_up()
            before = (await programmes.in_force(branch_id)).programme
            after = with_changes(before, changes)
            await _may_follow(before, after)
            wanted = {name: to_json(after)[name] for name in changes}
            await self._write(wanted, (), branch_id, by, seen)
            return after

        return await run_in_transaction(work)

    async def follow(self, by: StaffActor, name: str, branch_id: int, *, seen: int | None = None) -> Programme:
        """End a branch's override: the merchant's value stands there again. Raises as ``change`` does."""
        await _refused(by, branch_id, (name,))

        async def work() -> Programme:
            await programmes.queue_up()
            await self._write({}, (name,), branch_id, by, seen)
            return (await programmes.in_force(branch_id)).programme

        return await run_in_transaction(work)

    async def history(self, actor: StaffActor, page: int, size: int) -> tuple[tuple[Version, ...], int]:
        """A page of changes, newest first, and how many pages there are. A manager sees the own branch's and
        the merchant's. Raises NotAllowed."""
        actor.require(Role.MANAGER)
        branch_id = None if actor.role is Role.OWNER else actor.branch_id
        pages = max(1, -(-await programmes.history_size(branch_id) // size))
        rows = await programmes.history(branch_id, min(page, pages - 1) * size, size)
        return tuple(_version(row) for row in rows), pages

    async def _write(
        self,
        wanted: Mapping[str, Any],
        dropped: Collection[str],
        branch_id: int | None,
        by: StaffActor | None,
        seen: int | None,
    ) -> None:
        """Add a version with its row in the log, unless all is so already."""
        stored = await _stored(branch_id)
        settings = {name: value for name, value in (stored | dict(wanted)).items() if name not in dropped}
        if settings == stored:
            return
        if seen is not None:
            await _refuse_stale((*wanted, *dropped), branch_id, seen)
        now = self.deps.clock.now()
        author_id = by.id if by else None
        version = await programmes.add_version(settings, branch_id=branch_id, author_id=author_id, now=now)
        names = [name for name in (*wanted, *dropped) if settings.get(name) != stored.get(name)]
        await audit.note(
            "programme.changed",
            "programme_version",
            version,
            actor_kind="staff" if by else "command",
            actor_id=author_id,
            now=now,
            before={name: stored.get(name) for name in names},
            after={name: settings.get(name) for name in names},
        )


async def _stored(branch_id: int | None) -> dict[str, Any]:
    """The merchant's settings in full, or what a branch overrides, as plain JSON."""
    if branch_id is not None:
        return await programmes.branch_settings(branch_id)
    return to_json((await programmes.in_force()).programme)


async def _refuse_stale(names: Collection[str], branch_id: int | None, seen: int) -> None:
    """Raise SettingChanged when one of these has not the value that was looked at."""
    shown = to_json((await programmes.in_force(branch_id, until=seen)).programme)
    stands = to_json((await programmes.in_force(branch_id)).programme)
    for name in names:
        if shown[name] != stands[name]:
            raise SettingChanged(name=name)


async def _allowed(actor: StaffActor, branch_id: int | None) -> dict[int, str]:
    """The names of open branches, when the actor may see to this one (None: to the merchant's settings)."""
    actor.require(Role.OWNER if branch_id is None else Role.MANAGER)
    branches = {row["id"]: row["name"] for row in await staff.branches()}
    if branch_id is not None and (not actor.may_touch(branch_id) or branch_id not in branches):
        raise NotAllowed(role=actor.role.value)
    return branches


async def _refused(by: StaffActor | None, branch_id: int | None, names: Collection[str]) -> None:
    """Refuse who may not change these."""
    if by is not None:
        await _allowed(by, branch_id)
    if branch_id is not None:
        refuse_merchants_own(dict.fromkeys(names))


async def _may_follow(before: Programme, after: Programme) -> None:
    """Points can't become a discount once somebody has a card, nor the reverse: balances would mean nothing."""
    turns = (before.kind is Kind.DISCOUNT) is not (after.kind is Kind.DISCOUNT)
    if turns and await programmes.a_card_is_active():
        raise KindLocked


def _version(row: Mapping[str, Any]) -> Version:
    """A row of the history against the version before it; the first one set everything."""
    of_branch = row["branch_id"] is not None
    is_first = row["before"] is None and not of_branch
    changes = () if is_first else changes_between(row["before"] or {}, row["settings"], of_branch=of_branch)
    return Version(row["id"], row["created_at"], row["author"], row["branch_name"], is_first, changes)
