"""The faults: each is a context; it strikes at its beginning and is over at its end.

What a fault yields is how many seconds longer it lasts than its context (Telegram's "retry after").
"""

import asyncio
import random
import resource
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from simulator import Fault
from tests.faults.fleet import Fleet, Member
from tests.faults.proxy import Proxy

Plague = Callable[[Fleet, random.Random, float], AbstractAsyncContextManager[float]]
"""Takes the fleet, its own chance, and the longest "retry after" in seconds."""


def _member(command: str, fleet: Fleet, rng: random.Random) -> Member:
    return rng.choice(fleet.of(command))


@asynccontextmanager
async def killed(command: str, fleet: Fleet, rng: random.Random, _: float) -> AsyncIterator[float]:
    """SIGKILL; a new one is started when it is over."""
    member = _member(command, fleet, rng)
    await member.kill()
    yield 0.0
    await fleet.bring_up(member)


@asynccontextmanager
async def all_killed(fleet: Fleet, _: random.Random, __: float) -> AsyncIterator[float]:
    """SIGKILL to every process at once."""
    for member in fleet.members:
        await member.kill()
    yield 0.0
    for member in fleet.members:
        await fleet.bring_up(member)


@asynccontextmanager
async def ended(command: str, fleet: Fleet, rng: random.Random, _: float) -> AsyncIterator[float]:
    """SIGTERM, as in an update of the program."""
    member = _member(command, fleet, rng)
    await fleet.all_ready()  # who is asked to end before it began may end as it likes
    await member.terminate()
    yield 0.0
    await fleet.bring_up(member)


@asynccontextmanager
async def frozen(command: str, fleet: Fleet, rng: random.Random, _: float) -> AsyncIterator[float]:
    """SIGSTOP, then SIGCONT."""
    member = _member(command, fleet, rng)
    member.signal(signal.SIGSTOP)
    yield 0.0
    member.signal(signal.SIGCONT)


@asynccontextmanager
async def network(which: str, what: str, fleet: Fleet, _: random.Random, __: float) -> AsyncIterator[float]:
    """A fault of the network before the database, Redis or the SMS gateway."""
    proxy: Proxy | None = getattr(fleet, which)
    assert proxy is not None
    match what:
        case "slow":
            proxy.delay = 0.05
        case "cut":
            proxy.refusing = True
            proxy.reset()
        case "reset":
            proxy.reset()
        case "away":
            proxy.pause()
        case "half_open":
            proxy.half_open()
    yield 0.0
    proxy.heal()


@asynccontextmanager
async def postgres_restarted(how: str, fleet: Fleet, _: random.Random, __: float) -> AsyncIterator[float]:
    """A restart of the server: ``fast``, or ``immediate``, which is its crash."""
    assert fleet.postgres is not None
    await fleet.postgres.restart("immediate" if how == "immediate" else "fast")
    yield 0.0


@asynccontextmanager
async def backends_killed(fleet: Fleet, _: random.Random, __: float) -> AsyncIterator[float]:
    """Every connection is ended by the server."""
    assert fleet.postgres is not None
    for pid in await fleet.postgres.backends():
        await fleet.postgres.kill_backend(pid)
    yield 0.0


@asynccontextmanager
async def redis_gone(fleet: Fleet, _: random.Random, __: float) -> AsyncIterator[float]:
    """kill -9; it comes back empty."""
    assert fleet.redis is not None
    await asyncio.to_thread(fleet.redis.kill)
    yield 0.0
    await fleet.new_redis()


@asynccontextmanager
async def redis_flushed(fleet: Fleet, _: random.Random, __: float) -> AsyncIterator[float]:
    """Everything in it is forgotten."""
    assert fleet.redis is not None
    await fleet.redis.flush()
    yield 0.0


@asynccontextmanager
async def redis_frozen(fleet: Fleet, _: random.Random, __: float) -> AsyncIterator[float]:
    """SIGSTOP: it takes connections and never answers."""
    assert fleet.redis is not None
    fleet.redis.freeze()
    yield 0.0
    fleet.redis.thaw()


@asynccontextmanager
async def outside(
    where: str, kind: str, fleet: Fleet, rng: random.Random, longest_s: float
) -> AsyncIterator[float]:
    """Telegram or the SMS gateway fails in one of their ways, at every or at every second call."""
    retry_after = rng.randint(1, int(longest_s)) if kind == "429" else 0
    chance, chances = rng.choice((0.5, 1.0)), rng.randrange(2**32)
    fault = Fault(
        where="sms" if where == "sms" else "bot",
        kind=kind,
        retry_after=retry_after,
        probability=chance,
        seed=chances,
    )
    fleet.world.faults.add(fault)
    yield float(retry_after)
    fleet.world.faults.clear()


@asynccontextmanager
async def disk_full(fleet: Fleet, rng: random.Random, _: float) -> AsyncIterator[float]:
    """No file of the process may grow: what it writes to the database fails as on a full disk."""
    await fleet.all_ready()
    member = _member("run", fleet, rng)
    _, most = resource.prlimit(member.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(member.pid, resource.RLIMIT_FSIZE, (1, most))
    yield 0.0
    resource.prlimit(member.pid, resource.RLIMIT_FSIZE, (most, most))


_REFUSED = ("429", "500", "502_page", "garbage", "reset_before")
_DONE = ("reset_after", "hang", "hang_after", "garbage_after")
_OUTSIDE = _REFUSED + _DONE
_NETWORK = ("slow", "cut", "reset", "away", "half_open")

_EVERYWHERE: dict[str, Plague] = {
    **{f"telegram {kind}": partial(outside, "bot", kind) for kind in _OUTSIDE},
    **{f"gateway {kind}": partial(outside, "sms", kind) for kind in _OUTSIDE},
    **{f"gateway's network {what}": partial(network, "sms", what) for what in _NETWORK},
}
ONE_PROCESS: dict[str, Plague] = {
    **{f"run {how.__name__}": partial(how, "run") for how in (killed, ended, frozen)},
    "disk full": disk_full,
    **_EVERYWHERE,
}
PROCESSES: dict[str, Plague] = {
    **{
        f"{command} {how.__name__}": partial(how, command)
        for command in ("web", "worker")
        for how in (killed, ended, frozen)
    },
    "all killed": all_killed,
    "postgres restarted": partial(postgres_restarted, "fast"),
    "postgres crashed": partial(postgres_restarted, "immediate"),
    "backends killed": backends_killed,
    **{f"database's network {what}": partial(network, "database", what) for what in _NETWORK},
    "redis killed": redis_gone,
    "redis flushed": redis_flushed,
    "redis frozen": redis_frozen,
    **{f"redis' network {what}": partial(network, "redis_proxy", what) for what in _NETWORK},
    **_EVERYWHERE,
}
