"""A sale with redemption by the product's verbs, beside the same statements by the bare driver.

The sale is what a till does: a quote (``open_sale``), points asked for (``spend``: a hold and the question to
the customer), the customer's press (``confirm``: redemption, accrual, receipt), three transactions. First every
sale is recorded on one copy of a database; then on two other copies the product makes the same sales and the bare
driver sends the recorded statements with the recorded values, turn by turn.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from bench.postgres import Server, database_of
from bench.recording import Driver, Recorder, Step, bare_postgres, bare_sqlite, number_apart
from bench.report import Result, verdict
from bench.shop import Shop, StillClock, as_sqlite, customer, opened, sampled, still
from bench.sizes import Size
from bench.stats import median, ms, p95, ratio_of_rounds

AIM = 0.6
TOTAL = 1_000_00
POINTS = 30_00
AT_ONCE = (1, 8)
STEPS = ("quote", "hold", "commit")


@dataclass
class Side:
    """What one side did: seconds of each round, and of each verb, by how many sales were under way."""

    rounds: dict[int, list[float]] = field(default_factory=lambda: {n: [] for n in AT_ONCE})
    verbs: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})


async def make_sale(shop: Shop, customer_id: int, key: str, times: list[float] | None = None) -> None:
    """One sale by the product."""
    clock = asyncio.get_running_loop().time
    marks = [clock()]
    sale = await shop.core.till.open_sale(shop.cashier, customer_id, TOTAL, key=key)
    marks.append(clock())
    await shop.core.redemption.spend(shop.cashier, sale.purchase_id, POINTS, key=f"{key}:spend")
    marks.append(clock())
    done = await shop.core.redemption.confirm(customer(customer_id), sale.purchase_id)
    marks.append(clock())
    if done.status != "completed" or done.points != POINTS:
        raise RuntimeError("the sale was not made as it is measured")
    if times is not None:
        times += [end - start for start, end in pairwise(marks)]


async def _record(shop: Shop, customers: Sequence[int]) -> list[list[Step]]:
    sales = []
    with Recorder().listening() as recorder:
        for customer_id in customers:
            recorder.begin_sale()
            steps = []
            with recorder.step() as step:
                sale = await shop.core.till.open_sale(shop.cashier, customer_id, TOTAL, key=f"sale:{customer_id}")
            steps.append(step)
            with recorder.step() as step:
                await shop.core.redemption.spend(
                    shop.cashier, sale.purchase_id, POINTS, key=f"sale:{customer_id}:spend"
                )
            steps.append(step)
            with recorder.step() as step:
                await shop.core.redemption.confirm(customer(customer_id), sale.purchase_id)
            sales.append([*steps, step])
    return sales


async def _ours(shop: Shop, customers: Sequence[int], at_once: int, side: Side) -> None:
    async def one(customer_id: int) -> None:
        times: list[float] = []
        await make_sale(shop, customer_id, f"sale:{customer_id}", times)
        if at_once == 1:
            for step, seconds in zip(STEPS, times, strict=True):
                side.verbs[step].append(seconds)

    side.rounds[at_once].append(await _timed([partial(one, each) for each in customers], at_once))


async def _floors(driver: Driver, sales: Sequence[list[Step]], at_once: int, side: Side) -> None:
    async def one(sale: list[Step]) -> None:
        times: list[float] = []
        await driver.run(sale, times=times)
        if at_once == 1:
            for step, seconds in zip(STEPS, times, strict=True):
                side.verbs[step].append(seconds)

    side.rounds[at_once].append(await _timed([partial(one, each) for each in sales], at_once))


async def _timed(jobs: Sequence[Callable[[], Awaitable[None]]], at_once: int) -> float:
    left = iter(jobs)

    async def work() -> None:
        for job in left:
            await job()

    started = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(work())
    return time.perf_counter() - started


@asynccontextmanager
async def _copies(kind: str, server: Server, template: str, folder: Path) -> AsyncIterator[list[str]]:
    """Three copies of the template's database: to record on, for the product, and for the floor."""
    async with AsyncExitStack() as stack:
        if kind == "PostgreSQL":
            yield [await stack.enter_async_context(server.fresh(database_of(template))) for _ in range(3)]
            return
        file = await as_sqlite(template, folder)
        await number_apart(f"sqlite:///{file}")
        copies = [file.with_stem(f"sale-{n}") for n in range(3)]
        for copy in copies:
            await asyncio.to_thread(shutil.copy, file, copy)
        yield [f"sqlite:///{copy}" for copy in copies]


