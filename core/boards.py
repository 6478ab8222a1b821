"""What managers look at before they change settings: the board, the preview of a change, the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.actors import StaffActor
from core.deps import Deps
from core.domain.people import Right, Role
from core.domain.programme import Programme, to_json, with_changes
from core.domain.settings import specs
from core.domain.typical import Receipt, typical
from core.domain.versions import Changed, Version, changes_between
from core.programme import may_see_to, refuse_change, refuse_locked_kind
from core.store import branches as branch_rows
from core.store import offers, programmes


@dataclass(frozen=True, slots=True)
class Board:
    """Settings as an actor sees them: the whole merchant's (no branch), or those in force in a branch.

    ``version`` is the last change anywhere: a change that names it is refused when somebody was faster.
    ``elsewhere`` names the branches that override a setting, when the merchant's own are looked at. ``groups``
    are the names of product categories by id, which some settings mean.
    """

    programme: Programme
    version: int
    branch_id: int | None
    branch_name: str | None
    overridden: frozenset[str]
    changeable: frozenset[str]
    elsewhere: Mapping[str, tuple[str, ...]]
    groups: Mapping[int, str]

    def value(self, name: str) -> Any:
        """A setting's value as plain JSON."""
        return to_json(self.programme)[name]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would come to. ``version`` is the last change anywhere, to be named when it is saved.

    Receipts are priced by the settings alone: ``has_promotions`` says that something more may be on.
    """

    before: Programme
    after: Programme
    version: int
    branch_id: int | None
    branch_name: str | None
    changes: tuple[Changed, ...]
    receipts_before: tuple[Receipt, Receipt]
    receipts_after: tuple[Receipt, Receipt]
    groups: Mapping[int, str]
    has_promotions: bool

    @property
    def risky(self) -> tuple[Changed, ...]:
        """The changes to a value above the one from which on the screen warns."""
        limits = {name: spec.warn_above for name, spec in specs(Programme).items()}
        return tuple(
            each for each in self.changes if (limit := limits[each.name]) is not None and each.after > limit
        )


@dataclass(frozen=True, slots=True)
class Boards:
    """Settings as people see them."""

    deps: Deps

    async def scopes(self, actor: StaffActor) -> tuple[tuple[int | None, str | None], ...]:
        """What an actor may look at, as (id, name): the owner the whole merchant (None) and each branch."""
        actor.require(Right.MANAGE)
        if actor.role is not Role.OWNER:
            return ((actor.branch_id, actor.branch_name),)
        branches = [(row["id"], row["name"]) for row in await branch_rows.open_branches()]
        return ((None, None), *(branches if len(branches) > 1 else ()))

    async def board(self, actor: StaffActor, branch_id: int | None) -> Board:
        """The settings of the whole merchant or of a branch. Raises NotAllowed."""
        branches = await may_see_to(actor, branch_id)
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
            groups=await offers.categories(),
        )

    async def preview(
        self, actor: StaffActor, changes: Mapping[str, Any], branch_id: int | None, *, follow: str = ""
    ) -> Preview:
        """What ``change`` would do, or with ``follow`` the end of that override. Raises as these do."""
        await refuse_change(actor, branch_id, (*changes, follow) if follow else changes)
        board = await self.board(actor, branch_id)
        if follow:
            changes = {follow: to_json(await _current())[follow]}
        after = with_changes(board.programme, changes)
        await refuse_locked_kind(board.programme, after)
        was, becomes = to_json(board.programme), to_json(after)
        differing = changes_between(was, becomes, of_branch=False)
        return Preview(
            before=board.programme,
            after=after,
            version=board.version,
            branch_id=branch_id,
            branch_name=board.branch_name,
            changes=differing,
            receipts_before=typical(board.programme),
            receipts_after=typical(after),
            groups=board.groups,
            has_promotions=(await programmes.in_force(branch_id)).has_promotions,
        )

    async def groups(self) -> Mapping[int, str]:
        """The names of product categories by id."""
        return await offers.categories()

    async def history(self, actor: StaffActor, page: int, size: int) -> tuple[tuple[Version, ...], int]:
        """A page of changes, newest first, and how many pages there are. A manager sees the own branch's and
        the merchant's. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        branch_id = actor.only_branch
        pages = max(1, -(-await programmes.history_size(branch_id) // size))
        rows = await programmes.history(branch_id, min(page, pages - 1) * size, size)
        return tuple(_version(row) for row in rows), pages


async def _current() -> Programme:
    return (await programmes.in_force()).programme


def _version(row: Mapping[str, Any]) -> Version:
    """A row of the history against the version before it; the first one set everything."""
    of_branch = row["branch_id"] is not None
    is_first = row["before"] is None and not of_branch
    changes = () if is_first else changes_between(row["before"] or {}, row["settings"], of_branch=of_branch)
    return Version(row["id"], row["created_at"], row["author"], row["branch_name"], is_first, changes)
