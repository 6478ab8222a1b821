"""Figures of a branch: the shift."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.actors import StaffActor
from core.deps import Deps
from core.domain.people import Role
from core.store import programmes, reads


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """Sales of one staff member. Money in minor units, points in hundredths."""

    staff_member_id: int
    name: str
    purchases: int
    sold: int
    paid: int
    earned: int
    spent: int


@dataclass(frozen=True, slots=True)
class Shift:
    """Today in a branch, by its own midnight; ``members`` is for managers only."""

    branch_name: str
    day: date
    purchases: int
    sold: int
    paid: int
    earned: int
    spent: int
    new_customers: int
    members: tuple[ShiftLine, ...]
    currency: str
    visits_on: bool


@dataclass(frozen=True, slots=True)
class Reports:
    """Reading figures."""

    deps: Deps

    async def shift(self, actor: StaffActor) -> Shift:
        """Today's totals of the actor's branch."""
        actor.require(Role.CASHIER)
        zone = ZoneInfo(actor.time_zone)
        day = self.deps.clock.now().astimezone(zone).date()
        since, until = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
        rows = await reads.shift(actor.branch_id, since, until)
        lines = tuple(
            ShiftLine(
                row["id"],
                row["name"],
                int(row["purchases"]),
                int(row["sold"]),
                int(row["paid"]),
                int(row["earned"]),
                int(row["spent"]),
            )
            for row in rows
        )
        registered = await reads.new_customers(actor.branch_id, since, until)
        programme = (await programmes.in_force(actor.branch_id)).programme
        return Shift(
            actor.branch_name,
            day,
            sum(line.purchases for line in lines),
            sum(line.sold for line in lines),
            sum(line.paid for line in lines),
            sum(line.earned for line in lines),
            sum(line.spent for line in lines),
            sum(int(row["customers"]) for row in registered),
            lines if actor.role.rank >= Role.MANAGER.rank else (),
            programme.currency,
            programme.visits_on,
        )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
