"""An update's way: a webhook's post in, the answer's arrival at the Bot API out, beside a bare aiogram echo bot.

Both are processes of their own with the same aiohttp server and client, both answer the post when the answer has
left, and both talk to the same stub. The product looks the customer up, opens the balance, renders and keeps the
update's mark; the echo bot sends the text back.
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.machine import durable_write_s
from bench.postgres import Server
from bench.processes import Served, answer_times, cpu_seconds, drive, served
from bench.report import Result, verdict
from bench.sample import FIRST_CHAT
from bench.shop import as_sqlite, sampled
from bench.sizes import Size
from bench.stats import median, ms, p95, ratio_of_rounds
from bench.telegram import StubApi

AIM = 0.5
TEXT = "/balance"
AT_ONCE = (1, 16)
PEOPLE = 400


@dataclass
class Ways:
    """What was measured of one process."""

    seconds: dict[int, list[float]] = field(default_factory=lambda: {n: [] for n in AT_ONCE})
    cpu: dict[int, list[float]] = field(default_factory=lambda: {n: [] for n in AT_ONCE})
    answers: list[float] = field(default_factory=list)


async def _round(process: Served, ways: Ways, stub: StubApi, size: Size, people: list[int]) -> None:
    for at_once in AT_ONCE:
        before = cpu_seconds(process.pid)
        ways.seconds[at_once].append(await drive([process.address], size.updates, people, TEXT, at_once=at_once))
        ways.cpu[at_once].append(cpu_seconds(process.pid) - before)
    ways.answers += await answer_times(process.address, stub, max(2, size.updates // 4), people, TEXT)


async def run(server: Server, folder: Path, size: Size) -> Result:
    """Both databases."""
    found: dict[str, Ways] = {"echo": Ways(), "SQLite": Ways(), "PostgreSQL": Ways()}
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        url, (ids,) = await enter(sampled(server, (PEOPLE, 10)))
        people = [FIRST_CHAT + each for each in ids]
        stub = await enter(StubApi().running())
        processes = {
            "echo": await enter(served("echo", stub, folder)),
            "SQLite": await enter(
                served("product", stub, folder, f"sqlite:///{await as_sqlite(url, folder, 'update')}")
            ),
            "PostgreSQL": await enter(served("product", stub, folder, url)),
        }
        for process in processes.values():
            await _round(process, Ways(), stub, size, people)
        for turn in range(size.rounds):
            for name in list(processes) if turn % 2 else reversed(processes):
                await _round(processes[name], found[name], stub, size, people)
    return Result(
        [
            "an update",
            "per second",
            "POST to answer",
            "CPU",
            "throughput / echo bot's",
            "CPU, echo bot's / product's",
        ],
        [_row(name, at_once, found, size) for at_once in AT_ONCE for name in found],
        after=[
            f"{size.rounds} rounds of {size.updates} updates (`{TEXT}`) of {PEOPLE} customers. The product "
            "answers the post once the update's mark is on the disk, the echo bot keeps nothing: a durable write "
            f"took {ms(durable_write_s(folder))} on this disk, and that is what one update at a time waits for.",
        ],
    )


def _row(name: str, at_once: int, found: dict[str, Ways], size: Size) -> list[str]:
    ways, echo = found[name], found["echo"]
    own = name != "echo"
    ratio = ratio_of_rounds(echo.seconds[at_once], ways.seconds[at_once])
    cpu = median(echo.cpu[at_once]) / max(1e-9, median(ways.cpu[at_once]))
    answers = f"{ms(median(ways.answers))}, p95 {ms(p95(ways.answers))}" if at_once == 1 else "—"
    return [
        f"{name if not own else f'product, {name}'}, {at_once} at once",
        f"{size.updates / median(ways.seconds[at_once]):.0f}",
        answers,
        ms(median(ways.cpu[at_once]) / size.updates),
        verdict(ratio, AIM, at_least=True) if own else "1",
        f"{cpu:.2f}" if own else "1",
    ]
