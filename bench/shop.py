"""The product's verbs on a database, and the people who use them in a measurement."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.machine import moment
from bench.postgres import Server
from bench.sample import FIRST_CHAT, fill
from bot.backup import back_up_database, restore_database
from bot.database import database
from core.actors import CustomerActor, StaffActor, Visitor
from core.deps import Deps, Links
from core.domain.people import Role
from core.keyring import Keyring
from core.ports import SystemClock
from core.services import Services

SECRET_KEY = "a-key-of-the-benchmarks-and-no-other"
STAFF_CHAT = 9_000_001


@dataclass
class StillClock:
    """A clock that stands still, so that two runs do the same."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Shop:
    """The verbs and a cashier."""

    core: Services
    cashier: StaffActor


def services(clock: StillClock | SystemClock | None = None) -> Services:
    """The verbs as processes build them."""
    links = Links("kopilka_bench_bot", "kopilka_bench_till_bot")
    return Services.of(Deps(clock or SystemClock(), Keyring(SECRET_KEY), links))


async def found(url: str) -> None:
    """Give a migrated database its settings, a branch and a cashier."""
    async with database(url):
        core = services()
        await core.programmes.start("Bench")
        invite = await core.staff.invite(None, Role.CASHIER, None)
        await core.staff.join(Visitor(STAFF_CHAT, "ru"), invite.link.rpartition("join_")[2], "Bench")


@asynccontextmanager
async def opened(url: str, clock: StillClock | None = None) -> AsyncIterator[Shop]:
    """The shop of a database that was founded."""
    async with database(url):
        core = services(clock)
        cashier = await core.staff.identify(STAFF_CHAT, "ru")
        assert cashier is not None
        yield Shop(core, cashier)


@asynccontextmanager
async def sampled(server: Server, *groups: tuple[int, int]) -> AsyncIterator[tuple[str, list[range]]]:
    """A database with groups of sample customers, (customers, purchases of each), and the ids of each group."""
    async with server.fresh() as url:
        await found(url)
        yield url, [await fill(url, customers, purchases) for customers, purchases in groups]


async def as_sqlite(url: str, folder: Path, name: str = "sample") -> Path:
    """The same database as a SQLite file, brought there by the product's own backup and restore."""
    archive, file = folder / f"{name}.backup", folder / f"{name}.db"
    await back_up_database(url, archive, SystemClock())
    await restore_database(f"sqlite:///{file}", archive, SystemClock())
    archive.unlink()
    return file


def customer(customer_id: int) -> CustomerActor:
    """A sample customer as the customer bot knows them."""
    return CustomerActor(customer_id, FIRST_CHAT + customer_id, "ru", None)


def still() -> StillClock:
    """A clock that stands at this moment."""
    return StillClock(moment())
