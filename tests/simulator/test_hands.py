"""A person's hand: what a bot is told of each thing that people do."""

from typing import Any

import pytest

from simulator import Person, World
from tests.simulator.clients import Client, Refused
from tests.simulator.conftest import ANNA, BORIS, SHOP, TILL, VERA, Raw
from tests.simulator.pictures import picture

MENU = {"keyboard": [[{"text": "My number", "request_contact": True}], [{"text": "Balance"}]]}


async def told(client: Client) -> dict[str, Any]:
    """The newest update, which is thereby confirmed."""
    update = (await client.updates())[-1]
    await client.updates(offset=update["update_id"] + 1)
    return update


async def test_start_with_a_payload(client: Client, world: World) -> None:
    world.start(BORIS, SHOP, "ref_abc")
    message = (await told(client))["message"]
    assert message["text"] == "/start ref_abc"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["from"] == {"id": BORIS.id, "is_bot": False, "first_name": "Boris", "language_code": "ru"}
    assert await client.call("sendMessage", chat_id=BORIS.id, text="hello")


async def test_ones_own_contact_and_somebodys(client: Client, world: World) -> None:
    world.send_contact(ANNA, SHOP)
    own = (await told(client))["message"]["contact"]
    assert own == {"phone_number": "79160000001", "first_name": "Anna", "last_name": "Sample", "user_id": ANNA.id}
    world.send_contact(ANNA, SHOP, phone="+79160000002", user_id=BORIS.id, first_name="Boris")
    assert (await told(client))["message"]["contact"]["user_id"] == BORIS.id
    world.send_contact(ANNA, SHOP, own=False, phone="+79160000009")
    assert "user_id" not in (await told(client))["message"]["contact"]
    world.send_contact(ANNA, SHOP, plus=True)
    assert (await told(client))["message"]["contact"]["phone_number"] == "+79160000001"


async def test_buttons_of_the_reply_keyboard(client: Client, world: World) -> None:
    with pytest.raises(LookupError):
        world.press_reply(ANNA, SHOP, "Balance")
    await client.call("sendMessage", chat_id=ANNA.id, text="menu", reply_markup=MENU)
    world.press_reply(ANNA, SHOP, "Balance")
    assert (await told(client))["message"]["text"] == "Balance"
    world.press_reply(ANNA, SHOP, "My number")
    assert (await told(client))["message"]["contact"]["user_id"] == ANNA.id


async def test_who_has_no_phone_can_not_share_it(world: World) -> None:
    with pytest.raises(ValueError, match="no phone"):
        world.send_contact(VERA, SHOP)


@pytest.mark.parametrize("kind", ["photo", "document", "sticker", "voice"])
async def test_other_kinds_of_messages(client: Client, world: World, kind: str) -> None:
    match kind:
        case "photo":
            world.send_photo(ANNA, SHOP, picture())
        case "document":
            world.send_document(ANNA, SHOP, b"x")
        case "sticker":
            world.send_sticker(ANNA, SHOP)
        case "voice":
            world.send_voice(ANNA, SHOP)
    message = (await told(client))["message"]
    assert kind in message
    assert "text" not in message


async def test_a_forwarded_message_names_its_origin(client: Client, world: World) -> None:
    contact = world.send_contact(BORIS, TILL)
    world.forward(ANNA, SHOP, contact)
    message = (await told(client))["message"]
    assert message["forward_origin"]["sender_user"]["id"] == BORIS.id
    assert message["contact"]["user_id"] == BORIS.id
    world.forward(ANNA, SHOP, contact, author="Somebody")
    assert (await told(client))["message"]["forward_origin"]["sender_user_name"] == "Somebody"


async def test_an_edit_is_told(client: Client, world: World) -> None:
    sent = world.send_text(ANNA, SHOP, "15O0")
    world.edit_text(ANNA, SHOP, sent.id, "1500")
    update = await told(client)
    edited = update["edited_message"]
    assert (edited["message_id"], edited["text"]) == (sent.id, "1500")
    assert world.chat(ANNA, SHOP)[0].history[0].text == "15O0"
    bots = await client.call("sendMessage", chat_id=ANNA.id, text="x")
    with pytest.raises(ValueError, match="bot's message"):
        world.edit_text(ANNA, SHOP, bots["message_id"], "y")


