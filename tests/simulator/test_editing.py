"""Editing and deleting: what may be changed, and what the real server says when it may not."""

from typing import Any

import pytest

from simulator import World
from tests.simulator.clients import Client, Refused
from tests.simulator.conftest import ANNA, SHOP, Raw
from tests.simulator.pictures import picture

OK_BUTTON = {"inline_keyboard": [[{"text": "OK", "callback_data": "ok"}]]}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


async def refusal(client: Client, method: str, **params: Any) -> str:
    with pytest.raises(Refused) as refused:
        await client.call(method, chat_id=ANNA.id, **params)
    return refused.value.words


async def test_a_text_is_replaced_and_its_past_kept(client: Client, world: World) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="one", reply_markup=OK_BUTTON)
    edited = await client.call(
        "editMessageText", chat_id=ANNA.id, message_id=sent["message_id"], text="<i>two</i>", parse_mode="HTML"
    )
    assert (edited["message_id"], edited["text"]) == (sent["message_id"], "two")
    assert edited["edit_date"] >= edited["date"]
    message = world.last(ANNA, SHOP)
    assert (message.edits, message.history[0].text, message.history[0].markup) == (1, "one", OK_BUTTON)
    assert message.buttons == []  # a keyboard that is not given again is gone


async def test_the_same_again_is_refused(client: Client) -> None:
    sent = await client.call(
        "sendMessage", chat_id=ANNA.id, text="<b>x</b>", parse_mode="HTML", reply_markup=OK_BUTTON
    )
    same = {"message_id": sent["message_id"], "text": " <strong>x</strong>", "parse_mode": "HTML"}
    assert await refusal(client, "editMessageText", **same, reply_markup=OK_BUTTON) == NOT_MODIFIED
    assert await refusal(
        client, "editMessageReplyMarkup", message_id=sent["message_id"], reply_markup=OK_BUTTON
    ) == (NOT_MODIFIED)
    same["text"] = "x"
    assert await client.call("editMessageText", chat_id=ANNA.id, **same, reply_markup=OK_BUTTON)


async def test_only_the_keyboard_is_replaced(client: Client, world: World) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="x")
    place = {"chat_id": ANNA.id, "message_id": sent["message_id"]}
    edited = await client.call("editMessageReplyMarkup", **place, reply_markup=OK_BUTTON)
    assert edited["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "ok"
    assert world.last(ANNA, SHOP).buttons == [["OK"]]
    await client.call("editMessageReplyMarkup", **place)
    assert world.last(ANNA, SHOP).markup is None


async def test_what_can_not_be_edited(client: Client, world: World) -> None:
    asked = world.send_text(ANNA, SHOP, "mine")
    plain = await client.call("sendMessage", chat_id=ANNA.id, text="x")
    menu = await client.call(
        "sendMessage", chat_id=ANNA.id, text="menu", reply_markup={"keyboard": [[{"text": "Card"}]]}
    )
    photo = await client.photo(ANNA.id, picture(), "caption")

    assert await refusal(client, "editMessageText", message_id=asked.id, text="y") == "message can't be edited"
    assert await refusal(client, "editMessageText", message_id=asked.id + 99, text="y") == (
        "message to edit not found"
    )
    assert await refusal(client, "editMessageText", message_id=menu["message_id"], text="y") == (
        "message can't be edited"
    )
    assert await refusal(client, "editMessageText", message_id=photo["message_id"], text="y") == (
        "there is no text in the message to edit"
    )
    assert await refusal(client, "editMessageCaption", message_id=plain["message_id"], caption="y") == (
        "there is no caption in the message to edit"
    )


async def test_an_edit_takes_inline_keyboards_only(raw: Raw) -> None:
    sent = (await raw("sendMessage", chat_id=ANNA.id, text="x"))["result"]
    place = {"chat_id": ANNA.id, "message_id": sent["message_id"], "text": "y"}
    words = await raw.words("editMessageText", **place, reply_markup={"keyboard": [["Card"]]})
    assert words == "Bad Request: inline keyboard expected"
    assert await raw.words("editMessageText", chat_id=ANNA.id, text="y") == (
        "Bad Request: message identifier is not specified"
    )


async def test_an_edited_text_obeys_the_rules_of_texts(client: Client) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="x")
    number = sent["message_id"]
    assert await refusal(client, "editMessageText", message_id=number, text="y" * 4097) == "message is too long"
    words = await refusal(client, "editMessageText", message_id=number, text="<b>", parse_mode="HTML")
    assert words == "can't parse entities: can't find end tag corresponding to start tag \"b\""


async def test_a_caption_is_replaced(client: Client, world: World) -> None:
    photo = await client.photo(ANNA.id, picture(), "one")
    edited = await client.call(
        "editMessageCaption", chat_id=ANNA.id, message_id=photo["message_id"], caption="two"
    )
    assert edited["caption"] == "two"
    assert world.last(ANNA, SHOP).photo == picture()
    assert await refusal(client, "editMessageCaption", message_id=photo["message_id"], caption="z" * 1025) == (
        "message caption is too long"
    )


async def test_a_picture_is_replaced(client: Client, world: World) -> None:
    photo = await client.photo(ANNA.id, picture(), "one")
    edited = await client.new_photo(ANNA.id, photo["message_id"], picture(100, 100), "<b>two</b>")
    assert edited["caption"] == "two"
    assert edited["photo"][-1]["width"] == 100
    message = world.last(ANNA, SHOP)
    assert (message.id, message.photo, message.edits) == (photo["message_id"], picture(100, 100), 1)


async def test_deleting(client: Client, world: World) -> None:
    first = await client.call("sendMessage", chat_id=ANNA.id, text="1")
    asked = world.send_text(ANNA, SHOP, "2")
    last = await client.call("sendMessage", chat_id=ANNA.id, text="3")
    assert await client.call("deleteMessage", chat_id=ANNA.id, message_id=asked.id)
    assert [message.text for message in world.chat(ANNA, SHOP)] == ["1", "3"]
    gone = {"message_id": asked.id}
    assert await refusal(client, "deleteMessage", **gone) == "message to delete not found"
    ids = [first["message_id"], last["message_id"], asked.id + 100]
    assert await client.call("deleteMessages", chat_id=ANNA.id, message_ids=ids)
    assert world.chat(ANNA, SHOP) == []
    assert await refusal(client, "editMessageText", message_id=last["message_id"], text="x") == (
        "message to edit not found"
    )


async def test_a_reply_keyboard_goes_with_its_message(client: Client, world: World) -> None:
    keyboard = {"keyboard": [[{"text": "Card"}]], "resize_keyboard": True}
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="menu", reply_markup=keyboard)
    assert world.reply_keyboard(ANNA, SHOP) == [["Card"]]
    await client.call("deleteMessage", chat_id=ANNA.id, message_id=sent["message_id"])
    assert world.reply_keyboard(ANNA, SHOP) is None
