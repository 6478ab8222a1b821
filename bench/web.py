"""One, two and four web processes on one PostgreSQL."""

import os
from contextlib import AsyncExitStack
from pathlib import Path

from bench.postgres import Server
from bench.processes import cpu_seconds, drive, served
from bench.report import Result
from bench.sample import FIRST_CHAT
from bench.shop import sampled
from bench.sizes import Size
from bench.stats import median, ms, ratio_of_rounds
from bench.telegram import StubApi

AT_ONCE = 16
TEXT = "/balance"


async def run(server: Server, folder: Path, size: Size) -> Result:
    """The same updates to the first process, to two, and to all four."""
    seconds: dict[int, list[float]] = {n: [] for n in size.processes}
    cpu: dict[int, list[float]] = {n: [] for n in size.processes}
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        url, (ids,) = await enter(sampled(server, (400, 10)))
        people = [FIRST_CHAT + each for each in ids]
        stub = await enter(StubApi().running())
        running = [await enter(served("product", stub, folder, url)) for _ in range(max(size.processes))]
        everywhere = [each.address for each in running]
        await drive(everywhere, max(len(running), size.process_updates // 2), people, TEXT, at_once=AT_ONCE)
        for turn in range(size.rounds):
            for number in size.processes if turn % 2 else reversed(size.processes):
                before = sum(cpu_seconds(each.pid) for each in running)
                taken = await drive(everywhere[:number], size.process_updates, people, TEXT, at_once=AT_ONCE)
                seconds[number].append(taken)
                cpu[number].append(sum(cpu_seconds(each.pid) for each in running) - before)
    cores = os.cpu_count() or 1
    return Result(
        ["web processes", "updates per second", "CPU of the web processes per update", "against one"],
        [
            [
                str(number),
                f"{size.process_updates / median(seconds[number]):.0f}",
                ms(median(cpu[number]) / size.process_updates),
                f"{ratio_of_rounds(seconds[1], seconds[number]):.2f}",
            ]
            for number in size.processes
        ],
        after=[
            f"{AT_ONCE} updates under way, {size.rounds} rounds of {size.process_updates}. The {cores} cores are "
            "shared by the web processes, PostgreSQL, the stub of the Bot API and the poster, so this can only "
            "show what more processes cost each other, and not how far they would scale with cores of their own.",
        ],
    )
