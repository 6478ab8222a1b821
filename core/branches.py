"""Branches: places of sale, their names, time zones, and whether they sell."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import BranchLast, BranchTaken, BranchUnknown, ZoneUnknown
from core.domain.people import Right
from core.store import audit, branches, outbox, programmes
from core.store.branches import BranchRow
from core.store.transactions import run_in_transaction
from core.telling import to_member

COMMON_ZONES = (
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
    "Europe/Minsk",
    "Asia/Almaty",
    "Asia/Tashkent",
    "Asia/Bishkek",
    "Asia/Yerevan",
    "Asia/Baku",
    "Asia/Tbilisi",
)
"""Zones offered as buttons; any other IANA name may be typed."""
PRIORITY = 20


@dataclass(frozen=True, slots=True)
class BranchView:
    """A branch with how many work in it, and the names of the settings that it has values of its own of."""

    id: int
    name: str
    time_zone: str
    is_open: bool
    members: int
    overrides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Branches:
    """The merchant's branches; all of this is the owner's."""

    deps: Deps

    async def all(self, actor: StaffActor) -> tuple[BranchView, ...]:
        """Every branch, closed ones last. Raises NotAllowed."""
        actor.require(Right.OWN)
        rows = sorted(await branches.listed(), key=lambda row: (not row.is_open, row.id))
        return tuple([await _view(row) for row in rows])

    async def look(self, actor: StaffActor, branch_id: int) -> BranchView:
        """Raises BranchUnknown, NotAllowed."""
        actor.require(Right.OWN)
        row = await branches.get(branch_id)
        if row is None:
            raise BranchUnknown
        return await _view(row)

    async def add(self, actor: StaffActor, name: str, time_zone: str) -> int:
        """A new open branch; returns its id. Raises BranchTaken, ZoneUnknown, NotAllowed."""
        actor.require(Right.OWN)
        zone = zone_of(time_zone)

        async def work() -> int:
            await branches.lock_all()
            await _require_free(name, None)
            now = self.deps.clock.now()
            branch_id = await branches.add(name, zone, now)
            await self._note(actor, branch_id, "branch.added", None, {"name": name, "time_zone": zone})
            return branch_id

        return await run_in_transaction(work)

    async def rename(self, actor: StaffActor, branch_id: int, name: str) -> None:
        """Raises BranchTaken, BranchUnknown, NotAllowed."""
        await self._change(actor, branch_id, "branch.renamed", {"name": name})

    async def move(self, actor: StaffActor, branch_id: int, time_zone: str) -> None:
        """Another time zone. What was bought keeps its moment. Raises ZoneUnknown, BranchUnknown, NotAllowed."""
        await self._change(actor, branch_id, "branch.moved", {"time_zone": zone_of(time_zone)})

    async def close(self, actor: StaffActor, branch_id: int) -> None:
        """It sells nothing from now on, and its staff are told. Raises BranchLast, BranchUnknown, NotAllowed."""
        await self._change(actor, branch_id, "branch.closed", {"is_open": False})

    async def reopen(self, actor: StaffActor, branch_id: int) -> None:
        """Raises BranchUnknown, NotAllowed."""
        await self._change(actor, branch_id, "branch.opened", {"is_open": True})

    async def _change(self, actor: StaffActor, branch_id: int, action: str, changes: dict[str, object]) -> None:
        actor.require(Right.OWN)

        async def work() -> None:
            rows = {row.id: row for row in await branches.lock_all()}
            row = rows.get(branch_id)
            if row is None:
                raise BranchUnknown
            before = {name: getattr(row, name) for name in changes}
            if before == changes:
                return
            if "name" in changes:
                await _require_free(str(changes["name"]), branch_id)
            if changes.get("is_open") is False and sum(each.is_open for each in rows.values()) == 1:
                raise BranchLast
            await branches.put(branch_id, **changes)
            audit_id = await self._note(actor, branch_id, action, before, changes)
            if "is_open" in changes:
                await self._tell(actor, row, action.replace(".", "_"), f"{action}:{branch_id}:{audit_id}")

        await run_in_transaction(work)

    async def _tell(self, actor: StaffActor, row: BranchRow, template: str, key: str) -> None:
        """Tell those who work there, all but who did it."""
        drafts = [
            to_member(
                member_id,
                account,
                template=f"notice/{template}",
                dedupe_key=f"{key}:{member_id}",
                priority=PRIORITY,
                data={"branch": row.name},
            )
            for member_id, account in await branches.accounts(row.id)
            if member_id != actor.id
        ]
        await outbox.enqueue(drafts, self.deps.clock.now())

    async def _note(
        self,
        actor: StaffActor,
        branch_id: int,
        action: str,
        before: dict[str, object] | None,
        after: dict[str, object],
    ) -> str:
        """Returns what names this change among others."""
        now: datetime = self.deps.clock.now()
        await audit.note(
            action,
            "branch",
            branch_id,
            actor_kind="staff",
            actor_id=actor.id,
            now=now,
            before=before,
            after=after,
        )
        return f"{now.timestamp():.3f}"


async def _view(row: BranchRow) -> BranchView:
    own = await programmes.branch_settings(row.id)
    return BranchView(row.id, row.name, row.time_zone, row.is_open, row.members, tuple(sorted(own)))


async def _require_free(name: str, but: int | None) -> None:
    taken = {row.name.casefold() for row in await branches.listed() if row.id != but}
    if name.casefold() in taken:
        raise BranchTaken(name=name)


def zone_of(typed: str) -> str:
    """The IANA name that was meant, however it was written. Raises ZoneUnknown."""
    wanted = "_".join(typed.split()).casefold()
    found = next((each for each in available_timezones() if each.casefold() == wanted and "/" in each), None)
    if found is None:
        raise ZoneUnknown
    return found
