"""What follows a customer: level, class, discount by rules, categories; kept up to date by what they do.

Prices never rest on what is kept: it is for lists, notices and segments. Levels follow turnover, never the
balance.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import telling
from core.actors import StaffActor
from core.deps import Deps
from core.domain.ladder import Level
from core.domain.programme import Programme
from core.domain.rules import Effect, Metrics, categories_after
from core.domain.schedule import At
from core.domain.standing import Standing, days_of_absence, level_reached, standing_of
from core.job_kinds import JobKind, Step, Told, Work
from core.jobs import Jobs
from core.schedule import Periodic, Schedule
from core.store import categories, customers, jobs, programmes
from core.store.customers import CustomerRow
from core.store.jobs import JobRow
from core.telling import Telling
from core.terms import metrics_of

RECOMPUTE = "standings"
ABSENCE = "absence"
BATCH = 500
"""Customers of one transaction: a fraction of a second, during which their sales wait."""
SWEEP_HOUR = 4
FOLLOWED = frozenset({"levels", "level_metric", "rules", "discount_cancel_days", "class_cancel_days"})
"""The settings that everybody's standing rests on."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a customer's standing is now: columns for the caller's update, and the level they rose to, if any."""

    columns: dict[str, Any]
    reached: Level | None


async def follow(programme: Programme, customer: CustomerRow, metrics: Metrics) -> Followed:
    """Recompute the standing of a locked customer from ``metrics``, and write their categories.

    ``customer`` is the row as it was, ``metrics`` what is true now. No statement runs where no category's rule
    matches; the caller writes ``columns``.
    """
    stands = standing_of(programme, metrics)
    await _categorise(programme, [(customer.id, metrics)], metrics.now)
    return Followed(_columns(stands), level_reached(programme.levels, customer.level, stands.level))


async def tell_level(customer_id: int, reached: Level | None, now: datetime) -> None:
    """Tell a customer of a level that they rose to, by whichever way reaches them: once for each level."""
    if reached is None:
        return
    data = {
        "level": reached.name,
        "accrual_percent": reached.accrual_percent,
        "redemption_share": reached.redemption_share,
        "discount": reached.discount,
    }
    told = Telling(customer_id, "level", "notice/level_reached", data, f"level:{customer_id}:{reached.name}")
    await telling.tell([told], (await programmes.in_force()).programme, now)


@dataclass(frozen=True, slots=True)
class Standings:
    """Recomputing many customers: after the rules were saved, and every day for those who stay away."""

    deps: Deps
    jobs: Jobs
    schedule: Schedule

    def __post_init__(self) -> None:
        self.jobs.register(JobKind(RECOMPUTE, self.everybody, tell=tell))
        self.jobs.register(JobKind(ABSENCE, self.absent))
        self.schedule.register(Periodic("absence", At(hour=SWEEP_HOUR), self.sweep))

    async def sweep(self, now: datetime) -> None:
        """Begin the day's recomputing of customers who have not come for long; nothing without such rules."""
        programme = (await programmes.in_force()).programme
        if days_of_absence(programme) is not None:
            await self.jobs.start(ABSENCE, {}, key=f"{ABSENCE}:{now.date().isoformat()}")

    async def everybody(self, work: Work) -> Step:
        """Recompute the next customers, in the order of their ids, by the rules in force.

        A newer job makes an older one needless: the newest rules count.
        """
        if await jobs.is_overtaken(work.job_id, RECOMPUTE):
            return Step(None, work.done, work.total, result={"superseded": True})
        return await self._step(work, None)

    async def absent(self, work: Work) -> Step:
        """Recompute the next of those whose absence may have changed something."""
        days = days_of_absence((await programmes.in_force()).programme)
        if days is None:
            return Step(None, work.done, work.total)
        return await self._step(work, self.deps.clock.now() - timedelta(days=days))

    async def _step(self, work: Work, since: datetime | None) -> Step:
        total = await customers.how_many(absent_since=since) if work.total is None else work.total
        rows = await customers.lock_next(work.cursor["after"] if work.cursor else 0, BATCH, absent_since=since)
        # Read under the locks: a sale either waits for them, or its customer's row is read with what it wrote.
        await recompute((await programmes.in_force()).programme, rows, self.deps.clock.now())
        done = work.done + len(rows)
        if len(rows) < BATCH:
            return Step(None, done, done)
        return Step({"after": rows[-1].id}, done, max(total, done))

    async def begun_by(self, actor: StaffActor) -> int | None:
        """The job that the actor's last change began, if it is not at its end."""
        return await jobs.last_open(RECOMPUTE, actor.id)

    async def show_on(self, job_id: int, chat_id: int, message_id: int) -> None:
        """Show the progress in a message of the staff bot; one that is at its end meanwhile is shown as it is."""
        await self.jobs.show_on(job_id, ("staff", chat_id, message_id))


async def recompute(programme: Programme, rows: list[CustomerRow], now: datetime) -> None:
    """Write the standing of locked customers where it is not what it was: at most four statements."""
    changed = []
    for row in rows:
        stands = standing_of(programme, metrics_of(row, now))
        if stands != Standing(row.level, row.importance, row.rule_discount):
            changed.append((row.id, stands.level, stands.importance, stands.rule_discount))
    await customers.write_standings(changed)
    await _categorise(programme, [(row.id, metrics_of(row, now)) for row in rows], now)


async def _categorise(programme: Programme, people: list[tuple[int, Metrics]], now: datetime) -> None:
    """Put customers into categories by the rules, and take them out."""
    rules = [rule for rule in programme.rules if rule.effect in (Effect.ADD, Effect.REMOVE)]
    touched = {one: metrics for one, metrics in people if any(rule.matches(metrics) for rule in rules)}
    if not touched:
        return
    held = await categories.held(list(touched))
    added, removed = [], []
    for customer_id, metrics in touched.items():
        before = held[customer_id].keys()
        after = categories_after(before, rules, metrics)
        added += [(customer_id, name) for name in sorted(after - before)]
        removed += [(customer_id, name) for name in sorted(before - after)]
    await categories.add(added, "rule", now)
    await categories.remove(removed)


def _columns(stands: Standing) -> dict[str, Any]:
    return {
        "level": stands.level,
        "importance": stands.importance,
        "rule_discount": stands.rule_discount,
    }


def tell(job: JobRow) -> Told:
    """The progress, in the language of who saved the rules."""
    result = job.result or {}
    data = {
        "state": job.state,
        "done": job.done,
        "total": job.total or 0,
        "superseded": bool(result.get("superseded")),
    }
    return Told("notice/recomputed", "", data)
