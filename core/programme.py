"""The merchant's settings: starting a new database, reading what is in force, changing it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import BranchUnknown, KindLocked, MetricLocked, NotAllowed, SettingChanged
from core.domain.ladder import Metric
from core.domain.people import Right
from core.domain.programme import Kind, Programme, refuse_merchants_own, to_json, with_changes
from core.jobs import Jobs
from core.standing import FOLLOWED, RECOMPUTE
from core.store import audit, programmes
from core.store import branches as branch_rows
from core.store.transactions import run_in_transaction


@dataclass(frozen=True, slots=True)
class Programmes:
    """Programme versions. What everybody's standing rests on is recomputed by a job that a change begins."""

    deps: Deps
    jobs: Jobs

    async def start(self, branch_name: str) -> None:
        """Give a new database its first branch and default settings; a started one is left alone."""

        async def work() -> None:
            await programmes.queue_up()
            if await programmes.is_started():
                return
            now = self.deps.clock.now()
            await branch_rows.add(branch_name, self.deps.time_zone, now)
            await programmes.add_version(to_json(Programme()), branch_id=None, author_id=None, now=now)

        await run_in_transaction(work)

    async def current(self, branch_id: int | None = None) -> Programme:
        """What is in force in a branch, or for the merchant. Raises BranchUnknown."""
        await _refuse_unknown(branch_id)
        return (await programmes.in_force(branch_id)).programme

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
        of the ``core.boards.Board`` that was looked at. What is already so makes no version. Raises NotAllowed,
        BranchUnknown, InvalidSetting (for a branch also when the setting is the merchant's alone), LevelsUnsound,
        RulesContradict, KindLocked, MetricLocked, SettingChanged.
        """
        await refuse_change(by, branch_id, changes)

        async def work() -> Programme:
            await programmes.queue_up()
            before = (await programmes.in_force(branch_id)).programme
            after = with_changes(before, changes)
            await refuse_locked_kind(before, after)
            _refuse_locked_metric(before, after)
            wanted = {name: to_json(after)[name] for name in changes}
            await self._write(wanted, (), branch_id, by, seen)
            return after

        return await run_in_transaction(work)

    async def follow(self, by: StaffActor, name: str, branch_id: int, *, seen: int | None = None) -> Programme:
        """End a branch's override: the merchant's value stands there again. Raises as ``change`` does."""
        await refuse_change(by, branch_id, (name,))

        async def work() -> Programme:
            await programmes.queue_up()
            await self._write({}, (name,), branch_id, by, seen)
            return (await programmes.in_force(branch_id)).programme

        return await run_in_transaction(work)

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
        if FOLLOWED & set(names):
            await self.jobs.start(RECOMPUTE, {}, key=f"{RECOMPUTE}:{version}", author_id=author_id)


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


async def may_see_to(actor: StaffActor, branch_id: int | None) -> dict[int, str]:
    """The names of open branches, when the actor may see to this one (None: to the merchant's settings).

    Raises NotAllowed.
    """
    actor.require(Right.OWN if branch_id is None else Right.MANAGE)
    branches = {row["id"]: row["name"] for row in await branch_rows.open_branches()}
    if branch_id is not None and (not actor.may_touch(branch_id) or branch_id not in branches):
        raise NotAllowed(role=actor.role.value)
    return branches


async def refuse_change(by: StaffActor | None, branch_id: int | None, names: Collection[str]) -> None:
    """Refuse who may not change these."""
    if by is None:
        await _refuse_unknown(branch_id)
    else:
        await may_see_to(by, branch_id)
    if branch_id is not None:
        refuse_merchants_own(dict.fromkeys(names))


async def _refuse_unknown(branch_id: int | None) -> None:
    if branch_id is not None and await branch_rows.get(branch_id) is None:
        raise BranchUnknown


def _refuse_locked_metric(before: Programme, after: Programme) -> None:
    """Thresholds in kopecks can't turn into numbers of visits, nor the reverse; without levels they may."""
    money = before.level_metric is not Metric.VISITS
    if money is not (after.level_metric is not Metric.VISITS) and before.levels == after.levels and before.levels:
        raise MetricLocked(money=money)


async def refuse_locked_kind(before: Programme, after: Programme) -> None:
    """Points can't become a discount once somebody has a card, nor the reverse: balances would mean nothing.

    Raises KindLocked.
    """
    turns = (before.kind is Kind.DISCOUNT) is not (after.kind is Kind.DISCOUNT)
    if turns and await programmes.a_card_is_active():
        raise KindLocked
