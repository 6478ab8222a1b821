"""The demonstration: its simulator's people and chats outlive a restart, and go with its database."""

from pathlib import Path

import pytest

from bot.demo import CUSTOMER_BOT, named_after_merchant, start_demo
from bot.settings import Settings
from core.services import Services
from simulator import Simulator


async def one_life(*, says: str = "") -> list[str]:
    """Start the demonstration's simulator and stop it again; the names of those whom the sample does not name."""
    demo = await start_demo(Settings(simulator_port=0, _env_file=None))
    world = demo.simulator.world
    try:
        if says:
            world.start(world.add_person(first_name=says, phone="+79000009999"), CUSTOMER_BOT)
        return [person.first_name for person in world.people.values() if person.phone == "+79000009999"]
    finally:
        await demo.simulator.stop()


async def test_people_and_chats_outlive_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    await one_life(says="Галина")
    database = tmp_path / "var" / "demo.db"
    database.write_bytes(b"")
    assert await one_life() == ["Галина"]
    assert (tmp_path / "var" / "demo.simulator.json").exists()
    database.unlink()
    assert await one_life() == [], "a new merchant knows nobody of the old one's"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_the_page_is_headed_by_what_the_merchant_is_called_now(core: Services) -> None:
    demo = await start_demo(Settings(simulator_port=0, _env_file=None))
    simulator: Simulator = demo.simulator
    try:
        await core.programmes.change({"name": "Другая лавка"})
        async with named_after_merchant(simulator, core):
            await simulator.world.bell.wait_for(lambda: simulator.world.title == "Другая лавка")
            await simulator.world.bell.wait_for(lambda: simulator.world.bot(CUSTOMER_BOT).name == "Другая лавка")
    finally:
        await simulator.stop()
