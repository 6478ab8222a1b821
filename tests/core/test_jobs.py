"""Long jobs: started once, done step by step, resumed after a kill, cancelled, given up."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.errors import DifferentInputs, InvalidAmount
from core.domain.people import Role
from core.job_kinds import JobKind, JobLost, JobUnknown, Step, Told, Work
from core.jobs import LEASE, MOST_TRIES
from core.services import Services
from core.store.branches import add as add_branch
from core.store.jobs import JobRow
from core.store.sql import fetch
from core.store.transactions import StoreUnavailable
from tests.conftest import ManualClock, hire
from tests.core.kit import one


@dataclass
class Counting:
    """A kind that writes a branch for each number up to the one it was given."""

    trouble: Exception | None = None
    seen: list[Work] = field(default_factory=list)

    async def get_ready(self, work: Work) -> str:
        return f"number {work.done + 1}"

    async def step(self, work: Work) -> Step:
        self.seen.append(work)
        await add_branch(work.ready, "UTC", datetime(2026, 3, 2, tzinfo=UTC))
        if self.trouble is not None:
            raise self.trouble
        done, total = work.done + 1, work.input["count"]
        if done == total:
            return Step(None, done, total, result={"written": done})
        return Step({"after": done}, done, total)

    def tell(self, job: JobRow) -> Told:
        return Told("notice/progress", "ru", {"done": job.done, "state": job.state})


@pytest.fixture
def kind(core: Services) -> Counting:
    counting = Counting()
    core.jobs.register(JobKind("count", counting.step, counting.get_ready, counting.tell))
    return counting


async def written() -> list[str]:
    rows = await fetch("SELECT name FROM branch WHERE name LIKE 'number%' ORDER BY id")
    return [row["name"] for row in rows]


async def take(core: Services, owner: str) -> JobRow:
    job = await core.jobs.claim(owner)
    assert job is not None
    return job


async def test_a_job_is_done_step_by_step(core: Services, kind: Counting, clock: ManualClock) -> None:
    author = await hire(core, 9001, Role.MANAGER)
    started = await core.jobs.start("count", {"count": 3}, key="k", author_id=author.id)
    job: JobRow | None = await take(core, "one")
    assert await core.jobs.claim("two") is None
    while job is not None:
        clock.forward(seconds=1)
        job = await core.jobs.step(job, "one")
    assert await written() == ["number 1", "number 2", "number 3"]
    assert [work.cursor for work in kind.seen] == [None, {"after": 1}, {"after": 2}]
    ended = await core.jobs.look(started)
    assert (ended.state, ended.done, ended.total, ended.result) == ("done", 3, 3, {"written": 3})
    assert (ended.author_id, ended.lease_owner, ended.finished_at) == (author.id, None, clock.now())
    assert await core.jobs.claim("one") is None


async def test_the_same_key_is_the_same_job(core: Services, kind: Counting) -> None:
    ids = await asyncio.gather(*(core.jobs.start("count", {"count": 1}, key="k") for _ in range(5)))
    assert len(set(ids)) == 1
    with pytest.raises(DifferentInputs):
        await core.jobs.start("count", {"count": 2}, key="k")
    with pytest.raises(KeyError):
        await core.jobs.start("dance", {}, key="d")
    with pytest.raises(JobUnknown):
        await core.jobs.look(ids[0] + 1)


async def test_workers_take_different_jobs(core: Services, kind: Counting) -> None:
    for number in range(6):
        await core.jobs.start("count", {"count": 1}, key=f"k{number}")
    assert await core.jobs.waiting() == 6
    taken = await asyncio.gather(*(core.jobs.claim(f"worker {number}") for number in range(8)))
    ids = [job.id for job in taken if job is not None]
    assert len(ids) == len(set(ids)) == 6
    assert await core.jobs.waiting() == 0


async def test_after_a_kill_another_goes_on_where_it_was(
    core: Services, kind: Counting, clock: ManualClock
) -> None:
    await core.jobs.start("count", {"count": 3}, key="k")
    killed = await core.jobs.step(await take(core, "killed"), "killed")
    assert killed is not None
    clock.forward(seconds=LEASE.total_seconds() - 1)
    assert await core.jobs.claim("heir") is None
    assert await core.jobs.keep(killed, "killed")
    clock.forward(seconds=2)
    assert await core.jobs.claim("heir") is None
    clock.forward(seconds=LEASE.total_seconds())
    inherited = await take(core, "heir")
    assert (inherited.cursor, inherited.done) == ({"after": 1}, 1)
    # Who was thought dead comes back to life: what it does is taken back.
    with pytest.raises(JobLost):
        await core.jobs.step(killed, "killed")
    assert not await core.jobs.keep(killed, "killed")
    assert await written() == ["number 1"]
    assert await core.jobs.step(inherited, "heir") is not None
    assert await written() == ["number 1", "number 2"]


async def test_a_worker_that_ends_hands_the_job_over_at_once(core: Services, kind: Counting) -> None:
    await core.jobs.start("count", {"count": 2}, key="k")
    for number in range(MOST_TRIES + 2):
        await core.jobs.release(await take(core, f"w{number}"), f"w{number}")
    assert (await take(core, "last")).tries == 1


async def test_a_cancelled_job_commits_nothing_more(core: Services, kind: Counting) -> None:
    started = await core.jobs.start("count", {"count": 2}, key="k")
    job = await take(core, "one")
    assert await core.jobs.cancel(started)
    assert not await core.jobs.cancel(started)
    with pytest.raises(JobLost):
        await core.jobs.step(job, "one")
    await core.jobs.failed(job, "one", ValueError())
    await core.jobs.release(job, "one")
    assert (await core.jobs.look(started)).state == "cancelled"
    assert (await written(), await core.jobs.claim("two")) == ([], None)


async def test_what_fails_is_tried_again_and_given_up_in_the_end(
    core: Services, kind: Counting, clock: ManualClock
) -> None:
    started = await core.jobs.start("count", {"count": 2}, key="k")
    kind.trouble = ValueError("+79161234567")
    for _ in range(MOST_TRIES):
        job = await take(core, "one")
        with pytest.raises(ValueError, match="7916"):
            await core.jobs.step(job, "one")
        await core.jobs.failed(job, "one", kind.trouble)
        assert await core.jobs.claim("one") is None
        clock.forward(minutes=6)
    ended = await core.jobs.look(started)
    assert (ended.state, ended.error, ended.done) == ("failed", "ValueError", 0)
    assert await written() == []


async def test_the_database_s_troubles_are_not_counted(core: Services, kind: Counting, clock: ManualClock) -> None:
    started = await core.jobs.start("count", {"count": 1}, key="k")
    for _ in range(MOST_TRIES + 1):
        await core.jobs.failed(await take(core, "one"), "one", StoreUnavailable())
        clock.forward(minutes=6)
    assert await core.jobs.step(await take(core, "one"), "one") is None
    assert (await core.jobs.look(started)).state == "done"


async def test_a_job_that_kills_its_workers_is_given_up(
    core: Services, kind: Counting, clock: ManualClock
) -> None:
    started = await core.jobs.start("count", {"count": 2}, key="k")
    for number in range(MOST_TRIES):
        await take(core, f"victim {number}")
        clock.forward(seconds=LEASE.total_seconds() + 1)
    assert await core.jobs.claim("survivor") is None
    ended = await core.jobs.look(started)
    assert (ended.state, ended.error) == ("failed", "GaveUp")


async def test_a_refusal_of_the_programme_ends_the_job(core: Services, kind: Counting) -> None:
    started = await core.jobs.start("count", {"count": 2}, key="k")
    await core.jobs.failed(await take(core, "one"), "one", InvalidAmount())
    assert (await core.jobs.look(started)).error == "InvalidAmount"


async def test_a_job_begins_with_its_verb_s_commit_and_not_before_its_time(
    core: Services, kind: Counting, clock: ManualClock
) -> None:
    later = clock.now() + timedelta(minutes=5)
    await core.jobs.start("count", {"count": 1}, key="k", not_before=later)
    assert await core.jobs.claim("one") is None
    clock.forward(minutes=5)
    assert await core.jobs.claim("one") is not None


async def test_kinds_that_nobody_knows_here_are_left_alone(core: Services, kind: Counting) -> None:
    await core.jobs.start("count", {"count": 1}, key="k")
    with pytest.raises(ValueError, match="count"):
        core.jobs.register(JobKind("count", kind.step))
    core.jobs.kinds.clear()
    assert (await core.jobs.claim("one"), await core.jobs.waiting()) == (None, 0)


async def test_the_progress_message_is_rewritten_now_and_then_and_at_the_end(
    core: Services, kind: Counting, clock: ManualClock
) -> None:
    await core.jobs.start("count", {"count": 5}, key="k", message=("staff", 11, 77))
    job: JobRow | None = await take(core, "one")
    while job is not None:
        job = await core.jobs.step(job, "one")
        clock.forward(seconds=1)
    rows = await fetch("SELECT state, data, edits_message_id, chat_id FROM message ORDER BY id")
    assert [row["state"] for row in rows] == ["suppressed", "suppressed", "queued"]
    assert {(row["edits_message_id"], row["chat_id"]) for row in rows} == {(77, 11)}
    assert '"state": "done"' in await one("SELECT data AS d FROM message WHERE state = 'queued'")


async def test_a_job_that_ended_before_its_message_was_named_tells_its_end_there(
    core: Services, kind: Counting
) -> None:
    """A small shop's job is quicker than the answer that names the message of its progress."""
    job_id = await core.jobs.start("count", {"count": 1}, key="k")
    job: JobRow | None = await take(core, "one")
    while job is not None:
        job = await core.jobs.step(job, "one")
    await core.jobs.show_on(job_id, ("staff", 11, 77))
    (row,) = await fetch("SELECT data, edits_message_id, chat_id FROM message")
    assert (row["chat_id"], row["edits_message_id"]) == (11, 77)
    assert '"state": "done"' in await one("SELECT data AS d FROM message")
    assert await core.jobs.show_on(job_id + 1, ("staff", 11, 78)) is None
