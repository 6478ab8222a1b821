"""Sending: what goes in comes out, and what the real server refuses is refused."""

import aiohttp
import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from telegram.error import BadRequest, Forbidden

from simulator import World
from tests.simulator.clients import Client, Refused
from tests.simulator.conftest import ANNA, BORIS, SHOP, Raw


async def test_a_text_reaches_the_person_as_it_was_meant(client: Client, world: World) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="<b>Hi</b>, 😀 <i>Anna</i>", parse_mode="HTML")
    assert sent["text"] == "Hi, 😀 Anna"
    assert [(e["type"], e["offset"], e["length"]) for e in sent["entities"]] == [("bold", 0, 2), ("italic", 7, 4)]
    assert sent["from"]["is_bot"] is True
    assert sent["chat"]["first_name"] == "Anna"
    seen = world.last(ANNA, SHOP)
    assert (seen.id, seen.text, seen.html) == (sent["message_id"], "Hi, 😀 Anna", "<b>Hi</b>, 😀 <i>Anna</i>")


async def test_entities_may_be_given_instead_of_tags(client: Client, world: World, raw: Raw) -> None:
    marks = [{"type": "bold", "offset": 0, "length": 2}]
    await raw("sendMessage", chat_id=ANNA.id, text="Hi Anna", entities=marks)
    assert world.last(ANNA, SHOP).entities == marks


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ({}, "can't parse entities: expected an Array of MessageEntity"),
        ([{"type": 1, "offset": 0, "length": 1}], 'can\'t parse entities: Field "type" must be of type String'),
        (
            [{"type": "bold", "offset": "0", "length": 1}],
            'can\'t parse entities: Field "offset" must be of type Number',
        ),
        ([{"type": "bold", "offset": -1, "length": 1}], "receive an entity with incorrect offset -1"),
    ],
)
async def test_bad_entities_are_refused(raw: Raw, marks: object, words: str) -> None:
    assert await raw.words("sendMessage", chat_id=ANNA.id, text="x", entities=marks) == f"Bad Request: {words}"


async def test_half_a_character_is_refused(raw: Raw) -> None:
    words = await raw.words("sendMessage", chat_id=ANNA.id, text="\ud83d")
    assert words == "Bad Request: strings must be encoded in UTF-8"


