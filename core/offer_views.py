"""What promotions and coupons share in the office: drafts, views, whose they are, and their rows in the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core.actors import StaffActor
from core.domain.people import Role
from core.domain.promotions import Conditions, Gives, conditions_to_json
from core.store import audit, offers
from core.store import branches as branch_rows
from core.store.offers import Given


@dataclass(frozen=True, slots=True)
class Draft:
    """A promotion (or what a coupon gives) before it is saved. Moments in UTC, no end for None."""

    gives: Gives
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Named:
    """The names of what conditions mention, by id."""

    branches: Mapping[int, str]
    categories: Mapping[int, str]
    products: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class OfferView:
    """A promotion as it is shown. ``state`` is live, planned, ended or off; moments by ``time_zone``."""

    gives: Gives
    starts_at: datetime
    ends_at: datetime | None
    state: str
    time_zone: str
    named: Named
    may_change: bool = False
    given: Given | None = None

    @property
    def last(self) -> datetime | None:
        """The last moment of it, so that an end at midnight is shown as the day before."""
        return None if self.ends_at is None else self.ends_at - timedelta(seconds=1)


STATES = ("live", "planned", "off", "ended")


def state_of(row: Any, now: datetime) -> str:
    """The state of a promotion or a batch by its dates and its switch."""
    if row.ends_at is not None and row.ends_at <= now:
        return "ended"
    if not row.is_on:
        return "off"
    return "planned" if row.starts_at > now else "live"


def sees(actor: StaffActor, conditions: Conditions) -> bool:
    """The owner sees all, a manager what holds in the own branch."""
    return actor.role is Role.OWNER or conditions.hold_in(actor.branch_id)


def may_change(actor: StaffActor, conditions: Conditions) -> bool:
    """The owner changes all, a manager what holds in the own branch and nowhere else."""
    return actor.role is Role.OWNER or conditions.branches == {actor.branch_id}


def for_branch_of(actor: StaffActor, gives: Gives) -> Gives:
    """A manager's offer is for the own branch."""
    if actor.role is Role.OWNER:
        return gives
    return replace(gives, conditions=replace(gives.conditions, branches=frozenset({actor.branch_id})))


async def names(product_ids: Iterable[int]) -> Named:
    """The names of all branches and categories, and of these products."""
    branches = {row["id"]: row["name"] for row in await branch_rows.all_branches()}
    return Named(branches, await offers.categories(), await offers.products(sorted(product_ids)))


def plain(gives: Gives, starts_at: datetime, ends_at: datetime | None) -> dict[str, Any]:
    """An offer as the log keeps it."""
    return {
        "name": gives.name,
        "benefit": gives.benefit.value,
        "amount": gives.amount,
        "conditions": conditions_to_json(gives.conditions),
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat() if ends_at else None,
    }


async def note(
    actor: StaffActor,
    action: str,
    kind: str,
    object_id: int,
    now: datetime,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    """A row of the log about an offer."""
    await audit.note(
        action, kind, object_id, actor_kind="staff", actor_id=actor.id, now=now, before=before, after=after
    )
