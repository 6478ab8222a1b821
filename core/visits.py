"""Visits: who is awaited, who came, who did not. A purchase counts as a visit that came."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import (
    CustomerUnknown,
    DifferentInputs,
    VisitAhead,
    VisitBought,
    VisitNotExpected,
    VisitPast,
    VisitUnknown,
)
from core.domain.ladder import Turnover
from core.domain.local_days import day_bounds, local_day
from core.domain.people import Right
from core.domain.rules import Metrics, Trigger
from core.standing import follow, tell_level
from core.store import audit, customers, programmes, visits
from core.store.customers import CustomerRow
from core.store.transactions import run_in_transaction
from core.store.visits import VisitRow

CAME, NO_SHOW = Trigger.CAME.value, Trigger.NO_SHOW.value
AHEAD_DAYS = 365
LISTED = 50


@dataclass(frozen=True, slots=True)
class Today:
    """A branch's visits of its day, those awaited first."""

    branch_name: str
    day: date
    time_zone: str
    visits: tuple[VisitRow, ...]


@dataclass(frozen=True, slots=True)
class Visits:
    """Booking customers and marking who came."""

    deps: Deps

    async def expect(self, actor: StaffActor, customer_id: int, at: datetime, *, key: str) -> VisitRow:
        """Await a customer in the actor's branch; the same key is the same visit.

        Raises VisitPast for a moment that is over or too far ahead, CustomerUnknown, DifferentInputs.
        """
        actor.require(Right.SERVE)

        async def work() -> VisitRow:
            now = self.deps.clock.now()
            await self._locked(customer_id)
            before = await visits.by_request(key)
            if before is not None:
                if (before.customer_id, before.expected_at) != (customer_id, at):
                    raise DifferentInputs
                return before
            if not now < at <= now + timedelta(days=AHEAD_DAYS):
                raise VisitPast(days=AHEAD_DAYS)
            made = await visits.insert(
                customer_id,
                actor.branch_id,
                status="expected",
                expected_at=at,
                staff_member_id=None,
                purchase_id=None,
                request_key=key,
                now=now,
            )
            await self._note("visit.booked", made, actor, now)
            return await _there(made)

        return await run_in_transaction(work)

    async def today(self, actor: StaffActor) -> Today:
        """The visits of the day in the actor's branch, at most ``LISTED``."""
        actor.require(Right.SERVE)
        now = self.deps.clock.now()
        day = local_day(now, actor.time_zone)
        rows = await visits.listed(actor.branch_id, *day_bounds(day, actor.time_zone), LISTED)
        return Today(actor.branch_name, day, actor.time_zone, tuple(rows))

    async def mark(self, actor: StaffActor, customer_id: int, status: str, *, key: str) -> VisitRow:
        """Say that a customer came today, or did not: their visit of the day, or one of somebody unawaited.

        Said twice, it counts once. Raises VisitNotExpected when nobody awaited who is said not to have come,
        VisitBought, CustomerUnknown.
        """
        actor.require(Right.SERVE)
        actor.refuse_own(customer_id)

        async def work() -> VisitRow:
            now = self.deps.clock.now()
            customer = await self._locked(customer_id)
            day = day_bounds(local_day(now, actor.time_zone), actor.time_zone)
            visit = await visits.of_day(customer_id, actor.branch_id, *day)
            if visit is not None:
                return await self._settle(actor, customer, visit, status, now)
            if status == NO_SHOW:
                raise VisitNotExpected
            bought = await visits.purchase_of_day(customer_id, actor.branch_id, *day)
            made = await visits.insert(
                customer_id,
                actor.branch_id,
                status=CAME,
                expected_at=now,
                staff_member_id=actor.id,
                purchase_id=bought,
                request_key=key,
                now=now,
            )
            await self._note("visit.came", made, actor, now)
            await self._follow(customer, CAME, 0 if bought else 1, now)
            return await _there(made)

        return await run_in_transaction(work)

    async def settle(self, actor: StaffActor, visit_id: int, status: str) -> VisitRow:
        """Set a visit to came or no_show, or correct that. Raises VisitUnknown, VisitAhead, VisitBought."""
        actor.require(Right.SERVE)

        async def work() -> VisitRow:
            now = self.deps.clock.now()
            seen = await visits.get(visit_id)
            if seen is None or not actor.may_touch(seen.branch_id):
                raise VisitUnknown
            actor.refuse_own(seen.customer_id)
            customer = await self._locked(seen.customer_id)
            return await self._settle(actor, customer, await _there(visit_id), status, now)

        return await run_in_transaction(work)

    async def _settle(
        self, actor: StaffActor, customer: CustomerRow, visit: VisitRow, status: str, now: datetime
    ) -> VisitRow:
        if visit.status == status:
            return visit
        if visit.purchase_id is not None:
            raise VisitBought
        day = day_bounds(local_day(visit.expected_at, visit.time_zone), visit.time_zone)
        if now < day[0]:
            raise VisitAhead
        bought = None
        if status == CAME:
            bought = await visits.purchase_of_day(customer.id, visit.branch_id, *day)
        await visits.settle(visit.id, status, by=actor.id, purchase_id=bought, now=now)
        await self._note(f"visit.{status}", visit.id, actor, now)
        counted = {CAME: 0 if bought else 1, NO_SHOW: -1 if visit.status == CAME else 0}[status]
        await self._follow(customer, status, counted, now)
        return await _there(visit.id)

    async def _follow(self, customer: CustomerRow, status: str, more: int, now: datetime) -> None:
        """Count the visit, and let the customer's standing follow it."""
        programme = (await programmes.in_force()).programme
        last = await visits.last_at(customer.id)
        count = customer.visits + more
        metrics = Metrics(Turnover(customer.sold, customer.paid, count), last, now, status)
        followed = await follow(programme, customer, metrics)
        await customers.update(customer.id, visits=count, last_visit_at=last, **followed.columns)
        await tell_level(customer.id, followed.reached, now)

    async def _locked(self, customer_id: int) -> CustomerRow:
        found = (await customers.lock(customer_id)).get(customer_id)
        if found is None or found.status != "active":
            raise CustomerUnknown(phone=None)
        return found

    async def _note(self, action: str, visit_id: int, actor: StaffActor, now: datetime) -> None:
        await audit.note(action, "visit", visit_id, actor_kind="staff", actor_id=actor.id, now=now)


async def _there(visit_id: int) -> VisitRow:
    found = await visits.get(visit_id)
    if found is None:
        raise VisitUnknown
    return found
