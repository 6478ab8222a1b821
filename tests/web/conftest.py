"""A web server on a fresh SQLite, with the simulator behind it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from core.services import Services
from simulator import Simulator
from tests.bots.world import ANNA, BORIS, CUSTOMER_BOT, simulated
from tests.conftest import ManualClock
from tests.web.kit import Web, serving


@pytest.fixture
def database_kind() -> str:
    """What is tested here is no matter of the database; where it is, the test asks for both."""
    return "sqlite"


@pytest.fixture(autouse=True)
def _patient_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer over a question than operators would want to wait."""
    monkeypatch.setattr("bot.web.probes.DATABASE_S", 60.0)
    monkeypatch.setattr("bot.metrics.DATABASE_S", 60.0)


@pytest_asyncio.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with simulated() as simulator:
        for person in (ANNA, BORIS):
            simulator.world.open_chat(simulator.world.bot(CUSTOMER_BOT), person)
        yield simulator


@pytest_asyncio.fixture
async def web(simulator: Simulator, core: Services, store: str, clock: ManualClock) -> AsyncIterator[Web]:
    async with serving(simulator, store, clock=clock) as served:
        yield served
