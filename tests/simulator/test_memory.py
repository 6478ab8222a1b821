"""What outlives the simulator: people, chats, SMS and updates, in a file that is whole or not there."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from simulator import Person, Simulator
from tests.simulator.conftest import ANNA, BORIS, SHOP, TILL, Raw
from tests.simulator.pictures import picture


@asynccontextmanager
async def run(memory: Path) -> AsyncIterator[tuple[Simulator, Raw]]:
    """One life of a simulator."""
    async with Simulator([SHOP, TILL], [ANNA, BORIS], memory=memory) as simulator, aiohttp.ClientSession() as http:
        yield simulator, Raw(http, simulator.url)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "var" / "chats.json"


async def test_a_restart_forgets_nothing(memory: Path) -> None:
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    board = {"keyboard": [[{"text": "Menu"}]], "resize_keyboard": True}
    async with run(memory) as (simulator, raw):
        world = simulator.world
        galina = world.add_person(first_name="Galina", phone="+79160000004", language_code="en")
        world.start(galina, SHOP)
        await raw("sendMessage", chat_id=galina.id, text="<b>hi</b>", parse_mode="HTML", reply_markup=keys)
        await raw("sendMessage", chat_id=galina.id, text="menu", reply_markup=board)
        world.send_photo(galina, SHOP, picture(), "look")
        world.send_contact(galina, SHOP)
        world.block(ANNA, SHOP)
        world.sms_box.send("79160000004", "Code 1234", "Sample")
        before = [message.to_json() for message in world.chat(galina, SHOP)]
        taken = await raw("getUpdates", limit=1)
        await raw("getUpdates", offset=taken["result"][0]["update_id"] + 1, limit=1)
        waiting = [update.id for update in world.pending_updates(SHOP)]
    async with run(memory) as (simulator, raw):
        world = simulator.world
        assert world.person(galina.id) == galina
        assert [message.to_json() for message in world.chat(galina, SHOP)] == before
        assert world.reply_keyboard(galina, SHOP) == [["Menu"]]
        assert world.chat(galina, SHOP)[3].photo == picture()
        assert [sms.text for sms in world.sms("79160000004")] == ["Code 1234"]
        assert world.bot(SHOP).chats[ANNA.id].blocked
        assert [each["update_id"] for each in (await raw("getUpdates"))["result"]] == waiting
        query = world.press(galina, SHOP, None, "Yes")
        assert query.update_id > max(waiting)
        assert world.send_text(galina, SHOP, "and on").id > before[-1]["message_id"]


async def test_nobody_gets_the_id_of_somebody_forgotten(memory: Path) -> None:
    async with run(memory) as (simulator, _):
        first = simulator.world.add_person(first_name="Galina")
    memory.unlink()
    async with run(memory) as (simulator, _):
        simulator.world.people.pop(ANNA.id)
        assert simulator.world.add_person(first_name="Zoya").id >= first.id > 1_000_000


async def test_changes_are_written_while_it_runs(memory: Path) -> None:
    async with run(memory) as (simulator, _):
        simulator.world.send_text(ANNA, SHOP, "hello")
        async with asyncio.timeout(60):
            while not memory.exists():
                await asyncio.sleep(0.05)
        kept = json.loads(memory.read_text("utf-8"))
        assert [each["text"] for each in kept["bots"][str(SHOP.id)]["chats"][0]["messages"]] == ["hello"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": 99}'])
async def test_a_damaged_file_is_put_aside(memory: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    memory.parent.mkdir()
    memory.write_text(text, "utf-8")
    async with run(memory) as (simulator, _):
        assert list(simulator.world.people) == [ANNA.id, BORIS.id]
    assert memory.with_name("chats.json.damaged").read_text("utf-8") == text
    assert "put aside" in capsys.readouterr().err
    assert json.loads(memory.read_text("utf-8"))["version"] == 1


async def test_people_who_were_there_from_the_beginning_stay_as_they_are_now(memory: Path) -> None:
    async with Simulator([SHOP], [Person(7, "Old name")], memory=memory) as simulator:
        simulator.world.send_text(7, SHOP, "hello")
    async with Simulator([SHOP], [Person(7, "New name")], memory=memory) as simulator:
        assert simulator.world.person(7).first_name == "New name"
        assert [each.text for each in simulator.world.chat(7, SHOP)] == ["hello"]
