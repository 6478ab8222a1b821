"""``make soak``: every known seed, the hammer in full, then chance for as many minutes as wanted."""

import argparse
import asyncio
import random
import secrets
import tempfile
import time
from pathlib import Path

from bot.speech import say
from tests.faults.hammer import hammer
from tests.faults.supervisor import Plan, known_plans, supervise

RESTARTS, BACKENDS = 50, 200
FLEETS_SHARE = 0.7


async def soak(minutes: float, seed: int) -> bool:
    """Whether nothing was found. Prints figures as it goes, and what was found at the end."""
    found: list[str] = []
    say(f"Seed {seed}. The logs of all processes are kept in {tempfile.gettempdir()}/kopilka-soak-*.")
    for plan in known_plans():
        found += await _carry_out(plan)
    found += await _hammer(seed)
    for kind, share in (("processes", FLEETS_SHARE), ("one process", 1 - FLEETS_SHARE)):
        found += await _carry_out(Plan(kind, seed, minutes=minutes * share))
    say("\n".join(["", *found]) if found else "\nNothing was found.")
    return not found


async def _carry_out(plan: Plan) -> list[str]:
    folder = Path(tempfile.mkdtemp(prefix="kopilka-soak-"))
    outcome = await supervise(plan, folder)
    say(f"\n{outcome.summary()}")
    if outcome.wrong:
        faults = ", ".join(name for name, _ in outcome.recoveries)
        say(f"Its line for tests/faults/seeds.txt, its logs in {folder}:\n{plan.kind} | {plan.seed} | {faults}")
    return [f"{plan.kind}, seed {plan.seed}: {each}" for each in outcome.wrong]


async def _hammer(seed: int) -> list[str]:
    began = time.monotonic()
    figures = await hammer(RESTARTS, BACKENDS, random.Random(seed))
    say(
        f"\nhammer, seed {seed}: {figures.restarts} restarts of PostgreSQL, {figures.backends} backends killed, "
        f"{len(figures.acknowledged)} sales acknowledged, {figures.tried_again} asked for again, "
        f"{len(figures.wrong)} findings, {time.monotonic() - began:.0f} s",
    )
    return [f"hammer, seed {seed}: {each}" for each in figures.wrong]


def main() -> int:
    """The exit status: 0 when nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None)
    wanted = parser.parse_args()
    seed = secrets.randbelow(10**6) if wanted.seed is None else wanted.seed
    again = f"Again: make soak MINUTES={wanted.minutes:g} SEED={seed}"
    try:
        passed = asyncio.run(soak(wanted.minutes, seed))
    except Exception:
        say(again)
        raise
    if not passed:
        say(again)
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