async def test_blocking_is_told_and_start_unblocks(client: Client, world: World) -> None:
    world.block(ANNA, SHOP)
    change = (await told(client))["my_chat_member"]
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "kicked")
    assert change["chat"]["id"] == change["from"]["id"] == ANNA.id
    assert world.is_blocked(ANNA, SHOP)
    with pytest.raises(ValueError, match="blocked"):
        world.send_text(ANNA, SHOP, "x")
    world.start(ANNA, SHOP)
    updates = await client.updates()
    assert updates[0]["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert updates[1]["message"]["text"] == "/start"


async def test_groups(client: Client, world: World) -> None:
    group = world.create_group("Sample group", SHOP, [ANNA, BORIS])
    assert (await told(client))["my_chat_member"]["chat"]["title"] == "Sample group"
    world.send_text(BORIS, SHOP, "/card", chat_id=group)
    message = (await told(client))["message"]
    assert (message["chat"]["id"], message["chat"]["type"], message["from"]["id"]) == (
        group,
        "supergroup",
        BORIS.id,
    )
    await client.call("sendMessage", chat_id=group, text="Not here")
    assert world.last(BORIS, SHOP, chat_id=group).text == "Not here"
    world.remove_from_group(ANNA, SHOP, group)
    assert (await told(client))["my_chat_member"]["new_chat_member"]["status"] == "left"
    with pytest.raises(Refused) as refused:
        await client.call("sendMessage", chat_id=group, text="x")
    assert refused.value.words == "bot was kicked from the group chat"


async def test_texts_are_trimmed_and_not_empty(client: Client, world: World) -> None:
    world.send_text(ANNA, SHOP, "  1 500 \n")
    assert (await told(client))["message"]["text"] == "1 500"
    with pytest.raises(ValueError, match="empty"):
        world.send_text(ANNA, SHOP, " \n")


async def test_a_person_deletes_on_both_sides(client: Client, world: World) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="x")
    world.delete_message(ANNA, SHOP, sent["message_id"])
    with pytest.raises(Refused) as refused:
        await client.call("editMessageText", chat_id=ANNA.id, message_id=sent["message_id"], text="y")
    assert refused.value.words == "message to edit not found"
    world.send_text(ANNA, SHOP, "y")
    world.delete_chat(ANNA, SHOP)
    assert world.chat(ANNA, SHOP) == []


async def test_people_are_added_with_phones_of_their_own(world: World) -> None:
    added = world.add_person(first_name="Galina", phone="+79160000004", role="staff")
    assert (added.id > VERA.id, added.role) == (True, "staff")
    with pytest.raises(ValueError, match="somebody else"):
        world.add_person(first_name="Twin", phone="+79160000004")
    with pytest.raises(ValueError, match="here already"):
        world.add_person(Person(added.id, "Again"))


async def test_waiting_wakes_on_new_and_edited_messages(raw: Raw, world: World) -> None:
    sent = (await raw("sendMessage", chat_id=ANNA.id, text="step 1"))["result"]
    assert (await world.wait_message(ANNA, SHOP, "step")).id == sent["message_id"]
    mark = world.mark()
    with pytest.raises(TimeoutError, match="step 1"):
        await world.wait_message(ANNA, SHOP, "step", since=mark, timeout=0.01)
    await raw("editMessageText", chat_id=ANNA.id, message_id=sent["message_id"], text="step 2")
    assert (await world.wait_message(ANNA, SHOP, "step", since=mark)).text == "step 2"


async def test_who_is_not_here_can_do_nothing(world: World) -> None:
    with pytest.raises(LookupError):
        world.send_text(1, SHOP, "x")
    with pytest.raises(LookupError):
        world.send_text(ANNA, "no_bot", "x")
    with pytest.raises(LookupError):
        world.last(ANNA, SHOP)
