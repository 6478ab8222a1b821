"""Settings and help of the customer bot, and what the menu does to an open question."""

from dataclasses import replace

import pytest

from core.services import Services
from tests.bots.customer_chat import chatting
from tests.bots.world import ANNA
from tests.conftest import enrol

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def member(core: Services) -> None:
    await enrol(core, ANNA.id, "79000000001")


async def test_settings_switch_messages(core: Services) -> None:
    await member(core)
    async with chatting(core) as anna:
        await anna.say("/settings")
        assert "✅ Акции · SMS" in anna.keys
        await anna.press("✅ Акции · SMS")
        assert "⬜️ Акции · SMS" in anna.keys
        assert (await core.preferences.topics(await anna.actor()))[("offers", "sms")] is False
        await anna.press("⬜️ Акции · SMS")
        assert (await core.preferences.topics(await anna.actor()))[("offers", "sms")] is True
        assert "Такое значение не подходит" in await anna.press("t:codes:sms:0", anna.last.id, force=True)


async def test_settings_change_the_language_of_screen_and_menu(core: Services) -> None:
    await member(core)
    async with chatting(core, replace(ANNA, language_code="de")) as anna:
        await anna.say("/settings")
        assert "✅ Русский" in anna.keys
        said = await anna.press("English")
        assert "Choose what to be sent" in said
        assert "We speak English now" in said
        assert "💳 Card" in anna.menu
        assert "Points pay for" in await anna.say("/balance")
        await anna.say("/settings")
        assert "✅ English" in anna.keys
        assert "Теперь говорим по-русски" in await anna.press("Русский")
        assert "Такое значение не подходит" in await anna.press("l:xx", anna.last.id, force=True)


async def test_help_fits_who_asks(core: Services) -> None:
    async with chatting(core) as anna:
        assert "/start — зарегистрироваться" in await anna.say("/help")
        await anna.start()
        await anna.say("/help")
        assert "подтверждён" in await anna.share(), "help leaves the question open"
        await anna.press("✅ Согласен")
        said = await anna.say("/help")
        assert "/card — карта" in said
        assert "/invite" in said
        await core.programmes.change({"referral_on": False})
        assert "/invite" not in await anna.say("/help")


async def test_a_menu_word_leaves_the_question(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.share()
        await anna.press("✅ Согласен")
        assert "Баллами можно оплатить" in await anna.say("💰 Баланс")
        assert "Не удалось это понять" in await anna.say("Анна")
        assert (await anna.actor()).name is None
        assert "Эта кнопка больше не действует" in await anna.press("👤 Анна")