async def test_ids_grow_within_a_chat(client: Client, world: World) -> None:
    first = await client.call("sendMessage", chat_id=ANNA.id, text="1")
    asked = world.send_text(ANNA, SHOP, "2")
    last = await client.call("sendMessage", chat_id=ANNA.id, text="3")
    assert first["message_id"] < asked.id < last["message_id"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "message text is empty"),
        (" \n\t ", "message text is empty"),
        ("<b></b>", "text must be non-empty"),
        ("<b>x", "can't parse entities: can't find end tag corresponding to start tag \"b\""),
        ("2 < 3", 'can\'t parse entities: unsupported start tag "" at byte offset 2'),
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_bad_texts_are_refused(client: Client, world: World, text: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        await client.call("sendMessage", chat_id=ANNA.id, text=text, parse_mode="HTML")
    assert refused.value.words == words
    assert isinstance(refused.value.error, TelegramBadRequest | BadRequest)
    assert world.from_bot(ANNA, SHOP) == []


@pytest.mark.parametrize("text", ["x" * 4096, f"<b>{'y' * 4096}</b>", "😀" * 2048, "&lt;" * 4096])
async def test_length_counts_after_parsing(client: Client, text: str) -> None:
    assert await client.call("sendMessage", chat_id=ANNA.id, text=text, parse_mode="HTML")


async def test_other_parse_modes_are_not_simulated(raw: Raw) -> None:
    words = await raw.words("sendMessage", chat_id=ANNA.id, text="x", parse_mode="MarkdownV2")
    assert words == "Bad Request: parse_mode MarkdownV2 is not simulated"
    assert await raw.words("sendMessage", chat_id=ANNA.id, text="x", parse_mode="BBCode") == (
        "Bad Request: unsupported parse_mode"
    )


async def test_who_never_wrote_can_not_be_written_to(client: Client) -> None:
    for stranger in (BORIS.id, 999999):
        with pytest.raises(Refused) as refused:
            await client.call("sendMessage", chat_id=stranger, text="x")
        assert refused.value.words == "chat not found"


async def test_who_blocked_the_bot_can_not_be_written_to(client: Client, world: World) -> None:
    message = await client.call("sendMessage", chat_id=ANNA.id, text="x")
    world.block(ANNA, SHOP)
    for method, extra in (
        ("sendMessage", {"text": "y"}),
        ("sendChatAction", {"action": "typing"}),
        ("editMessageText", {"text": "y", "message_id": message["message_id"]}),
    ):
        with pytest.raises(Refused) as refused:
            await client.call(method, chat_id=ANNA.id, **extra)
        assert refused.value.words == "bot was blocked by the user"
        assert isinstance(refused.value.error, TelegramForbiddenError | Forbidden)
    world.unblock(ANNA, SHOP)
    assert await client.call("sendMessage", chat_id=ANNA.id, text="again")


async def test_a_reply_shows_what_it_answers(client: Client, world: World, raw: Raw) -> None:
    asked = world.send_text(ANNA, SHOP, "?")
    body = await raw("sendMessage", chat_id=ANNA.id, text="!", reply_parameters={"message_id": asked.id})
    assert body["result"]["reply_to_message"]["text"] == "?"
    with pytest.raises(Refused) as refused:
        await client.call("sendMessage", chat_id=ANNA.id, text="!", reply_to_message_id=asked.id + 100)
    assert refused.value.words == "message to be replied not found"
    gone = {"message_id": asked.id + 100, "allow_sending_without_reply": True}
    assert (await raw("sendMessage", chat_id=ANNA.id, text="!", reply_parameters=gone))["ok"]


async def test_typing_is_shown_until_the_message_comes(client: Client, world: World, raw: Raw) -> None:
    chat = world.open_chat(world.bot(SHOP), ANNA)
    assert await client.call("sendChatAction", chat_id=ANNA.id, action="typing")
    assert chat.typing
    await client.call("sendMessage", chat_id=ANNA.id, text="x")
    assert not chat.typing
    assert await raw.words("sendChatAction", chat_id=ANNA.id, action="dancing") == (
        "Bad Request: wrong parameter action in request"
    )


async def test_copies_and_forwards(client: Client, world: World) -> None:
    asked = world.send_text(ANNA, SHOP, "original")
    place = {"chat_id": ANNA.id, "from_chat_id": ANNA.id}
    copied = await client.call("copyMessage", **place, message_id=asked.id)
    assert copied["message_id"] == world.last(ANNA, SHOP).id
    assert world.last(ANNA, SHOP).text == "original"
    forwarded = await client.call("forwardMessage", **place, message_id=asked.id)
    assert forwarded["forward_origin"]["sender_user"]["id"] == ANNA.id
    for method, words in (("copyMessage", "copy"), ("forwardMessage", "forward")):
        with pytest.raises(Refused) as refused:
            await client.call(method, **place, message_id=asked.id + 50)
        assert refused.value.words == f"message to {words} not found"


async def test_parameters_come_in_four_ways(raw: Raw, world: World) -> None:
    url = f"{raw.url}/bot{SHOP.token}/sendMessage"
    given = {"chat_id": str(ANNA.id), "text": "four ways"}
    await raw.session.get(url, params=given)
    await raw.session.post(url, data=given)
    await raw.session.post(url, json=given)
    with aiohttp.MultipartWriter("form-data") as form:
        for name, value in given.items():
            form.append(value).set_content_disposition("form-data", name=name)
        await raw.session.post(url, data=form)
    assert [message.text for message in world.from_bot(ANNA, SHOP)] == ["four ways"] * 4
    async with raw.session.post(url, data=b"{", headers={"Content-Type": "application/json"}) as answer:
        assert (await answer.json())["description"] == "Bad Request: can't parse JSON object"
