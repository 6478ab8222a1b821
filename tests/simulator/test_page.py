"""The page's protocol: what a browser is told, and what it can do."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from simulator import Simulator, World
from tests.simulator.conftest import ANNA, BORIS, SHOP, TILL, Raw
from tests.simulator.pictures import picture

HERE = {"person": ANNA.id, "bot": SHOP.id}


class Page:
    """A browser's end of the WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def do(self, kind: str, **fields: Any) -> None:
        await self.socket.send_json({"type": kind, **fields})

    async def next(self, kind: str) -> dict[str, Any]:
        """The next message of that type; others are passed over."""
        async with asyncio.timeout(60):
            while True:
                message: dict[str, Any] = await self.socket.receive_json()
                if message["type"] == kind:
                    return message


@pytest_asyncio.fixture
async def page(simulator: Simulator, http: aiohttp.ClientSession) -> AsyncIterator[Page]:
    async with http.ws_connect(f"{simulator.url}/ws") as socket:
        yield Page(socket)


async def test_the_state_comes_first(page: Page, world: World) -> None:
    world.sms_box.send("79160000001", "Код 1234", "Sample")
    state = await page.next("state")
    assert state["title"] == "Sample"
    assert state["bots"][1] == {
        "id": TILL.id,
        "username": "till_bot",
        "first_name": "Till",
        "pane": "staff",
        "description": "",
        "commands": [],
    }
    assert state["people"][0] == {
        "id": ANNA.id,
        "first_name": "Anna",
        "last_name": "Sample",
        "phone": "+79160000001",
        "role": "customer",
        "username": "anna_sample",
    }
    assert (await page.next("sms"))["sms"]["text"] == "Код 1234"


async def test_a_conversation(page: Page, raw: Raw, world: World) -> None:
    await page.do("open", **HERE)
    chat = await page.next("chat")
    assert (chat["messages"], chat["reply_keyboard"], chat["blocked"], chat["unread"]) == ([], None, False, 0)
    await page.do("start", **HERE, payload="ref_1")
    said = await page.next("message")
    assert (said["person"], said["bot"], said["message"]["from"]) == (ANNA.id, SHOP.id, "person")
    assert said["message"]["html"] == '<span class="bot_command">/start</span> ref_1'
    await raw("sendChatAction", chat_id=ANNA.id, action="typing")
    assert (await page.next("action"))["action"] == "typing"
    markup = {
        "inline_keyboard": [[{"text": "Yes", "callback_data": "y"}, {"text": "Copy", "copy_text": {"text": "c"}}]]
    }
    sent = await raw("sendMessage", chat_id=ANNA.id, text="<b>a</b>\n&lt;", parse_mode="HTML", reply_markup=markup)
    shown = (await page.next("message"))["message"]
    assert (shown["id"], shown["from"], shown["html"]) == (sent["result"]["message_id"], "bot", "<b>a</b>\n&lt;")
    assert shown["buttons"] == [
        [
            {"text": "Yes", "data": "y", "url": None, "copy": None},
            {"text": "Copy", "data": None, "url": None, "copy": "c"},
        ]
    ]
    await page.do("press", **HERE, message=shown["id"], data="y")
    query = await world.wait_for(lambda: world.callback_queries(ANNA, SHOP))
    await raw("answerCallbackQuery", callback_query_id=query[0].id, text="Done", show_alert=True)
    answer = await page.next("callback_answer")
    assert (answer["text"], answer["alert"], answer["query_id"]) == ("Done", True, query[0].id)
    await raw("editMessageText", chat_id=ANNA.id, message_id=shown["id"], text="b")
    edited = (await page.next("message"))["message"]
    assert (edited["id"], edited["text"], edited["edited"], edited["buttons"]) == (shown["id"], "b", True, None)
    await raw("deleteMessage", chat_id=ANNA.id, message_id=shown["id"])
    assert (await page.next("deleted"))["id"] == shown["id"]


async def test_the_reply_keyboard_and_the_contact(page: Page, raw: Raw, world: World) -> None:
    keyboard = {
        "keyboard": [[{"text": "Phone", "request_contact": True}, {"text": "Help"}]],
        "one_time_keyboard": True,
        "input_field_placeholder": "or type it",
    }
    await raw("sendMessage", chat_id=ANNA.id, text="x", reply_markup=keyboard)
    shown = await page.next("message")
    assert shown["reply_keyboard"] == {
        "rows": [[{"text": "Phone", "request_contact": True}, {"text": "Help", "request_contact": False}]],
        "placeholder": "or type it",
        "one_time": True,
    }
    await page.do("contact", **HERE)
    assert (await page.next("message"))["message"]["contact"] == {"phone": "+79160000001", "name": "Anna Sample"}
    await page.do("text", **HERE, text="Help")
    assert (await page.next("message"))["message"]["text"] == "Help"
    assert world.updates(SHOP)[-1].payload["text"] == "Help"


async def test_pictures_both_ways(page: Page, raw: Raw, http: aiohttp.ClientSession, world: World) -> None:
    form = aiohttp.FormData()
    form.add_field("photo", picture(), filename="a.png", content_type="image/png")
    where = f"{raw.url}/upload?person={ANNA.id}&bot={SHOP.id}"
    async with http.post(where, data=form) as answer:
        assert answer.status == 200
    shown = (await page.next("message"))["message"]
    async with http.get(raw.url + shown["photo"]) as answer:
        assert (answer.content_type, await answer.read()) == ("image/png", picture())
    async with http.post(where, data=picture(40, 40), headers={"Content-Type": "image/png"}) as answer:
        assert answer.status == 200
    assert world.chat(ANNA, SHOP)[-1].photo == picture(40, 40)
    async with http.post(where, data=b"text") as answer:
        assert (answer.status, (await answer.json())["ok"]) == (400, False)


