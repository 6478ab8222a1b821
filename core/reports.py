"""Figures of a branch: the shift."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import NotAllowed
from core.domain.local_days import day_bounds, local_day
from core.domain.people import Right, Role
from core.store import branches, programmes, reads

ALL_BRANCHES = 0
"""In place of a branch's id."""


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """Sales and refunds of one staff member. Money in minor units, points in hundredths.

    ``paid`` is the money taken, ``money`` what refunds gave back; ``held`` points wait for a manager.
    """

    staff_member_id: int
    name: str
    purchases: int
    sold: int
    paid: int
    earned: int
    spent: int
    refunds: int = 0
    money: int = 0
    taken_back: int = 0
    returned: int = 0
    held: int = 0

    @property
    def net(self) -> int:
        """The money taken without what was given back."""
        return self.paid - self.money


FIGURES = tuple(each.name for each in fields(ShiftLine))[2:]


@dataclass(frozen=True, slots=True)
class Shift:
    """Today in a branch by its own midnight, or in all branches by the actor's (then ``branch_name`` is None).

    ``total`` is of all members together. ``members`` is for managers only;
    ``choices`` are the branches, by (id, name), that the actor may look at.
    """

    branch_name: str | None
    day: date
    time_zone: str
    total: ShiftLine
    new_customers: int
    members: tuple[ShiftLine, ...]
    choices: tuple[tuple[int, str], ...]
    currency: str
    visits_on: bool


@dataclass(frozen=True, slots=True)
class Reports:
    """Reading figures."""

    deps: Deps

    async def shift(self, actor: StaffActor, branch_id: int | None = None) -> Shift:
        """Today's totals of the actor's branch or of another one that they may touch; of all for ALL_BRANCHES.

        Raises NotAllowed.
        """
        actor.require(Right.SERVE)
        within_reach = [row for row in await branches.open_branches() if actor.may_touch(row["id"])]
        wanted = actor.branch_id if branch_id is None else branch_id
        chosen = within_reach if wanted == ALL_BRANCHES else [row for row in within_reach if row["id"] == wanted]
        if not chosen:
            raise NotAllowed(role=Role.OWNER.value)
        alone = chosen[0] if wanted != ALL_BRANCHES else None
        zone = str(alone["time_zone"]) if alone else actor.time_zone
        day = local_day(self.deps.clock.now(), zone)
        since, until = day_bounds(day, zone)
        lines, newcomers = await _lines([row["id"] for row in chosen], since, until)
        programme = (await programmes.in_force(alone["id"] if alone else None)).programme
        return Shift(
            alone["name"] if alone else None,
            day,
            zone,
            ShiftLine(0, "", *(sum(getattr(line, name) for line in lines) for name in FIGURES)),
            newcomers,
            lines if actor.role.rank >= Role.MANAGER.rank else (),
            tuple((row["id"], row["name"]) for row in within_reach) if len(within_reach) > 1 else (),
            programme.currency,
            programme.visits_on,
        )


async def _lines(branch_ids: list[int], since: datetime, until: datetime) -> tuple[tuple[ShiftLine, ...], int]:
    """The sales by staff member, and how many customers were registered."""
    lines: list[ShiftLine] = []
    newcomers = 0
    for branch_id in branch_ids:
        for row in await reads.shift(branch_id, since, until):
            lines.append(ShiftLine(row["id"], row["name"], *(int(row[name]) for name in FIGURES)))
        newcomers += sum(int(row["customers"]) for row in await reads.new_customers(branch_id, since, until))
    return tuple(lines), newcomers
