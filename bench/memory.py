"""A web process' memory after its start and after very many updates, and the time from its start to an answer."""

import time
from pathlib import Path

from bench.machine import resident_mb
from bench.postgres import Server
from bench.processes import answer_times, drive, served
from bench.report import Result
from bench.sample import FIRST_CHAT
from bench.shop import sampled
from bench.sizes import Size
from bench.stats import median, spaced
from bench.telegram import StubApi

PEOPLE = 5_000
PARTS = (0.1, 0.25, 0.5, 0.75, 1.0)
TEXT = "/balance"
AT_ONCE = 8
FLAT = 1.05


async def run(server: Server, folder: Path, size: Size) -> Result:
    """On PostgreSQL."""
    async with (
        sampled(server, (min(PEOPLE, size.memory_updates), 2)) as (url, (ids,)),
        StubApi().running() as stub,
    ):
        people = [FIRST_CHAT + each for each in ids]
        starts: dict[str, list[float]] = {"echo": [], "product": []}
        for _ in range(size.starts):
            for kind, found in starts.items():
                found.append(await _start(kind, stub, folder, url, people[0]))
        async with served("product", stub, folder, url) as process:
            rows = [["after the start", f"{resident_mb(process.pid):.0f} MB"]]
            done = 0
            sizes = []
            for part in PARTS:
                wanted = int(size.memory_updates * part)
                await drive([process.address], wanted - done, people, TEXT, at_once=AT_ONCE)
                done = wanted
                sizes.append(resident_mb(process.pid))
                rows.append([f"after {spaced(wanted)} updates", f"{sizes[-1]:.0f} MB"])
    growth = sizes[-1] / sizes[0]
    rows.append(
        [
            "start to first answer, median",
            f"{median(starts['product']):.1f} s (the bare echo bot: {median(starts['echo']):.1f} s)",
        ]
    )
    flat = "flat" if growth <= FLAT else "not flat"
    return Result(
        ["a web process", "resident memory, or time"],
        rows,
        after=[
            f"From {PARTS[0]:.0%} of the updates to all of them memory grew {growth:.2f} times: {flat}. "
            f"Updates of {spaced(len(people))} people, {AT_ONCE} at once; {size.starts} starts of each, in turns.",
        ],
    )


async def _start(kind: str, stub: StubApi, folder: Path, url: str, person: int) -> float:
    started = time.perf_counter()
    async with served(kind, stub, folder, url) as process:
        await answer_times(process.address, stub, 1, [person], TEXT)
        return time.perf_counter() - started
