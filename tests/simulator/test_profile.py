"""What a bot tells about itself."""

import pytest

from simulator import World
from tests.simulator.clients import Client
from tests.simulator.conftest import ANNA, SHOP, Raw

COMMANDS = [{"command": "start", "description": "Начать"}, {"command": "card", "description": "Карта"}]


async def test_who_am_i(client: Client) -> None:
    me = await client.call("getMe")
    assert (me["id"], me["is_bot"], me["username"], me["first_name"]) == (SHOP.id, True, "shop_bot", "Shop")


async def test_commands_are_kept_by_scope_and_language(raw: Raw, client: Client, world: World) -> None:
    assert await client.call("getMyCommands") == []
    await raw("setMyCommands", commands=COMMANDS)
    await raw("setMyCommands", commands=COMMANDS[:1], language_code="en")
    await raw("setMyCommands", commands=COMMANDS[1:], scope={"type": "all_private_chats"}, language_code="de")
    assert await client.call("getMyCommands") == COMMANDS
    assert await client.call("getMyCommands", language_code="en") == COMMANDS[:1]
    assert await client.call("getMyCommands", language_code="fr") == []
    shop = world.bot(SHOP)
    assert [shop.shown_commands(code) for code in ("ru", "en", "de")] == [COMMANDS, COMMANDS[:1], COMMANDS[1:]]
    assert await client.call("deleteMyCommands", language_code="en")
    assert await client.call("getMyCommands", language_code="en") == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ({"command": "Карта", "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "Card", "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "c" * 33, "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "card", "description": ""}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"command": "card", "description": "x" * 257}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_bad_commands_are_refused(raw: Raw, command: dict[str, str], words: str) -> None:
    assert await raw.words("setMyCommands", commands=[command]) == f"Bad Request: {words}"


async def test_a_hundred_commands_at_most(raw: Raw) -> None:
    many = [{"command": f"c{number}", "description": "x"} for number in range(101)]
    assert (await raw("setMyCommands", commands=many[:100]))["ok"]
    assert await raw.words("setMyCommands", commands=many) == "Bad Request: BOT_COMMANDS_TOO_MUCH"


@pytest.mark.parametrize(
    ("what", "field"),
    [("Name", "name"), ("Description", "description"), ("ShortDescription", "short_description")],
)
async def test_names_and_descriptions(client: Client, what: str, field: str) -> None:
    assert await client.call(f"setMy{what}", **{field: "Обычное"})
    assert await client.call(f"setMy{what}", **{field: "Usual"}, language_code="en")
    assert await client.call(f"getMy{what}") == {field: "Обычное"}
    assert await client.call(f"getMy{what}", language_code="en") == {field: "Usual"}
    assert await client.call(f"getMy{what}", language_code="fr") == {field: "Обычное"}


async def test_too_long_texts_are_refused(raw: Raw) -> None:
    for method, field, limit in (
        ("setMyName", "name", 64),
        ("setMyDescription", "description", 512),
        ("setMyShortDescription", "short_description", 120),
    ):
        assert (await raw(method, **{field: "x" * limit}))["ok"]
        assert (await raw(method, **{field: "x" * (limit + 1)}))["error_code"] == 400


async def test_a_chat_and_its_menu_button(client: Client) -> None:
    chat = await client.call("getChat", chat_id=ANNA.id)
    assert (chat["type"], chat["first_name"], chat["username"]) == ("private", "Anna", "anna_sample")
    assert await client.call("setChatMenuButton")
    assert (await client.call("getChatMenuButton"))["type"] == "default"


async def test_small_courtesies_are_accepted(client: Client, world: World) -> None:
    asked = world.send_text(ANNA, SHOP, "x")
    place = {"chat_id": ANNA.id, "message_id": asked.id}
    assert await client.call("pinChatMessage", **place)
    assert await client.call("setMessageReaction", **place)
    member = await client.call("getChatMember", chat_id=ANNA.id, user_id=ANNA.id)
    assert member["user"]["first_name"] == "Anna"
