"""Fixtures: a fresh, migrated database of each kind for each test, and the verbs on it."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from bot.database import database, migrate_database
from core.actors import StaffActor, Visitor
from core.deps import Deps, Links
from core.domain.people import Role
from core.keyring import Keyring
from core.services import Services
from tests.servers import postgres_url

pytest_plugins = ["tests.hanging"]

# Whatever the developer's own environment says must not reach the tests.
for _name in ("DATABASE_URL", "REDIS_URL", "CUSTOMER_BOT_TOKEN", "STAFF_BOT_TOKEN", "TELEGRAM_API_URL"):
    os.environ.pop(_name, None)

# A busy machine is no failure, and the same code gives the same result.
# HYPOTHESIS_PROFILE=explore looks for examples that nobody has seen yet.
_QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("tests", derandomize=True, max_examples=200, **_QUIET)
settings.register_profile("explore", max_examples=2000, **_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tests"))


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "kopilka.db"
    asyncio.run(migrate_database(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The name of a migrated database that tests copy."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    asyncio.run(_postgres(f'CREATE DATABASE "{name}"'))
    asyncio.run(migrate_database(named_database(name)))
    return name


def named_database(name: str) -> str:
    """The address of another database of the tests' server."""
    return urlsplit(postgres_url())._replace(path=f"/{name}").geturl()


async def _postgres(statement: str) -> None:
    connection = await asyncpg.connect(postgres_url())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated, empty database."""
    if database_kind == "sqlite":
        path = tmp_path / "kopilka.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    asyncio.run(_postgres(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'))
    yield named_database(name)
    asyncio.run(_postgres(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest_asyncio.fixture
async def store(database_url: str) -> AsyncIterator[str]:
    """The open database."""
    async with database(database_url):
        yield database_url


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def deps(clock: ManualClock) -> Deps:
    links = Links(customer_bot="kopilka_test_bot", staff_bot="kopilka_test_staff_bot")
    return Deps(clock=clock, keys=Keyring("test-secret-key-of-32-characters!"), links=links)


@pytest_asyncio.fixture
async def core(store: str, deps: Deps) -> Services:
    """All verbs on a started merchant with default settings."""
    services = Services.of(deps)
    await services.programmes.start("Основная точка")
    return services


@pytest_asyncio.fixture
async def cashier(core: Services) -> StaffActor:
    return await hire(core, 9001, Role.CASHIER)


async def hire(core: Services, telegram_id: int, role: Role, branch_id: int | None = None) -> StaffActor:
    """A staff member who followed an invitation."""
    invite = await core.staff.invite(None, role, branch_id)
    token = invite.link.rpartition("join_")[2]
    return await core.staff.join(Visitor(telegram_id, "ru"), token, f"Member {telegram_id}")


async def enrol(core: Services, telegram_id: int, phone: str = "", **options: object) -> int:
    """A customer who registered in the bot by their own contact; returns the customer's id."""
    visitor = Visitor(telegram_id, "ru")
    proof = await core.registrations.accept_contact(
        visitor, telegram_id, phone or f"7900{telegram_id:07d}", key=f"contact:{telegram_id}:{uuid.uuid4().hex}"
    )
    done = await core.registrations.finish(visitor, proof.proof_id, messages=True, **options)
    return done.customer_id
