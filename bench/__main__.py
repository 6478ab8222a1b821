"""``python -m bench``: measure, and write the tables into docs/benchmarks.md.

``--only NAME …`` runs some sections and leaves the others' tables as they stand; ``--size small`` or ``toy`` only
prints. A section that fails leaves its table, and the others go on; the exit status tells.
"""

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from bench import balance, jobs, machine, memory, outbox, sale, sweep, update, volume, web
from bench.postgres import Server, server
from bench.report import PAGE, Result, write
from bench.sizes import FULL, SIZES, Size

Section = Callable[[Server, Path, Size], Awaitable[Result]]
SECTIONS: dict[str, Section] = {
    "sale": sale.run,
    "update": update.run,
    "balance": balance.run,
    "web": web.run,
    "outbox": outbox.run,
    "memory": memory.run,
    "jobs": jobs.run,
    "sweep": sweep.run,
    "volume": volume.run,
}


async def measure(name: str, running: Server, size: Size) -> str:
    """One section's text, in a folder of its own."""
    load, started = machine.busy(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="kopilka-bench-") as folder:
        result = await SECTIONS[name](running, Path(folder), size)
    taken = time.perf_counter() - started
    return (
        f"{result.text()}\n\nMeasured on {machine.today()} in {taken:.0f} s; the machine's load before: {load}. "
        f"{machine.machine()}."
    )


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=SECTIONS, default=[], metavar="NAME")
    parser.add_argument("--size", choices=SIZES, default=FULL.name)
    parser.add_argument("--prove", action="store_true", help="`check` the large database, too: some minutes more")
    parser.add_argument("--folder", type=Path, help="where the database is put (about 25 GB at full size)")
    options = parser.parse_args()
    size = SIZES[options.size]
    size = replace(size, prove_many=size.prove_many or options.prove)
    failed = []
    with server(options.folder) as running:
        for name in options.only or SECTIONS:
            print(f"\n## {name}\n", flush=True)
            try:
                text = asyncio.run(measure(name, running, size))
            except Exception:
                traceback.print_exc()
                failed.append(name)
                continue
            print(text, flush=True)
            if options.size == FULL.name:
                write(name, text, PAGE)
    if failed:
        print(f"\nNot measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
