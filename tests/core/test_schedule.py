"""Periodic tasks: each due moment is seen to once, whoever looks, and only the newest counts."""

import asyncio
from datetime import datetime

import pytest

from core.domain.schedule import At, Every
from core.schedule import LEASE, PAUSE, Periodic, Schedule
from core.services import Services
from core.store import ticks
from tests.conftest import ManualClock
from tests.core.kit import one


@pytest.fixture
def ran() -> list[datetime]:
    return []


@pytest.fixture
def schedule(core: Services, ran: list[datetime]) -> Schedule:
    """A schedule with one task, every ten minutes."""

    async def run(now: datetime) -> None:
        ran.append(now)

    schedule = Schedule(core.deps)
    schedule.register(Periodic("tea", Every(600), run))
    return schedule


async def see_to(schedule: Schedule, owner: str = "one") -> int:
    """What a worker does when it looks; how many ticks it did."""
    done = 0
    for name in await schedule.due():
        tick = await schedule.claim(name, owner)
        if tick is not None:
            await schedule.run(tick)
            done += 1
    return done


async def test_many_workers_do_a_tick_once(schedule: Schedule, ran: list[datetime], clock: ManualClock) -> None:
    for moments in range(1, 4):
        assert await schedule.due() == ["tea"]
        assert sum(await asyncio.gather(*(see_to(schedule, f"w{number}") for number in range(8)))) == 1
        assert len(ran) == moments
        assert await schedule.due() == []
        clock.forward(seconds=599)
        assert await see_to(schedule) == 0
        clock.forward(seconds=1)


async def test_after_three_days_it_runs_once(schedule: Schedule, ran: list[datetime], clock: ManualClock) -> None:
    await see_to(schedule)
    clock.forward(days=3)
    assert [await see_to(schedule) for _ in range(5)] == [1, 0, 0, 0, 0]
    assert ran[1:] == [clock.now()]


async def test_a_killed_worker_s_tick_is_another_s(
    schedule: Schedule, ran: list[datetime], clock: ManualClock
) -> None:
    killed = await schedule.claim("tea", "killed")
    assert killed is not None
    clock.forward(seconds=LEASE.total_seconds() - 1)
    assert (await schedule.due(), await see_to(schedule)) == ([], 0)
    assert await schedule.keep(killed)
    clock.forward(seconds=LEASE.total_seconds() + 1)
    assert await see_to(schedule) == 1
    assert not await schedule.keep(killed)


async def test_two_moments_of_a_task_are_never_at_work_together(schedule: Schedule, clock: ManualClock) -> None:
    slow = await schedule.claim("tea", "slow")
    assert slow is not None
    clock.forward(minutes=10)
    assert await schedule.keep(slow)
    assert await schedule.claim("tea", "other") is None
    await schedule.run(slow)
    assert await see_to(schedule) == 1


async def test_a_moment_that_was_passed_over_stays_so(schedule: Schedule, clock: ManualClock) -> None:
    before = schedule.due_at("tea")
    clock.forward(minutes=10)
    await see_to(schedule)
    assert await ticks.claim("tea", before, "late", clock.now(), LEASE) is None


async def test_what_fails_is_tried_again_after_a_pause(
    core: Services, ran: list[datetime], clock: ManualClock
) -> None:
    schedule = Schedule(core.deps)
    troubles = [ValueError("+79161234567")]

    async def run(now: datetime) -> None:
        if troubles:
            raise troubles.pop()
        ran.append(now)

    schedule.register(Periodic("tea", Every(600), run))
    tick = await schedule.claim("tea", "one")
    assert tick is not None
    with pytest.raises(ValueError, match="7916") as failure:
        await schedule.run(tick)
    await schedule.failed(tick, failure.value)
    assert await one("SELECT error FROM tick") == "ValueError"
    assert await see_to(schedule) == 0
    clock.forward(seconds=PAUSE.total_seconds())
    assert await see_to(schedule) == 1
    assert (len(ran), await one("SELECT error FROM tick"), await one("SELECT tries FROM tick")) == (1, None, 2)


async def test_a_worker_that_ends_hands_it_over_at_once(schedule: Schedule) -> None:
    tick = await schedule.claim("tea", "ends")
    assert tick is not None
    await schedule.release(tick)
    assert await see_to(schedule, "other") == 1


async def test_old_ticks_are_forgotten_but_for_the_newest(
    schedule: Schedule, core: Services, clock: ManualClock
) -> None:
    for _ in range(3):
        await see_to(schedule)
        clock.forward(days=10)
    await core.upkeep.clean(clock.now())
    assert await one("SELECT count(*) FROM tick") == 1
    clock.forward(days=-10)
    assert await see_to(schedule) == 0


async def test_times_of_day_are_the_merchant_s(core: Services, clock: ManualClock, ran: list[datetime]) -> None:
    async def run(now: datetime) -> None:
        ran.append(now)

    schedule = Schedule(core.deps)
    schedule.register(Periodic("birthdays", At(10), run))
    with pytest.raises(ValueError, match="birthdays"):
        schedule.register(Periodic("birthdays", At(11), run))
    clock.at = datetime.fromisoformat("2026-03-02T06:59:59+00:00")  # 09:59:59 in Moscow
    await see_to(schedule)
    clock.forward(seconds=1)
    await see_to(schedule)
    clock.forward(hours=23)
    await see_to(schedule)
    assert ran == [
        datetime.fromisoformat("2026-03-02T06:59:59+00:00"),
        datetime.fromisoformat("2026-03-02T07:00:00+00:00"),
    ]
