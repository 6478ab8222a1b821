"""The same world by HTTP, for tests in other processes, and the simulator as a process of its own."""

import asyncio
import base64
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from simulator import World
from tests.simulator.conftest import ANNA, SHOP, Raw
from tests.simulator.pictures import picture

HERE = {"person": ANNA.id, "bot": "shop_bot"}
PLACE = f"?person={ANNA.id}&bot=shop_bot"


class Control:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def __call__(self, verb: str, path: str, /, **body: Any) -> Any:
        async with self.session.request(verb, f"{self.url}/control/{path}", json=body or None) as answer:
            told = await answer.json()
            assert told["ok"] is (answer.status == 200)
            return told["result"] if told["ok"] else told["error"]


@pytest_asyncio.fixture
async def control(raw: Raw) -> Control:
    return Control(raw.session, raw.url)


async def test_hands_and_looks(control: Control, raw: Raw, world: World) -> None:
    sent = await control("POST", "send_text", **HERE, text="hello")
    assert (sent["text"], sent["from_bot"]) == ("hello", False)
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    await raw("sendMessage", chat_id=ANNA.id, text="<b>hi</b>", parse_mode="HTML", reply_markup=markup)
    asked, answered = await control("GET", f"chat{PLACE}")
    assert asked["message_id"] == sent["message_id"]
    assert (answered["text"], answered["source"], answered["buttons"]) == ("hi", "<b>hi</b>", [["Yes"]])
    press = await control("POST", "press", **HERE, message_id=None, button="Yes")
    await raw("answerCallbackQuery", callback_query_id=press["query_id"], text="ok")
    assert await control("GET", f"callback_answers{PLACE}") == [{"text": "ok", "show_alert": False, "url": ""}]
    updates = await control("GET", "updates?bot=shop_bot")
    assert [update["pending"] for update in updates] == [True, True]
    assert updates[1]["callback_query"]["data"] == "y"
    await control("POST", "redeliver", update_id=press["update_id"], together=True)
    assert len((await raw("getUpdates"))["result"]) == 3
    picture_bytes = base64.b64encode(picture()).decode()
    await control("POST", "send_photo", **HERE, data=picture_bytes, caption="look")
    assert world.chat(ANNA, SHOP)[-1].photo == picture()


async def test_keyboards_people_and_forwards(control: Control, raw: Raw, world: World) -> None:
    assert await control("GET", f"keyboard{PLACE}") is None
    await raw("sendMessage", chat_id=ANNA.id, text="x", reply_markup={"keyboard": [["Card"]]})
    assert await control("GET", f"keyboard{PLACE}") == [["Card"]]
    await control("POST", "add_person", id=900, first_name="Zoya", phone="+79160000900")
    contact = await control("POST", "send_contact", person=900, bot="shop_bot")
    origin = {"from_person": 900, "from_bot": "shop_bot", "message_id": contact["message_id"]}
    forwarded = await control("POST", "forward", **HERE, **origin)
    assert forwarded["forward_origin"]["sender_user"]["id"] == 900


async def test_waiting(control: Control, raw: Raw, world: World) -> None:
    waiting = asyncio.create_task(control("POST", "wait", **HERE, contains="there"))
    await raw("sendMessage", chat_id=ANNA.id, text="hello there")
    async with asyncio.timeout(60):
        assert (await waiting)["text"] == "hello there"
    mark = await control("GET", "mark")
    assert "hello there" in await control("POST", "wait", **HERE, since=mark, timeout=0.01)


async def test_faults_journal_sms_and_settings(control: Control, raw: Raw, world: World) -> None:
    await control("POST", "faults", kind="429", method="sendMessage", retry_after=2)
    assert (await raw("sendMessage", chat_id=ANNA.id, text="x"))["parameters"] == {"retry_after": 2}
    await control("DELETE", "faults")
    assert (await raw("sendMessage", chat_id=ANNA.id, text="x"))["ok"]
    first, second = await control("GET", "journal?method=sendMessage")
    assert (first["fault"], second["fault"]) == ("429", None)
    assert len(await control("GET", f"journal?after={first['number']}&bot=shop_bot")) == 1
    world.sms_box.send("79160000001", "Код 1234", "Sample")
    assert [sms["text"] for sms in await control("GET", "sms?phone=%2B79160000001")] == ["Код 1234"]
    assert await control("GET", "sms?phone=79160000002") == []
    await control("POST", "settings", sms_balance=1.5, flood_limit=True, callback_seconds=9)
    assert (world.sms_box.balance, world.flood.enabled, world.callback_seconds) == (1.5, True, 9)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("dance", {}),
        ("send_text", {"person": 1, "bot": "shop_bot", "text": "x"}),
        ("send_text", {"person": 501}),
        ("press", {**HERE, "message_id": 1, "button": "x"}),
        ("redeliver", {"update_id": 1}),
        ("faults", {"kind": "earthquake"}),
        ("settings", {"gravity": 1}),
        ("wait", {"person": 1, "bot": "shop_bot"}),
    ],
)
async def test_what_can_not_be_done_is_told(control: Control, path: str, body: dict[str, Any]) -> None:
    assert isinstance(await control("POST", path, **body), str)


async def test_by_itself(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    described = tmp_path / "bots.json"
    account = {"id": 5, "token": "5:token", "username": "own_bot", "first_name": "Own"}
    described.write_text(json.dumps({"bots": [account], "people": [{"id": 9, "first_name": "Zoya"}]}))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "--port", "0", "--bots", str(described)),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(120):
            url = (await process.stdout.readline()).decode().removeprefix("Page: ").strip().rstrip("/")
            async with http.get(f"{url}/bot5:token/getMe") as answer:
                assert (await answer.json())["result"]["username"] == "own_bot"
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
