"""The product's real processes with everything they need, each part of which can be made to fail."""

import asyncio
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.database import migrate_database
from simulator import Person, Simulator, World
from tests.bots.world import CUSTOMER_BOT, STAFF_BOT
from tests.faults.proxy import Proxy, to_tcp
from tests.faults.servers import Postgres, Redis, fresh_postgres
from tests.servers import free_port
from tests.web.processes import Balancer, environment

START_S = 600.0
"""Only for not waiting for ever: on a machine with ten times more to do than it can, a start takes two minutes."""
STOP_S = 120.0
"""A polite end takes 20 seconds at most; a busy machine may take longer."""
_SAID = {"web": r"takes updates at (127\.0\.0\.1:[0-9]+)", "worker": "worker runs", "run": "Kopilka runs"}


class Member:
    """One place in the fleet: ``python -m bot COMMAND``, started anew whenever it was ended.

    ``url`` is where a web process listens, once it has said so.
    """

    def __init__(self, command: str, number: int, settings: dict[str, str], folder: Path) -> None:
        self.name = f"{command}-{number}"
        self.url: str | None = None
        self.starts = 0
        self._command = command
        self._settings = settings
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._listening: set[asyncio.Task[None]] = set()
        self._wanted = False

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it; returns at once."""
        self.starts += 1
        self.url, self._wanted = None, True
        self._log.touch()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", self._command, cwd=self._folder, env=self._settings,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert self._process.stdout is not None
        # By a pipe: where the process may not write to files any more, it can still be heard.
        self._listening.add(asyncio.create_task(_keep(self._process.stdout, self._log)))

    async def ready(self) -> None:
        """Wait until it says that it works, or was ended by us before. Fails when it ends by itself."""
        start = self.starts
        async with asyncio.timeout(START_S):
            while (found := re.search(_SAID[self._command], self._log_of(start).read_text("utf-8"))) is None:
                if not self._wanted or self.starts != start:
                    return
                assert self._process is not None
                assert self._process.returncode is None, self._log.read_text("utf-8")
                await asyncio.sleep(0.05)
        if self._command == "web" and self._wanted and self.starts == start:
            self.url = f"http://{found[1]}"

    async def kill(self) -> None:
        """SIGKILL; also for one that stands still or is no more."""
        self._wanted = False
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def end(self) -> None:
        """Kill it, and read what it still has to say."""
        await self.kill()
        await asyncio.gather(*self._listening)

    async def terminate(self) -> None:
        """SIGTERM. Fails unless it ends well."""
        assert self._process is not None
        self._wanted = False
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_S):
            status = await self._process.wait()
        assert status == 0, f"{self.name} ended with {status} after SIGTERM"

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP or SIGCONT."""
        assert self._process is not None
        self._process.send_signal(number)

    def logs(self) -> Iterator[str]:
        """The lines of all its lives."""
        for number in range(1, self.starts + 1):
            yield from self._log_of(number).read_text("utf-8", "replace").splitlines()

    @property
    def _log(self) -> Path:
        return self._log_of(self.starts)

    def _log_of(self, number: int) -> Path:
        return self._folder / f"{self.name}.{number}.log"


async def _keep(stream: asyncio.StreamReader, path: Path) -> None:
    """Write what a process says to its log, until it ends."""
    with path.open("ab", buffering=0) as log:
        while said := await stream.read(64 * 1024):
            log.write(said)


