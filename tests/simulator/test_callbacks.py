"""Presses of inline buttons and their answers."""

import pytest

from simulator import World
from tests.simulator.clients import Client, Refused
from tests.simulator.conftest import ANNA, SHOP

MARKUP = {
    "inline_keyboard": [
        [{"text": "Yes", "callback_data": "answer:yes"}, {"text": "No", "callback_data": "answer:no"}],
        [{"text": "Site", "url": "https://example.org/"}],
    ]
}
TOO_OLD = "query is too old and response timeout expired or query id is invalid"


async def test_a_press_reaches_the_bot_with_the_message(client: Client, world: World) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="Sure?", reply_markup=MARKUP)
    query = world.press(ANNA, SHOP, sent["message_id"], "No")
    (update,) = await client.updates()
    told = update["callback_query"]
    assert (told["id"], told["data"], told["from"]["id"]) == (query.id, "answer:no", ANNA.id)
    assert told["message"]["message_id"] == sent["message_id"]
    assert told["message"]["reply_markup"]["inline_keyboard"][0][1]["text"] == "No"
    assert world.callback_answers(ANNA, SHOP) == []


async def test_an_answer_reaches_the_person_once(client: Client, world: World) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="Sure?", reply_markup=MARKUP)
    query = world.press(ANNA, SHOP, sent["message_id"], "answer:yes")
    answer = {"callback_query_id": query.id, "text": "Done", "show_alert": True}
    assert await client.call("answerCallbackQuery", **answer)
    assert await world.wait_answer(query) == {"text": "Done", "show_alert": True, "url": ""}
    with pytest.raises(Refused) as refused:
        await client.call("answerCallbackQuery", **answer)
    assert refused.value.words == TOO_OLD


async def test_unknown_and_old_queries_can_not_be_answered(client: Client, world: World) -> None:
    world.callback_seconds = -1
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="Sure?", reply_markup=MARKUP)
    stale = world.press(ANNA, SHOP, sent["message_id"], "Yes")
    for number in (stale.id, "12345"):
        with pytest.raises(Refused) as refused:
            await client.call("answerCallbackQuery", callback_query_id=number)
        assert refused.value.words == TOO_OLD


async def test_an_answer_has_at_most_200_characters(client: Client, world: World) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="Sure?", reply_markup=MARKUP)
    query = world.press(ANNA, SHOP, sent["message_id"], "Yes")
    with pytest.raises(Refused) as refused:
        await client.call("answerCallbackQuery", callback_query_id=query.id, text="x" * 201)
    assert refused.value.words == "message_too_long"
    assert await client.call("answerCallbackQuery", callback_query_id=query.id, text="x" * 200)


async def test_only_buttons_that_are_there_can_be_pressed(client: Client, world: World) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="Sure?", reply_markup=MARKUP)
    for button in ("Maybe", "Site"):
        with pytest.raises(LookupError):
            world.press(ANNA, SHOP, sent["message_id"], button)
    with pytest.raises(LookupError):
        world.press(ANNA, SHOP, None, "Maybe")
    assert world.press(ANNA, SHOP, None, "Yes").message_id == sent["message_id"]


async def test_a_modified_client_can_press_anything(client: Client, world: World) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="Sure?", reply_markup=MARKUP)
    await client.call("deleteMessage", chat_id=ANNA.id, message_id=sent["message_id"])
    world.press(ANNA, SHOP, sent["message_id"], "admin:1", force=True)
    (update,) = await client.updates()
    assert update["callback_query"]["data"] == "admin:1"
    message = update["callback_query"]["message"]
    assert message["message_id"] == sent["message_id"]
    assert "text" not in message
