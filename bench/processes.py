"""Starting what is measured, and driving it."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from bench.shop import SECRET_KEY
from bench.telegram import Poster, StubApi, message

ROOT = Path(__file__).parents[1]
SECRET = "a-secret-of-the-benchmarks"
START_S = 120.0
STOP_S = 30.0
_numbers = count(1)


class Served:
    """A running process and the address of its webhooks."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process = process
        self.address = address

    @property
    def pid(self) -> int:
        return self.process.pid


def environment(stub: StubApi, database_url: str = "") -> dict[str, str]:
    """Settings as in production, with the stub for Telegram."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "CUSTOMER_BOT_TOKEN": "500:a-token-of-the-benchmarks",
        "STAFF_BOT_TOKEN": "600:a-token-of-the-benchmarks",
        "TELEGRAM_API_URL": stub.url,
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "PUBLIC_URL": "https://bots.example.com",
        "WEBHOOK_SECRET": SECRET,
        "PORT": "0",
    }


@asynccontextmanager
async def served(kind: str, stub: StubApi, folder: Path, database_url: str = "") -> AsyncIterator[Served]:
    """Start ``bench.served`` and wait until it takes updates; stopped with the context."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.served", kind,
        cwd=folder, env=environment(stub, database_url), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        if not line.startswith(b"serving "):
            raise RuntimeError(f"{kind} did not start: {line!r}")
        yield Served(process, line.split()[1].decode())
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


async def drive(
    addresses: Sequence[str], updates: int, people: Sequence[int], text: str, *, at_once: int
) -> float:
    """Post updates of many people, ``at_once`` at a time, spread over the addresses.

    Returns the seconds until all were answered. No person has two updates under way: each poster has people of
    its own. An answer that is not 200 raises.
    """
    left = iter(range(updates))

    async def post(number: int) -> None:
        own = people[number::at_once]
        async with Poster(addresses[number % len(addresses)], "/telegram/customer", SECRET) as poster:
            for turn, _ in enumerate(left):
                status = await poster.post(message(next(_numbers), own[turn % len(own)], text))
                if status != 200:
                    raise RuntimeError(f"an update was answered with {status}")

    started = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number in range(at_once):
            tasks.create_task(post(number))
    return time.perf_counter() - started


async def answer_times(address: str, stub: StubApi, updates: int, people: Sequence[int], text: str) -> list[float]:
    """One update after another; seconds from each post to its answer's arrival at the Bot API."""
    times = []
    async with Poster(address, "/telegram/customer", SECRET) as poster:
        for turn in range(updates):
            person = people[turn % len(people)]
            answered = stub.waiting[person] = asyncio.get_running_loop().create_future()
            started = time.perf_counter()
            posting = asyncio.create_task(poster.post(message(next(_numbers), person, text)))
            async with asyncio.timeout(START_S):
                await answered
            times.append(time.perf_counter() - started)
            await posting
    return times


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used, its own and the kernel's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