@dataclass
class Fleet:
    """What runs. ``start_s``: how long the start took, a measure of the machine. ``probes``: where the one
    process serves /readyz."""

    world: World
    members: list[Member]
    database_url: str
    sms: Proxy
    probes: str = ""
    start_s: float = 0.0
    balancer: Balancer | None = None
    database: Proxy | None = None
    postgres: Postgres | None = None
    redis: Redis | None = None
    redis_proxy: Proxy | None = None
    _starting: set[asyncio.Task[None]] = field(default_factory=set)

    def of(self, command: str) -> list[Member]:
        """The members that run a command."""
        return [member for member in self.members if member.name.startswith(command)]

    async def bring_up(self, member: Member) -> None:
        """Start a member; when it is ready the balancer learns of it. Returns at once."""
        await member.start()
        self._starting.add(asyncio.create_task(self._await(member)))

    async def _await(self, member: Member) -> None:
        await member.ready()
        self.spread()

    def spread(self) -> None:
        """Tell the balancer who is there."""
        if self.balancer is not None:
            self.balancer.backends = [member.url for member in self.members if member.url is not None]

    async def all_ready(self) -> None:
        """Wait for what starts."""
        while self._starting:
            task = self._starting.pop()
            await task

    async def new_redis(self) -> None:
        """Start Redis; the proxy leads there from now on."""
        assert self.redis is not None
        assert self.redis_proxy is not None
        await asyncio.to_thread(self.redis.start)
        self.redis_proxy.upstream = to_tcp("127.0.0.1", self.redis.port)

    def logs(self) -> Iterator[tuple[str, str]]:
        """Every line with its member's name."""
        for member in self.members:
            for line in member.logs():
                yield member.name, line


@asynccontextmanager
async def one_process(folder: Path, people: list[Person]) -> AsyncIterator[Fleet]:
    """``python -m bot run`` on SQLite, by long polling."""
    async with AsyncExitStack() as stack:
        simulator, sms = await _outside(stack, people)
        database_url = f"sqlite:///{folder / 'kopilka.db'}"
        await migrate_database(database_url)
        port = free_port()
        settings = environment(simulator, database_url, SMSAERO_GATE=sms.address, METRICS_PORT=f"{port}")
        members = [Member("run", 1, settings, folder)]
        fleet = Fleet(simulator.world, members, database_url, sms, probes=f"http://127.0.0.1:{port}")
        await _start(fleet, stack)
        yield fleet


@asynccontextmanager
async def processes(folder: Path, people: list[Person]) -> AsyncIterator[Fleet]:
    """Two ``web`` and a ``worker`` on PostgreSQL and Redis, by webhooks, all behind proxies."""
    async with AsyncExitStack() as stack:
        simulator, sms = await _outside(stack, people)
        balancer = await stack.enter_async_context(Balancer().running())
        postgres = await stack.enter_async_context(fresh_postgres())
        database = await stack.enter_async_context(Proxy(postgres.upstream()).running())
        redis = Redis(folder)
        await asyncio.to_thread(redis.start)
        stack.callback(redis.stop)
        redis_proxy = await stack.enter_async_context(Proxy(to_tcp("127.0.0.1", redis.port)).running())
        settings = environment(
            simulator,
            f"postgresql://postgres@{database.address}/{postgres.name}",
            PUBLIC_URL=balancer.url,
            REDIS_URL=f"redis://{redis_proxy.address}/0",
            SMSAERO_GATE=sms.address,
        )
        commands = (("web", 1), ("web", 2), ("worker", 1))
        members = [Member(command, number, settings, folder) for command, number in commands]
        fleet = Fleet(
            simulator.world, members, postgres.url, sms,
            balancer=balancer, database=database, postgres=postgres, redis=redis, redis_proxy=redis_proxy,
        )  # fmt: skip
        await _start(fleet, stack)
        yield fleet


async def _outside(stack: AsyncExitStack, people: list[Person]) -> tuple[Simulator, Proxy]:
    simulator = await stack.enter_async_context(Simulator([CUSTOMER_BOT, STAFF_BOT], people))
    # Money never runs out, and a broken post is tried again at the latest after a second.
    simulator.world.sms_box.balance = 1e9
    simulator.world.webhook_backoff = (0.1, 0.2, 0.5, 1)
    host, port = simulator.url.removeprefix("http://").split(":")
    return simulator, await stack.enter_async_context(Proxy(to_tcp(host, int(port))).running())


async def _start(fleet: Fleet, stack: AsyncExitStack) -> None:
    started = time.monotonic()
    for member in fleet.members:
        stack.push_async_callback(member.end)
        await fleet.bring_up(member)
    await fleet.all_ready()
    fleet.start_s = time.monotonic() - started