async def _measure(
    kind: str, urls: list[str], people: Sequence[int], size: Size, clock: StillClock
) -> tuple[Side, Side, list[int]]:
    batch = size.sales
    async with opened(urls[0], clock) as shop:
        sales = await _record(shop, people)
    ours, floor = Side(), Side()
    async with AsyncExitStack() as stack:
        bare = (
            bare_postgres(urls[2], max(AT_ONCE))
            if kind == "PostgreSQL"
            else bare_sqlite(Path(urls[2].removeprefix("sqlite:///")))
        )
        driver: Driver = await stack.enter_async_context(bare)
        shop = await stack.enter_async_context(opened(urls[1], clock))
        warm = batch // 4 + 1
        for at_once in AT_ONCE:  # connections are made and statements prepared
            await _ours(shop, people[:warm], at_once, Side())
            await _floors(driver, sales[:warm], at_once, Side())
            people, sales = people[warm:], sales[warm:]
        for turn in range(size.rounds * len(AT_ONCE)):
            at_once = AT_ONCE[turn % len(AT_ONCE)]
            first = turn * batch
            pair = [
                partial(_ours, shop, people[first : first + batch], at_once, ours),
                partial(_floors, driver, sales[first : first + batch], at_once, floor),
            ]
            for one in pair if turn // len(AT_ONCE) % 2 else reversed(pair):
                await one()
    return ours, floor, [len(step.statements) for step in sales[0]]


async def run(server: Server, folder: Path, size: Size) -> Result:
    """Both databases."""
    rows = []
    wanted = len(AT_ONCE) * (size.rounds * size.sales + size.sales // 4 + 1)
    counts: list[int] = []
    async with sampled(server, (wanted, 4)) as (template, (people,)):
        await number_apart(template)
        for kind in ("SQLite", "PostgreSQL"):
            async with _copies(kind, server, template, folder) as urls:
                ours, floor, counts = await _measure(kind, urls, people, size, still())
            for at_once in AT_ONCE:
                # Throughput, so that more is better: the floor's seconds by the product's.
                ratio = ratio_of_rounds(floor.rounds[at_once], ours.rounds[at_once])
                rows.append(
                    [f"{kind}, {at_once} at once",
                     *_rates(size.sales, ours.rounds[at_once], floor.rounds[at_once]),
                     verdict(ratio, AIM, at_least=True)]
                )  # fmt: skip
            for step in STEPS:
                mine, theirs = ours.verbs[step], floor.verbs[step]
                rows.append(
                    [f"{kind}, the {step} alone", f"{ms(median(mine))}, p95 {ms(p95(mine))}",
                     f"{ms(median(theirs))}, p95 {ms(p95(theirs))}", f"{median(theirs) / median(mine):.2f}"]
                )  # fmt: skip
    statements = ", ".join(f"{step} {count}" for step, count in zip(STEPS, counts, strict=True))
    return Result(
        ["a sale with redemption", "product", "bare driver", "throughput, product / floor"],
        rows,
        after=[f"Statements besides BEGIN and COMMIT: {statements}. {size.rounds} rounds of {size.sales} sales."],
    )


def _rates(sales: int, ours: list[float], floor: list[float]) -> list[str]:
    return [f"{sales / median(ours):.0f}/s", f"{sales / median(floor):.0f}/s"]
