"""What if: the last 90 days priced again by settings that are not saved yet, as a job with progress."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from core.actors import StaffActor
from core.deps import Deps
from core.domain.people import masked_name
from core.domain.programme import from_json, to_json, with_changes
from core.domain.replay import Place, Tally, replay
from core.job_kinds import JobKind, Step, Told, Work
from core.jobs import Jobs
from core.programme import refuse_change
from core.store import branches, programmes, replays
from core.store.jobs import JobRow

KIND = "what_if"
LOOK_BACK = timedelta(days=90)
BATCH = 2000
"""Purchases that are read and priced at a time: a fraction of a second's work."""
TEMPLATE = "staff/office/programme/what_if"


@dataclass(frozen=True, slots=True)
class WhatIfs:
    """Replays of past purchases. Nothing is written but the job itself."""

    deps: Deps
    jobs: Jobs

    def __post_init__(self) -> None:
        self.jobs.register(JobKind(KIND, self._note, self._batch, _told))

    async def start(
        self,
        actor: StaffActor,
        changes: Mapping[str, Any],
        branch_id: int | None,
        *,
        key: str,
        follow: str = "",
        message: tuple[str, int, int] | None = None,
    ) -> int:
        """Begin a replay of what ``Programmes.change`` (or ``follow``) would have done; returns the job's id.

        For a branch only its own purchases are counted. Raises what ``Programmes.change`` does.
        """
        await refuse_change(actor, branch_id, (*changes, follow) if follow else changes)
        with_changes((await programmes.in_force(branch_id)).programme, changes)
        given = {
            "changes": dict(changes),
            "branch": branch_id,
            "follow": follow,
            "version": await programmes.newest_version(),
            "until": self.deps.clock.now().isoformat(),
            "language": actor.language,
        }
        return await self.jobs.start(KIND, given, key=key, author_id=actor.id, message=message)

    async def _batch(self, work: Work) -> Step:
        """Read and price the next customers, outside of any transaction and off the event loop."""
        until = datetime.fromisoformat(work.input["until"])
        since = until - LOOK_BACK
        total = work.total if work.total is not None else await replays.count(since, until)
        after, found = (work.cursor["after"], work.cursor["tally"]) if work.cursor else (0, asdict(Tally()))
        tally = Tally.of(found)
        customers = await replays.next_customers(after, since, until, BATCH)
        if not customers:
            return Step(None, total, total, result=await _result(tally))
        courses = await replays.courses(customers[0], customers[-1], since, until)
        tally = await asyncio.to_thread(replay, tally, courses, await _places(work.input))
        done = work.done + sum(len(course.purchases) for course in courses)
        return Step({"after": customers[-1], "tally": asdict(tally)}, min(done, total), total)

    async def _note(self, work: Work) -> Step:
        """What was counted before the transaction."""
        step: Step = work.ready
        return step


async def _places(given: Mapping[str, Any]) -> dict[int, Place]:
    """Each branch's settings as they were when the replay began, and as they would be."""
    version, of_branch = given["version"], given["branch"]
    merchant = (await programmes.in_force(until=version)).programme
    changed_merchant = merchant if of_branch else with_changes(merchant, given["changes"])
    found = {}
    for branch in await branches.all_branches():
        own = await programmes.branch_settings(branch["id"], until=version)
        changed_own = own
        if of_branch == branch["id"]:
            changed_own = {name: value for name, value in own.items() if name != given["follow"]} | given[
                "changes"
            ]
        found[branch["id"]] = Place(
            now=from_json(to_json(merchant), own),
            changed=from_json(to_json(changed_merchant), changed_own),
            time_zone=branch["time_zone"],
            counted=of_branch in (None, branch["id"]),
        )
    return found


async def _result(tally: Tally) -> dict[str, Any]:
    """The figures with masked names in place of customers."""
    podiums = {"winners": tally.winners, "losers": tally.losers}
    names = await replays.names([who for podium in podiums.values() for who, _ in podium])
    masked = {
        key: [(masked_name(names.get(who)) or f"№ {who}", gain) for who, gain in podium]
        for key, podium in podiums.items()
    }
    return asdict(tally) | masked


def _told(job: JobRow) -> Told:
    data = {"state": job.state, "it": job.result, "done": job.done, "total": job.total}
    return Told(TEMPLATE, job.input["language"], data)
