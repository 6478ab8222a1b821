"""Sales and balances with few customers and with very many, on PostgreSQL.

The customers of both are drawn at random from all of them, so the large database gets no help from a cache of
the ones just seen.
"""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.balance import look
from bench.postgres import Server, database_of
from bench.report import Result, verdict
from bench.sale import make_sale
from bench.sample import fill, settle_down, size_gb
from bench.shop import opened, sampled
from bench.sizes import Size
from bench.stats import median, ms, p95, spaced
from bot.database import database
from core.check import check_ledger

AIM = 1.3
PURCHASES = 10
SEED = 20260101
VERBS = {
    "sale": "a sale with redemption",
    "balance": "opening a balance",
    "first": "opening a balance, just filled",
}
_TRIAL = 20
_READ = ("customer", "customer_pkey", "lot", "lot_open")
"""Tables and indexes that a balance reads."""


@dataclass
class Times:
    """Seconds of each verb's calls; ``first`` are balances looked at just after the filling."""

    sale: list[float] = field(default_factory=list)
    balance: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)


async def run(server: Server, folder: Path, size: Size) -> Result:
    """Few and many customers, in turns."""
    chance = random.Random(SEED)
    async with (
        sampled(server, (size.few_customers, PURCHASES)) as (few_url, (few,)),
        sampled(server, (_TRIAL, PURCHASES)) as (many_url, (trial,)),
    ):
        started = time.perf_counter()
        await server.loading(True)
        more = await fill(many_url, size.many_customers - _TRIAL, PURCHASES, trusted=True)
        filled = time.perf_counter() - started
        await settle_down(few_url)
        await settle_down(many_url)
        await server.loading(False)
        settled = time.perf_counter() - started - filled
        both = {"few": (few_url, few, Times()), "many": (many_url, range(trial.start, more.stop), Times())}
        for url, people, times in both.values():
            times.first += await _looks(url, people, size.volume_looks, chance)
            await _warm_up(server, url)
        for turn in range(size.volume_rounds):
            for url, people, times in list(both.values())[:: 1 if turn % 2 else -1]:
                await _round(url, people, times, size, chance, turn)
        gigabytes = await size_gb(many_url)
        proved = await _proved(few_url) + (await _proved(many_url) if size.prove_many else "")
    return Result(
        ["p95 (median)", _count(size.few_customers), _count(size.many_customers), "ratio of p95"],
        [_row(verb, both["few"][2], both["many"][2]) for verb in VERBS],
        after=[
            f"The large database: {gigabytes:.1f} GB, filled in {filled:.0f} s, vacuumed and analysed in "
            f"{settled:.0f} s. {size.volume_rounds} rounds of {size.volume_sales} sales and {size.volume_looks} "
            f"balances on each, customers drawn at random. Before them {size.volume_looks} balances were "
            "looked at in databases just filled, then what balances read was brought into PostgreSQL's memory, as "
            f"on a server that has run for a while. {proved}",
        ],
    )


async def _round(url: str, people: range, times: Times, size: Size, chance: random.Random, turn: int) -> None:
    async with opened(url) as shop:
        for warm in range(3):
            await make_sale(shop, chance.choice(people), f"warm:{turn}:{warm}")
        drawn = chance.sample(people, size.volume_sales)
        for customer_id in drawn:
            started = time.perf_counter()
            await make_sale(shop, customer_id, f"sale:{turn}:{customer_id}")
            times.sale.append(time.perf_counter() - started)
    times.balance += await _looks(url, people, size.volume_looks, chance)


async def _looks(url: str, people: range, looks: int, chance: random.Random) -> list[float]:
    async with opened(url) as shop:
        await look(shop, people[0])
        return [await look(shop, customer_id) for customer_id in chance.choices(people, k=looks)]


async def _warm_up(server: Server, url: str) -> None:
    await server.run("CREATE EXTENSION IF NOT EXISTS pg_prewarm", database=database_of(url))
    for each in _READ:
        await server.run(f"SELECT pg_prewarm('{each}')", database=database_of(url))


async def _proved(url: str) -> str:
    """`check` over the sample and what was sold on it; raises when a rule is broken."""
    started = time.perf_counter()
    async with database(url, patient=True):
        report = await check_ledger()
    if report.findings:
        raise RuntimeError(f"the sample breaks {report.findings[0]}")
    return (
        f"`check` over {spaced(report.sizes['ledger_entry'])} entries: nothing broken, "
        f"{time.perf_counter() - started:.0f} s. "
    )


def _count(customers: int) -> str:
    return f"{spaced(customers)} customers, {spaced(customers * PURCHASES * 2)} entries"


def _row(verb: str, few: Times, many: Times) -> list[str]:
    small, large = getattr(few, verb), getattr(many, verb)
    ratio = p95(large) / p95(small)
    return [
        VERBS[verb],
        f"{ms(p95(small))} ({ms(median(small))})",
        f"{ms(p95(large))} ({ms(median(large))})",
        f"{ratio:.2f} (no aim)" if verb == "first" else verdict(ratio, AIM, at_least=False),
    ]