async def test_a_documents_bytes_can_not_run_in_the_page(page: Page, raw: Raw, world: World) -> None:
    world.send_document(ANNA, SHOP, b"<script>alert(1)</script>", "a.html", mime="text/html")
    document = (await page.next("message"))["message"]["document"]
    assert (document["name"], document["size"]) == ("a.html", 25)
    async with raw.session.get(raw.url + document["url"]) as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"


async def test_blocking_and_unread(page: Page, raw: Raw) -> None:
    await raw("sendMessage", chat_id=ANNA.id, text="x")
    assert (await page.next("message"))["unread"] == 1
    await page.do("read", **HERE)
    assert (await page.next("chat"))["unread"] == 0
    await page.do("block", **HERE)
    assert (await page.next("chat"))["blocked"] is True
    await page.do("text", **HERE, text="x")
    assert "blocked" in (await page.next("error"))["text"]
    await page.do("unblock", **HERE)
    assert (await page.next("chat"))["blocked"] is False


async def test_people_and_commands_appear(page: Page, raw: Raw, world: World) -> None:
    await page.do("add_person", first_name="Galina", phone="8 (916) 000-00-04", role="staff")
    person = (await page.next("person"))["person"]
    assert (person["first_name"], person["phone"], person["role"]) == ("Galina", "+79160000004", "staff")
    assert world.person(person["id"]).phone == "+79160000004"
    await raw("setMyCommands", commands=[{"command": "card", "description": "Карта"}], language_code="ru")
    assert (await page.next("bot"))["bot"]["commands"] == [{"command": "card", "description": "Карта"}]


async def test_every_page_sees_every_chat(page: Page, simulator: Simulator, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"{simulator.url}/ws") as socket:
        other = Page(socket)
        await other.next("state")
        await page.do("text", person=BORIS.id, bot=TILL.id, text="hello")
        assert (await other.next("message"))["message"]["text"] == "hello"


@pytest.mark.parametrize(
    "given",
    [
        "no json",
        "[]",
        '{"type": "dance"}',
        '{"type": "text", "person": 501}',
        '{"type": "text", "person": 1, "bot": 7000001, "text": "x"}',
        '{"type": "text", "person": 501, "bot": 7000001, "text": " "}',
        '{"type": "press", "person": 501, "bot": 7000001, "message": 1, "data": "x"}',
    ],
)
async def test_nonsense_is_answered_with_an_error(page: Page, given: str) -> None:
    await page.socket.send_str(given)
    assert (await page.next("error"))["text"]
    await page.do("open", **HERE)
    assert await page.next("chat")


async def test_groups_are_not_shown(page: Page, raw: Raw, world: World) -> None:
    group = world.create_group("Sample group", SHOP, [ANNA])
    await raw("sendMessage", chat_id=group, text="in the group")
    await raw("sendMessage", chat_id=ANNA.id, text="in private")
    assert (await page.next("message"))["message"]["text"] == "in private"


async def test_the_page_is_served_and_nothing_beside_it(raw: Raw) -> None:
    async with raw.session.get(f"{raw.url}/") as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
    for path in ("/page/..%2fserver.py", "/page/none.js", "/media/none"):
        async with raw.session.get(raw.url + path) as answer:
            assert answer.status == 404


async def test_the_title_follows(page: Page, world: World) -> None:
    world.entitle("Another name")
    assert (await page.next("title"))["title"] == "Another name"
    world.rename(SHOP, "Another shop")
    assert (await page.next("bot"))["bot"]["first_name"] == "Another shop"


async def test_a_person_added_on_the_english_page_speaks_english(page: Page, world: World) -> None:
    await page.do("add_person", first_name="Grace", phone="+79160000005", language="en")
    added = (await page.next("person"))["person"]
    assert world.person(added["id"]).language_code == "en"
    await page.do("add_person", first_name="Galina", phone="+79160000006", language="ru")
    added = (await page.next("person"))["person"]
    assert world.person(added["id"]).language_code == "ru"


async def test_what_a_bot_says_of_itself_depends_on_the_reader(page: Page, raw: Raw) -> None:
    start, admin = {"command": "start", "description": "Go"}, {"command": "admin", "description": "Manage"}
    await raw("setMyDescription", description="Привет")
    await raw("setMyDescription", description="Hello", language_code="en")
    await raw("setMyCommands", commands=[start])
    await raw("setMyCommands", commands=[start, admin], scope={"type": "chat", "chat_id": ANNA.id})
    await page.do("open", **HERE)
    chat = await page.next("chat")
    assert (chat["description"], chat["commands"]) == ("Привет", [start, admin])
    await page.do("open", person=503, bot=SHOP.id)
    chat = await page.next("chat")
    assert (chat["description"], chat["commands"]) == ("Hello", [start])


async def test_a_file_that_the_page_uploads_comes_as_a_document_that_get_file_gives(
    page: Page, raw: Raw, http: aiohttp.ClientSession
) -> None:
    form = aiohttp.FormData()
    form.add_field("document", b"a;b\n1;2\n", filename="list.csv", content_type="text/csv")
    async with http.post(f"{raw.url}/upload?person={ANNA.id}&bot={SHOP.id}", data=form) as answer:
        assert answer.status == 200
    assert (await page.next("message"))["message"]["document"]["name"] == "list.csv"
    update = (await raw("getUpdates"))["result"][-1]
    document = update["message"]["document"]
    assert (document["file_name"], document["file_size"]) == ("list.csv", 8)
    found = (await raw("getFile", file_id=document["file_id"]))["result"]
    async with http.get(f"{raw.url}/file/bot{SHOP.token}/{found['file_path']}") as answer:
        assert await answer.read() == b"a;b\n1;2\n"
