"""Settings and help of the customer bot, and what the menu does to an open question."""

from dataclasses import replace

import pytest

from core.actors import StaffActor
from core.domain.people import Role
from core.domain.promotions import Benefit
from core.services import Services
from tests.bots.customer_chat import chatting
from tests.bots.world import ANNA, CUSTOMER_BOT
from tests.conftest import enrol, hire
from tests.core.kit import sent_code
from tests.core.offers_kit import issue, promote

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
        assert "Choose what we send you" in said
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
        assert "подтверждён" in await anna.share(), "who registers goes on with the question"
        await anna.press("✅ Согласен")
        said = await anna.say("/help")
        assert "Вопрос пропущен, вы уже в программе" in said
        assert "/card — карта" in said
        assert "/invite" in said
        await core.programmes.change({"referral_on": False})
        assert "/invite" not in await anna.say("/help")


async def test_a_menu_word_leaves_the_question(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.share()
        await anna.press("✅ Согласен")
        question = anna.last.id
        said = await anna.say("💰 Баланс")
        assert "Вопрос пропущен, вы уже в программе" in said
        assert "Баллами можно оплатить" in said
        assert anna.menu[0] == "💳 Карта", "the menu is there without the rest of the questionnaire"
        assert "Не удалось это понять" in await anna.say("Анна")
        assert (await anna.actor()).name is None
        assert "Эта кнопка больше не действует" in await anna.press("g:my_name", question, force=True)


async def test_cancelling_takes_the_buttons_away(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        await anna.code()
        assert anna.keys == ["Отправить ещё раз", "Изменить номер"]
        question = anna.last.id
        assert "Отменено" in await anna.say("/cancel")
        asked = next(each for each in anna.bots.world.chat(ANNA, CUSTOMER_BOT) if each.id == question)
        assert asked.buttons == []


async def test_the_code_question_and_its_refusal_say_the_same_length(core: Services) -> None:
    await core.programmes.change({"code_length": 5})
    async with chatting(core) as anna:
        await anna.start()
        assert "Введите код из SMS: 5 цифр" in await anna.say("89000000001")
        for typed in ("1234", "код"):
            assert "Код из SMS — это 5 цифр, без букв" in await anna.say(typed)
        assert "подтверждён" in await anna.say(await anna.code())


async def test_receipts_by_sms_are_not_offered(core: Services) -> None:
    await member(core)
    async with chatting(core) as anna:
        await anna.say("/settings")
        assert "✅ Чеки · Telegram" in anna.keys
        assert not [key for key in anna.keys if "Чеки · SMS" in key]
        assert "Такое значение не подходит" in await anna.press("t:receipts:sms:1", anna.last.id, force=True)


@pytest.mark.parametrize("merchant", ["", "Пекарня «Утро»", "ООО Ромашка"])
async def test_a_visitor_chooses_the_language(core: Services, merchant: str) -> None:
    await core.programmes.change({"name": merchant})
    async with chatting(core) as anna:
        assert "Здравствуйте!" in await anna.start()
        assert "На каком языке" in await anna.say("🌐 Язык · Language")
        said = await anna.press("English")
        assert "We speak English now" in said
        assert "Hello! This is" in said
        assert "We have texted a code" in await anna.say("89000000001")
        assert "На каком языке" in await anna.say("/language")
        assert "Введите цифрами код" in await anna.press("Русский")
        assert anna.menu == ["📱 Отправить мой номер", "🌐 Язык · Language"], (
            "under a question that stays open, too"
        )
        await anna.say("/language")
        await anna.press("English")
        await anna.say(await anna.code())
        await anna.press("✅ I agree")
        await anna.press("Skip")
        assert "Done!" in await anna.press("Skip")
        assert (await anna.actor()).language == "en"


async def test_a_customer_in_a_question_gets_the_menu_in_the_new_language(core: Services) -> None:
    await member(core)
    async with chatting(core) as anna:
        await anna.start()
        assert anna.menu[0] == "💳 Карта"
        await anna.say("/invite")
        await anna.press("✏️ Ввести промокод друга")
        await anna.say("/language")
        said = await anna.press("English")
        assert "🌐 English\nWe speak English now." in said
        assert "promo code" in said, "what was asked is asked again"
        assert anna.menu[0] == "💳 Card"
        await anna.say("/cancel")
        await anna.say("/language")
        said = await anna.press("Русский")
        assert said == "🌐 Русский\nТеперь говорим по-русски."
        assert anna.menu[0] == "💳 Карта"


async def test_help_tells_of_promotions_and_coupons_where_there_are_some(core: Services) -> None:
    await member(core)
    owner = await hire(core, 90, Role.OWNER)
    async with chatting(core) as anna:
        said = await anna.say("/help")
        assert "/balance — сколько у вас баллов" in said
        assert "акции" not in said
        assert "купон" not in said
        await promote(core, owner, Benefit.PERCENT, 1000)
        said = await anna.say("/help")
        assert "🎉 Сейчас есть акции: /balance → «🎉 Акции»." in said
        assert "купон" not in said
        await issue(core, owner, Benefit.PERCENT, 1000)
        assert "🏷 Есть купон? Пришлите его код" in await anna.say("/help")
        await core.programmes.change({"status_on": False})
        said = await anna.say("/help")
        assert "акции" not in said, "a programme that is off has none"
        assert "купон" not in said


async def test_whom_the_till_registered_is_spoken_to_in_their_own_language(
    core: Services, cashier: StaffActor
) -> None:
    registration = await core.till_registrations.open_at_till(cashier, "79000000001", name="Anna")
    sent = await core.till_registrations.send_till_code(cashier, registration, key="code")
    digits = await sent_code(core, sent.code_id)
    await core.till_registrations.finish_at_till(cashier, registration, digits, key="done")
    async with chatting(core, replace(ANNA, language_code="en")) as anna:
        await anna.start()
        await anna.share()
        assert "Welcome back, Anna" in await anna.press("✅ I agree")
        assert "Points pay for" in await anna.say("/balance")
