"""The log of who did what, as managers and the owner read it (core.store.audit writes it)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from core.actors import StaffActor
from core.deps import Deps
from core.domain.local_days import day_bounds
from core.domain.people import Right
from core.store import branches as branch_rows
from core.store import journal, offers, staff
from core.store.journal import LogFilter, LogRow

PAGE = 8
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sale": ("purchase.", "held."),
        "pts": ("manual.", "gift."),
        "cust": ("customer.", "card.", "cards.", "category.", "visit."),
        "staff": ("staff.", "branch."),
        "prog": ("programme.", "promotion.", "coupon.", "product.", "text."),
        "other": (),
    }
)
"""Kinds of actions by how their names begin; other is all the rest."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for in the log; the day is the actor's branch's."""

    staff_id: int | None = None
    kind: str | None = None
    day: date | None = None
    customer_id: int | None = None
    purchase_id: int | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of rows, the newest first; pages count from 0."""

    rows: tuple[LogRow, ...]
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Details:
    """A row with the names of the branches and the product categories (``groups``) it may tell of, by id."""

    row: LogRow
    branches: Mapping[int, str]
    groups: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Journal:
    """Reading the log."""

    deps: Deps

    async def page(self, actor: StaffActor, sought: Sought, page: int = 0) -> LogPage:
        """Rows of the manager's branch: what its people did, and what was done to its sales; the owner reads all.

        Raises NotAllowed.
        """
        actor.require(Right.MANAGE)
        found = await journal.rows(_filter(actor, sought), page * PAGE, PAGE + 1)
        return LogPage(tuple(found[:PAGE]), page, len(found) > PAGE)

    async def row(self, actor: StaffActor, row_id: int) -> Details | None:
        """One row with what was before and after; None for another branch's. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        found = await journal.rows(_filter(actor, Sought()), 0, 1, only=row_id)
        branches = {row["id"]: row["name"] for row in await branch_rows.all_branches()}
        return Details(found[0], branches, await offers.categories()) if found else None

    async def people(self, actor: StaffActor) -> tuple[tuple[int, str], ...]:
        """Who may be sought, as (id, name): the branch's members, those who left last. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        branch_id = actor.only_branch
        everybody = [*await staff.members(branch_id), *await staff.members(branch_id, "dismissed")]
        return tuple((row["id"], row["name"]) for row in everybody)


def _filter(actor: StaffActor, sought: Sought) -> LogFilter:
    since = until = None
    if sought.day is not None:
        since, until = day_bounds(sought.day, actor.time_zone)
    known = tuple(prefix for prefixes in KINDS.values() for prefix in prefixes)
    return LogFilter(
        branch_id=actor.only_branch,
        staff_id=sought.staff_id,
        prefixes=KINDS.get(sought.kind or "", ()),
        but_prefixes=known if sought.kind == "other" else (),
        since=since,
        until=until,
        customer_id=sought.customer_id,
        purchase_id=sought.purchase_id,
    )
