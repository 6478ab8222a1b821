"""Opening the balance of a customer with 10 entries and of one with 10 000."""

import time
from itertools import chain
from pathlib import Path

from bench.postgres import Server
from bench.report import Result, verdict
from bench.sample import hoard, settle_down
from bench.shop import Shop, as_sqlite, customer, opened, sampled
from bench.sizes import Size
from bench.stats import median, ms, p95, ratio_of_rounds, spaced

AIM = 1.2
FEW = 10


async def run(server: Server, folder: Path, size: Size) -> Result:
    """Both databases; and, for what it is worth, somebody who has never spent any of 10 000 gifts."""
    rows = []
    async with sampled(server, (100, FEW // 2), (1, size.regular // 2)) as (url, (newcomers, regulars)):
        await hoard(url, newcomers[1], size.regular)
        await settle_down(url)
        file = await as_sqlite(url, folder, "balance")
        for kind, address in (("SQLite", f"sqlite:///{file}"), ("PostgreSQL", url)):
            async with opened(address) as shop:
                for name, customer_id in (("", regulars[0]), (", all of them unspent", newcomers[1])):
                    few, many = await _measure(shop, newcomers[0], customer_id, size)
                    ratio = ratio_of_rounds([median(each) for each in many], [median(each) for each in few])
                    said = f"{ratio:.2f} (no aim)" if name else verdict(ratio, AIM, at_least=False)
                    rows.append([f"{kind}{name}", _times(few), _times(many), said])
    return Result(
        ["opening a balance", f"{FEW} entries", f"{spaced(size.regular)} entries", "ratio of medians"],
        rows,
        after=[f"{size.rounds} rounds of {size.looks} looks at each, taken in turns."],
    )


def _times(rounds: list[list[float]]) -> str:
    every = list(chain(*rounds))
    return f"{ms(median(every))}, p95 {ms(p95(every))}"


async def _measure(
    shop: Shop, few_id: int, many_id: int, size: Size
) -> tuple[list[list[float]], list[list[float]]]:
    """Seconds of the looks at either customer, by round; the first round only warms up."""
    found: dict[int, list[list[float]]] = {few_id: [], many_id: []}
    for turn in range(size.rounds + 1):
        for each in found.values():
            each.append([])
        for number in range(size.looks):
            # Each is as often the first as the second: what one look does to caches is no matter of its length.
            for customer_id in found if number % 2 else reversed(found):
                found[customer_id][turn].append(await look(shop, customer_id))
    return found[few_id][1:], found[many_id][1:]


async def look(shop: Shop, customer_id: int) -> float:
    """Seconds to open a balance."""
    started = time.perf_counter()
    opened_balance = await shop.core.balances.open(customer(customer_id))
    seconds = time.perf_counter() - started
    if opened_balance.points <= 0:
        raise RuntimeError("a sample customer has points")
    return seconds
