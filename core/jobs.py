"""Long one-off jobs: an area registers a kind, anybody starts one, a worker does it step by step.

The table is the truth. Each step is one transaction together with its note of where to go on, so a killed
worker loses the step in work and nothing else, and a cancelled job commits nothing more.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from core.deps import Deps
from core.domain.errors import DifferentInputs, LoyaltyError
from core.job_kinds import JobKind, JobLost, JobUnknown, Work
from core.job_progress import tell_progress
from core.keyring import fingerprint
from core.store import jobs
from core.store.jobs import JobRow
from core.store.transactions import StoreUnavailable, run_in_transaction

LEASE = timedelta(seconds=30)
"""After this time without a sign of life a job is anybody's."""
MOST_TRIES = 5
"""Takings without a committed step before a job is given up."""
PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Jobs:
    """Starting, watching and doing jobs."""

    deps: Deps
    kinds: dict[str, JobKind] = field(default_factory=dict)

    def register(self, kind: JobKind) -> None:
        """Make a kind known. Areas do it when they are wired."""
        if kind.name in self.kinds:
            raise ValueError(f"two kinds of job are called {kind.name}")
        self.kinds[kind.name] = kind

    async def start(
        self,
        kind: str,
        given: dict[str, Any],
        *,
        key: str,
        author_id: int | None = None,
        message: tuple[str, int, int] | None = None,
        not_before: datetime | None = None,
    ) -> int:
        """Write a job; inside a verb's transaction it begins when that commits. Returns its id.

        ``message`` is (bot, chat id, message id) of what shall show the progress. The same ``key`` is the same
        job; DifferentInputs when it came before with others. KeyError for a kind that nobody registered.
        """
        self.kinds[kind]
        inputs = fingerprint(kind=kind, input=given)

        async def work() -> int:
            now = self.deps.clock.now()
            made = await jobs.insert(
                kind,
                given,
                author_id=author_id,
                message=message,
                request_key=key,
                input_hash=inputs,
                not_before=not_before or now,
                now=now,
            )
            if made is not None:
                return made
            before = await jobs.by_key(key)
            if before is None or before.input_hash != inputs:
                raise DifferentInputs
            return before.id

        return await run_in_transaction(work)

    async def show_on(self, job_id: int, message: tuple[str, int, int]) -> JobRow | None:
        """Have (bot, chat id, message id) show the progress from now on; None for a job that there isn't.

        A job that came to its end before its message was named tells its end there.
        """

        async def work() -> JobRow | None:
            shown = await jobs.show_on(job_id, *message)
            if shown is not None and shown.finished_at is not None:
                await tell_progress(self.kinds.get(shown.kind), shown, self.deps.clock.now())
            return shown

        return await run_in_transaction(work)

    async def look(self, job_id: int) -> JobRow:
        """A job as it stands. Raises JobUnknown."""
        found = await jobs.get(job_id)
        if found is None:
            raise JobUnknown
        return found

    async def cancel(self, job_id: int) -> bool:
        """Stop a job; whether there was anything to stop. What its steps have committed stays."""

        async def work() -> bool:
            now = self.deps.clock.now()
            ended = await jobs.cancel(job_id, now)
            if ended is not None:
                await tell_progress(self.kinds.get(ended.kind), ended, now)
            return ended is not None

        return await run_in_transaction(work)

    async def waiting(self) -> int:
        """How many jobs a worker could take now."""
        return await jobs.waiting(list(self.kinds), self.deps.clock.now())

    async def claim(self, owner: str) -> JobRow | None:
        """Take a job to work on. One that was taken too often without a step forward fails."""
        while True:
            taken = await jobs.claim(owner, list(self.kinds), self.deps.clock.now(), LEASE)
            if taken is None or taken.tries <= MOST_TRIES:
                return taken
            await self._fail(taken, owner, "GaveUp")

    async def keep(self, job: JobRow, owner: str) -> bool:
        """A sign of life; False when the job is no longer this worker's."""
        return await jobs.keep(job.id, owner, self.deps.clock.now() + LEASE)

    async def step(self, job: JobRow, owner: str) -> JobRow | None:
        """Do one step and note it; None when the job is at its end.

        Raises JobLost when it was cancelled or taken over meanwhile, and whatever else a step raises, with
        nothing done; hand that to ``failed``.
        """
        kind = self.kinds[job.kind]
        work = Work(job.id, job.input, job.cursor, job.done, job.total, job.author_id)
        if kind.get_ready is not None:
            work = replace(work, ready=await kind.get_ready(work))

        async def whole() -> JobRow | None:
            outcome = await kind.step(work)
            now = self.deps.clock.now()
            if outcome.cursor is None:
                stands = await jobs.finish(
                    job.id, owner, "done", now, progress=(outcome.done, outcome.total), result=outcome.result
                )
            else:
                stands = await jobs.advance(
                    job.id, owner, outcome.cursor, outcome.done, outcome.total, now + LEASE
                )
            if stands is None:
                raise JobLost
            await tell_progress(kind, stands, now)
            return stands if outcome.cursor is not None else None

        return await run_in_transaction(whole)

    async def failed(self, job: JobRow, owner: str, error: BaseException) -> None:
        """What a step raised: the programme's refusal ends the job, anything else is tried again later."""
        name = type(error).__name__
        if isinstance(error, LoyaltyError) or job.tries >= MOST_TRIES:
            await self._fail(job, owner, name)
            return
        pause = PAUSES[min(max(job.tries, 1), len(PAUSES)) - 1]
        passing = isinstance(error, StoreUnavailable)
        await jobs.put_back(job.id, owner, self.deps.clock.now() + pause, uncounted=passing, error=name)

    async def release(self, job: JobRow, owner: str) -> None:
        """Hand a job back between two steps, for a worker that ends: another one goes on at once."""
        await jobs.put_back(job.id, owner, self.deps.clock.now(), uncounted=True, error=None)

    async def _fail(self, job: JobRow, owner: str, error: str) -> None:
        async def work() -> None:
            now = self.deps.clock.now()
            ended = await jobs.finish(job.id, owner, "failed", now, error=error)
            if ended is not None:
                await tell_progress(self.kinds.get(ended.kind), ended, now)

        await run_in_transaction(work)
