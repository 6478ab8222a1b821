"""The supervisor: load, a seeded schedule of faults, and the judge, until a calm after the last fault."""

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.database import database
from simulator import Person
from tests.faults.facts import Facts
from tests.faults.fleet import Fleet, one_process, processes
from tests.faults.judge import Judge, Verdict, read, unfinished
from tests.faults.load import PEOPLE, PROBE_CASHIER, PROBE_CUSTOMER, Load, seed
from tests.faults.people import Cashier
from tests.faults.plagues import ONE_PROCESS, PROCESSES, Plague

SEEDS = Path(__file__).with_name("seeds.txt")

RECOVERY_S = 10.0
CALM_S = 60.0
IDLE_START_S = 6.0
"""How long the fleet's start takes on two idle cores; one that takes longer makes the limits longer."""

Opening = Callable[[Path, list[Person]], AbstractAsyncContextManager[Fleet]]
KINDS: dict[str, tuple[Opening, dict[str, Plague]]] = {
    "one process": (one_process, ONE_PROCESS),
    "processes": (processes, PROCESSES),
}


@dataclass(frozen=True)
class Plan:
    """What to do: ``faults`` names of them in turn or, without, chance until ``minutes`` are over.

    ``longest_s``: how long a fault lasts at most; ``retry_after_s``: the most that Telegram asks to wait.
    ``strict``: recovery and calm have their real limits, whatever the machine.
    """

    kind: str
    seed: int
    minutes: float = 0.0
    faults: tuple[str, ...] = ()
    longest_s: float = 8.0
    retry_after_s: float = 40.0
    newcomer_every_s: float = 4.0
    strict: bool = True


def known_plans(**options: Any) -> list[Plan]:
    """The plans of seeds.txt in their order, with the same options for each."""
    plans = []
    for line in SEEDS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, number, faults = (part.strip() for part in line.split("|"))
            plans.append(Plan(kind, int(number), faults=tuple(faults.split(", ")), **options))
    return plans


@dataclass
class Outcome:
    """What came of a plan. ``recoveries``: seconds to the first fresh sale after each fault, in order."""

    plan: Plan
    verdict: Verdict = field(default_factory=Verdict)
    recoveries: list[tuple[str, float]] = field(default_factory=list)
    given_up: dict[str, int] = field(default_factory=dict)
    limit_s: float = RECOVERY_S
    redeemed: int = 0
    undone: int = 0
    registered: int = 0

    def summary(self) -> str:
        """The figures, and a line for each fault: how often, the usual and the longest recovery."""
        seconds: dict[str, list[float]] = {}
        for name, each in self.recoveries:
            seconds.setdefault(name, []).append(each)
        lines = [
            f"{self.plan.kind}, seed {self.plan.seed}: {self.verdict.sales} sales ({self.redeemed} by points, "
            f"{self.undone} undone), {self.registered} registered, {self.verdict.entries} ledger entries, "
            f"{self.verdict.reads} whole reads, {len(self.recoveries)} faults, {len(self.wrong)} findings; "
            f"patience lost: {self.given_up or 'never'}",
            f"{'fault':34}{'times':>6}{'median s':>10}{'longest s':>10}   (limit {self.limit_s:.0f} s)",
        ]
        for name, times in sorted(seconds.items()):
            lines.append(f"{name:34}{len(times):6}{statistics.median(times):10.2f}{max(times):10.2f}")
        return "\n".join(lines)

    @property
    def wrong(self) -> list[str]:
        """Everything that should not be."""
        late = [
            f"after {name!r} a fresh sale took {seconds:.1f} s (limit {self.limit_s:.0f} s)"
            for name, seconds in self.recoveries
            if seconds > self.limit_s
        ]
        return self.verdict.wrong + late


async def supervise(plan: Plan, folder: Path) -> Outcome:
    """Carry a plan out. What is found wrong is in the outcome; what can't go on raises."""
    opening, plagues = KINDS[plan.kind]
    rng = random.Random(f"{plan.kind}:{plan.seed}")
    facts, outcome = Facts(), Outcome(plan)
    async with opening(folder, list(PEOPLE)) as fleet:
        await seed(fleet.world, fleet.database_url)
        slowness = 1.0 if plan.strict else 3.0 * max(1.0, fleet.start_s / IDLE_START_S)
        outcome.limit_s = RECOVERY_S * slowness
        # The judge's own way to the database, past the proxies.
        async with database(fleet.database_url):
            judge = Judge(fleet, facts, await read())
            load = Load(fleet.world, facts, rng, newcomer_every_s=plan.newcomer_every_s)
            async with judge.watching(), load.running():
                await _warm(facts)
                for name in _schedule(plan, plagues, rng):
                    await _strike(name, plagues[name], fleet, facts, plan, rng, outcome)
            await fleet.all_ready()
            stuck = await _calm(fleet, CALM_S * slowness)
            outcome.verdict = await judge.conclude()
            outcome.verdict.wrong += stuck
    outcome.given_up = facts.given_up
    outcome.redeemed, outcome.undone = len(facts.redeemed()), len(facts.undone())
    outcome.registered = len(facts.registered)
    return outcome


def _schedule(plan: Plan, plagues: dict[str, Plague], rng: random.Random) -> Iterator[str]:
    if plan.faults:
        yield from plan.faults
        return
    ends = time.monotonic() + plan.minutes * 60
    while True:
        # Each in turn, in a new order every time: chance alone leaves some out.
        for name in rng.sample(sorted(plagues), len(plagues)):
            if time.monotonic() >= ends:
                return
            yield name


async def _warm(facts: Facts) -> None:
    """Before the first fault everything was done once, so that there is something to lose."""
    async with asyncio.timeout(600):
        while not (facts.redeemed() and facts.undone() and facts.registered):
            await asyncio.sleep(0.05)


async def _strike(
    name: str, plague: Plague, fleet: Fleet, facts: Facts, plan: Plan, rng: random.Random, outcome: Outcome
) -> None:
    lasting, quiet = rng.uniform(0.3, plan.longest_s), rng.uniform(0.1, 1.0)
    async with plague(fleet, rng, plan.retry_after_s) as longer_s:
        await asyncio.sleep(lasting)
    await asyncio.sleep(longer_s)
    started = time.monotonic()
    cashier = Cashier(fleet.world, PROBE_CASHIER, facts)
    while not (await cashier.sell(PROBE_CUSTOMER)).acknowledged:
        continue
    outcome.recoveries.append((name, time.monotonic() - started))
    await asyncio.sleep(quiet)


async def _calm(fleet: Fleet, seconds: float) -> list[str]:
    """What is stuck although there were no faults and no load: holds after so long, all else after twice that.

    (A message that was being sent when its worker lost the database is let go after 90 seconds.)
    """
    began = time.monotonic()
    while left := await unfinished(fleet.world):
        passed = time.monotonic() - began
        if passed >= 2 * seconds or (passed >= seconds and any("hold" in each for each in left)):
            return [f"after {passed:.0f} s of calm: {each}" for each in left]
        await asyncio.sleep(0.5)
    return []
