"""Long work in the background: the last 90 days tried with other settings, everybody recomputed after a change."""

import time
from pathlib import Path

from bench.postgres import Server
from bench.report import Result, verdict
from bench.sample import settle_down
from bench.shop import as_sqlite, opened, sampled
from bench.sizes import Size
from bench.stats import spaced
from core.actors import Visitor
from core.domain.people import Role
from core.services import Services

OFTEN, SELDOM = 6, 1
"""Purchases of one customer in five, and of the others: with 10 000 and 40 000 of them 100 000 in all."""
WHAT_IF_AIM_S, RECOMPUTE_AIM_S = 30, 300
_OWNER = 3_000_000_001
CHANGED = {"accrual_percent": 700, "min_purchase": 300_00}
RULES = {"levels": [{"name": "Sample", "threshold": 1000_00, "accrual_percent": 700}]}


async def run(server: Server, folder: Path, size: Size) -> Result:
    """Both databases."""
    few = size.few_customers
    rows = []
    async with sampled(server, (few, OFTEN), (few * 4, SELDOM)) as (url, _):
        await settle_down(url)
        file = await as_sqlite(url, folder, "jobs")
        for kind, address in (("SQLite", f"sqlite:///{file}"), ("PostgreSQL", url)):
            rows.append([kind, *await _measure(address)])
    purchases = few * (OFTEN + 4 * SELDOM)
    return Result(
        ["seconds", f"what if over {spaced(purchases)} purchases", f"recomputing {spaced(few * 5)} customers"],
        rows,
        after=["Each once, step by step as a worker does them, from the order to the result."],
    )


async def _measure(url: str) -> list[str]:
    async with opened(url) as shop:
        core = shop.core
        invite = await core.staff.invite(None, Role.OWNER, None)
        owner = await core.staff.join(Visitor(_OWNER, "ru"), invite.link.rpartition("join_")[2], "Bench")
        started = time.perf_counter()
        await core.what_ifs.start(owner, CHANGED, None, key="bench:what-if")
        await _work(core)
        tried = time.perf_counter() - started
        started = time.perf_counter()
        await core.programmes.change(RULES)
        await _work(core)
        recomputed = time.perf_counter() - started
    return [
        verdict(tried, WHAT_IF_AIM_S, at_least=False),
        verdict(recomputed, RECOMPUTE_AIM_S, at_least=False),
    ]


async def _work(core: Services) -> None:
    """Do what waits, and raise when it failed."""
    done = 0
    while (job := await core.jobs.claim("bench")) is not None:
        job_id, step = job.id, await core.jobs.step(job, "bench")
        while step is not None:
            step = await core.jobs.step(step, "bench")
        found = await core.jobs.look(job_id)
        if found.state != "done":
            raise RuntimeError(f"the job {found.kind} is {found.state}")
        done += 1
    if not done:
        raise RuntimeError("there was no job")
