"""Whatever is sent to whichever question: a kind sentence, and the right answer still works."""

from collections.abc import Callable

import pytest

from core.services import Services
from core.store.sql import fetch
from simulator import Message
from tests.bots.customer_chat import Chat, chatting
from tests.bots.world import ANNA, BORIS, CUSTOMER_BOT

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

TYPED = [
    ".",
    "-",
    "\u2800",
    "1\u00a0000,50",
    "1\u2009000,50",
    "1e5",
    "-5",
    "\u22125",
    "NaN",
    "None",
    "٣٤٥٦",
    "१२३४",
    "①②③④",
    "а" * 4096,
    "9" * 4096,
    "\u202eдом\u202c",
    "שלום",
    "👨‍👩‍👧‍👦",
    "👍🏿" * 100,
    "a\x00b",
    "<b>",
    "</b>&amp;<script>alert(1)</script>",
    "{{7*7}}",
    "{% raw %}",
    "{name}",
    '=HYPERLINK("http://example.com")',
    "'; DROP TABLE customer; --",
    "%s%n",
    "+",
    "+7",
    "8",
    "89",
    "8916123456",
    "8 916 123 45 678",
    "+7 916 123-45-67 доб. 5",
    "9161234567 1500",
    "112",
    "0000000000",
    "+999999999999999",
    "29.02.2023",
    "31.04.2000",
    "01.01.2999",
    "01.01.1800",
    "0",
    "00000000000000000000",
    "123456789",
    "two\nlines",
    "/nosuchcommand",
    "/",
    "//",
    "/start@another_bot",
]


def everything_else(chat: Chat) -> list[Callable[[], Message]]:
    world = chat.bots.world

    def forwarded() -> Message:
        return world.forward(ANNA, CUSTOMER_BOT, world.send_text(ANNA, CUSTOMER_BOT, "дом"), author="Hidden")

    return [
        lambda: world.send_sticker(ANNA, CUSTOMER_BOT),
        lambda: world.send_voice(ANNA, CUSTOMER_BOT),
        lambda: world.send_document(ANNA, CUSTOMER_BOT, b"MZ", "sample.exe", "1234"),
        lambda: world.send_contact(ANNA, CUSTOMER_BOT, own=False, phone=BORIS.phone, user_id=BORIS.id),
        lambda: world.send_contact(ANNA, CUSTOMER_BOT, own=False, phone="0", user_id=ANNA.id),
        forwarded,
    ]


async def throw_all(chat: Chat, *, reopen: str | None = None) -> None:
    """Send all of it; each must be answered. ``reopen`` is the question to come back to when one was taken."""
    for text in TYPED:
        said = await chat.say(text)
        assert said.strip(), repr(text)
        assert "Traceback" not in said
        await _reopen(reopen)
    for act in everything_else(chat):
        assert (await chat.do(act)).strip()
        await _reopen(reopen)


async def _reopen(state: str | None) -> None:
    if state is not None:
        await fetch("UPDATE dialogue SET state = $1", state)


async def test_where_nothing_is_asked_of_a_visitor(core: Services) -> None:
    async with chatting(core) as anna:
        for text in TYPED:
            await fetch("DELETE FROM dialogue")
            assert "Чтобы получить карту" in await anna.say(text)


async def test_where_nothing_is_asked_of_a_customer(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.register()
        await throw_all(anna)
        assert "Баллами можно оплатить" in await anna.say("/balance")


async def test_where_a_phone_is_asked(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await throw_all(anna, reopen="Registration:phone")
        assert anna.bots.world.sms_box.messages == []
        assert "SMS с кодом" in await anna.say("8.900.000.00.01")
        assert "подтверждён" in await anna.say(await anna.code())


@pytest.mark.parametrize(
    "typed",
    [
        "89000000001",
        "+79000000001",
        "79000000001",
        "9000000001",
        "8 (900) 000-00-01",
        "+7 900 000 00 01",
        "8-900-000-00-01",
    ],
)
async def test_phones_of_every_shape_are_taken(core: Services, typed: str) -> None:
    async with chatting(core) as anna:
        await anna.start()
        assert "на +7 900 000-00-01" in await anna.say(typed)


async def test_where_a_code_is_asked(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        await anna.code()
        for text in TYPED:
            assert (await anna.say(text)).strip(), repr(text)
        for act in everything_else(anna):
            assert (await anna.do(act)).strip()
        assert "подтверждён" in await anna.share(), "the tries are gone, the way on is not"


async def test_where_a_consent_is_asked(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.share()
        for text in TYPED:
            if not text.startswith("/start"):
                assert "Здесь нужно только нажать кнопку" in await anna.say(text), repr(text)
        for act in everything_else(anna):
            assert "Здесь нужно только нажать кнопку" in await anna.do(act)
        assert "Как вас зовут?" in await anna.press("✅ Согласен")


async def test_where_a_name_is_asked(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.share()
        await anna.press("✅ Согласен")
        await throw_all(anna, reopen="Registration:name")
        assert "Приятно познакомиться, <b>{{7*7}}</b>!" in await anna.say("<b>{{7*7}}</b>")
        await anna.press("Пропустить")
        assert "Здравствуйте, <b>{{7*7}}</b>!" in await anna.start()
        assert "Покажите QR" in await anna.say("/card")


async def test_where_a_birthday_is_asked(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.share()
        await anna.press("✅ Согласен")
        await anna.press("Пропустить")
        for text in TYPED:
            if not text.startswith("/start"):
                said = await anna.say(text)
                assert said.strip(), repr(text)
                assert "Готово!" not in said
        for act in everything_else(anna):
            assert "Напишите дату рождения" in await anna.do(act) or "дату" in anna.last.text
        assert "Готово!" in await anna.say("29.02.2000")


async def test_where_a_promo_code_is_asked(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.register()
        await anna.say("/invite")
        await anna.press("✏️ Ввести промокод друга")
        for text in TYPED:
            if not text.startswith("/"):
                assert "Такого промокода нет" in await anna.say(text), repr(text)
        assert "Отменено" in await anna.say("/cancel")


async def test_an_edit_of_an_answer_changes_nothing(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.share()
        await anna.press("✅ Согласен")
        typed = anna.bots.world.send_text(ANNA, CUSTOMER_BOT, "Анна")
        await anna.settled()
        anna.bots.world.edit_text(ANNA, CUSTOMER_BOT, typed.id, "Не Анна")
        await anna.press("Пропустить")
        assert (await anna.actor()).name == "Анна"
