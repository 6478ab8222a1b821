"""Keyboards: what they may hold."""

from typing import Any

import pytest

from simulator import World
from tests.simulator.clients import Client
from tests.simulator.conftest import ANNA, BORIS, SHOP, Raw


def inline(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "x", **button}]]}


def url_words(url: str, why: str) -> str:
    return f"inline keyboard button URL '{url}' is invalid: {why}"


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ("[]", "object expected as reply markup"),
        (inline(callback_data="x" * 65), "BUTTON_DATA_INVALID"),
        (inline(callback_data="я" * 33), "BUTTON_DATA_INVALID"),
        (inline(callback_data=""), "BUTTON_DATA_INVALID"),
        (inline(text="", callback_data="x"), "inline keyboard button text must be non-empty"),
        (inline(text=" ", callback_data="x"), "inline keyboard button text must be non-empty"),
        (
            inline(),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (inline(url="ftp://example.org"), url_words("ftp://example.org", "Unsupported URL protocol")),
        (inline(url="http://localhost:8080/"), url_words("http://localhost:8080/", "Wrong HTTP URL")),
        (inline(url="http://[::1"), url_words("http://[::1", "Wrong HTTP URL")),
        (inline(url="https:///a"), url_words("https:///a", "URL host is empty")),
        (inline(copy_text={"text": ""}), "BUTTON_COPY_TEXT_INVALID"),
        ({"inline_keyboard": "x"}, 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array'),
        (
            {"inline_keyboard": [{"text": "x"}]},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        ({"keyboard": [[{"text": ""}]]}, "keyboard button text must be non-empty"),
        ({"keyboard": ["x"]}, 'field "keyboard" of the ReplyKeyboardMarkup must be an Array of Arrays'),
        (
            {"keyboard": [["x"]], "resize_keyboard": "yes"},
            'field "resize_keyboard" of the ReplyKeyboardMarkup must be of the type Boolean',
        ),
        (
            {"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 8] * 13},
            "reply markup is too long",
        ),
    ],
)
async def test_bad_keyboards_are_refused(raw: Raw, world: World, markup: object, words: str) -> None:
    assert (
        await raw.words("sendMessage", chat_id=ANNA.id, text="x", reply_markup=markup) == f"Bad Request: {words}"
    )
    assert world.chat(ANNA, SHOP) == []


@pytest.mark.parametrize(
    "button",
    [
        {"callback_data": "x" * 64},
        {"callback_data": "я" * 32},
        {"url": "https://t.me/shop_bot?start=ref_1"},
        {"url": "tg://user?id=501"},
        {"copy_text": {"text": "ref_1"}},
        {"switch_inline_query": ""},
    ],
)
async def test_good_buttons_come_back_as_they_were(client: Client, button: dict[str, Any]) -> None:
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="x", reply_markup=inline(**button))
    assert sent["reply_markup"]["inline_keyboard"] == [[{"text": "x", **button}]]


async def test_a_reply_keyboard_stays_until_another_or_none(client: Client, world: World) -> None:
    menu = {"keyboard": [[{"text": "Card"}, {"text": "Balance"}], [{"text": "Help"}]], "resize_keyboard": True}
    sent = await client.call("sendMessage", chat_id=ANNA.id, text="menu", reply_markup=menu)
    assert "reply_markup" not in sent
    await client.call("sendMessage", chat_id=ANNA.id, text="x")
    assert world.reply_keyboard(ANNA, SHOP) == [["Card", "Balance"], ["Help"]]
    await client.call("sendMessage", chat_id=ANNA.id, text="y", reply_markup={"remove_keyboard": True})
    assert world.reply_keyboard(ANNA, SHOP) is None


async def test_contacts_are_asked_for_in_private_only(raw: Raw, world: World) -> None:
    group = world.create_group("Sample group", SHOP, [ANNA, BORIS])
    markup = {"keyboard": [[{"text": "Phone", "request_contact": True}]]}
    words = await raw.words("sendMessage", chat_id=group, text="x", reply_markup=markup)
    assert words == "Bad Request: phone number can be requested in private chats only"
    assert (await raw("sendMessage", chat_id=ANNA.id, text="x", reply_markup=markup))["ok"]
