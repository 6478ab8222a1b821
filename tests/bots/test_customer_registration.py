"""Becoming a customer in the bot, as the conversation goes."""

import re
from dataclasses import replace
from datetime import date

import pytest

from core.actors import StaffActor
from core.services import Services
from core.store import customers
from tests.bots.customer_chat import chatting
from tests.bots.world import ANNA, BORIS, CUSTOMER_BOT
from tests.conftest import enrol

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

MENU = ["💳 Карта", "💰 Баланс", "🧾 История", "🎁 Пригласить друга", "⚙️ Настройки"]


async def count_customers() -> int:
    return len([each for each in range(1, 20) if await customers.get(each)])


async def test_by_ones_own_contact(core: Services) -> None:
    await core.programmes.change({"name": "Кофейня <Зерно>", "description": "Кофе & чай", "welcome_points": 50_00})
    async with chatting(core) as anna:
        said = await anna.start()
        assert "Кофейня <Зерно>" in said
        assert "Кофе & чай" in said
        assert "Возвращаем баллами 5 % с покупок" in said
        assert "Дарим за регистрацию 50 баллов" in said
        assert anna.menu == ["📱 Отправить мой номер", "🌐 Язык · Language"]

        assert "Номер +7 900 000-00-01 подтверждён" in await anna.share()
        assert anna.keys == ["✅ Согласен", "📄 Условия", "🔕 Сообщения: нет"]
        assert anna.menu == []
        assert await count_customers() == 0

        assert "Как вас зовут?" in await anna.press("✅ Согласен")
        assert anna.keys == ["👤 Анна", "Пропустить"]
        assert "Приятно познакомиться, Анна-Мария!" in await anna.say("  Анна-Мария ")
        said = await anna.say("5.3.90")
        assert "Готово! Вы в программе: Кофейня <Зерно>" in said
        assert re.search(r"Карта: \d{8}\n", said)
        assert "Баланс: 50 баллов" in said
        assert "Из них 50 баллов — наш подарок за регистрацию" in said
        assert anna.menu == MENU

        row = await customers.get((await anna.actor()).id)
        assert row is not None
        assert (row.phone, row.name, row.birthday) == ("79000000001", "Анна-Мария", date(1990, 3, 5))
        assert row.phone_verified_at == core.deps.clock.now()
        assert anna.bots.world.sms("79000000001") == []


async def test_every_question_can_be_skipped(core: Services) -> None:
    async with chatting(core) as anna:
        said = await anna.register()
        assert "Баланс: 0 баллов" in said
        assert "подарок" not in said
        row = await customers.get((await anna.actor()).id)
        assert row is not None
        assert (row.name, row.birthday) == (None, None)


async def test_the_name_of_telegram_takes_one_press(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.share()
        await anna.press("✅ Согласен")
        assert "Приятно познакомиться, Анна!" in await anna.press("👤 Анна")
        assert (await anna.actor()).name == "Анна"


async def test_a_merchant_without_a_name_reads_well(core: Services) -> None:
    async with chatting(core) as anna:
        said = [
            await anna.start(),
            await anna.share(),
            await anna.press("📄 Условия"),
            await anna.press("⬅️ Назад"),
        ]
        said += [await anna.press("✅ Согласен"), await anna.press("Пропустить"), await anna.press("Пропустить")]
        said += [await anna.start(), await anna.say("/help"), await anna.say("/invite")]
        for text in said:
            assert "None" not in text
            assert "  " not in text
            assert " ." not in text


async def test_terms_are_the_merchants_or_the_usual_ones(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.share()
        assert "Участие бесплатное и добровольное" in await anna.press("📄 Условия")
        assert "Почти готово" in await anna.press("⬅️ Назад")
        await core.programmes.change({"terms": "Баллы <не> продаются & не дарятся"})
        assert "Баллы <не> продаются & не дарятся" in await anna.press("📄 Условия")


@pytest.mark.parametrize("wanted", [False, True])
async def test_messages_are_a_consent_of_their_own(core: Services, wanted: bool) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.share()
        said = await anna.press("🔕 Сообщения: нет")
        assert "будем присылать" in said
        assert "🔔 Сообщения: да" in anna.keys
        if not wanted:
            assert "не будем присылать" in await anna.press("🔔 Сообщения: да")
        await anna.press("✅ Согласен")
        topics = await core.preferences.topics(await anna.actor())
        assert topics.pop(("receipts", "telegram")) is True
        assert set(topics.values()) == {wanted}


async def test_foreign_and_forwarded_contacts_prove_nothing(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        refused = "Это чужой или пересланный контакт"
        assert refused in await anna.share(own=False, phone=BORIS.phone, user_id=BORIS.id)
        assert refused in await anna.share(own=False, phone="+79000000033")
        own = anna.bots.world.send_contact(ANNA, CUSTOMER_BOT, own=False, phone="+79000000044")
        assert refused in await anna.do(lambda: anna.bots.world.forward(ANNA, CUSTOMER_BOT, own))
        assert await count_customers() == 0
        assert "SMS с кодом" in await anna.say("89000000001")
        assert refused in await anna.share(own=False, phone=BORIS.phone, user_id=BORIS.id)
        assert "подтверждён" in await anna.say(await anna.code())


async def test_ones_own_contact_forwarded_proves_nothing(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        world = anna.bots.world
        mine = world.send_contact(ANNA, CUSTOMER_BOT)
        await anna.settled()
        await anna.say("/cancel")
        await anna.start()
        assert "пересланный" in await anna.do(lambda: world.forward(ANNA, CUSTOMER_BOT, mine))


async def test_where_a_contact_is_no_proof_it_saves_typing(core: Services) -> None:
    await core.programmes.change({"contact_is_proof": False})
    async with chatting(core) as anna:
        assert "пришлём на него код в SMS" in await anna.start()
        assert "SMS с кодом на +7 900 000-00-01" in await anna.share()
        assert "подтверждён" in await anna.say(await anna.code())


async def test_a_phone_known_from_the_till_is_joined(core: Services, cashier: StaffActor) -> None:
    known = await enrol(core, 77, "79000000001")
    await core.preferences.edit_at_till(cashier, known, name="Анна Петровна")
    sale = await core.till.open_sale(cashier, known, 1000_00, key="s")
    await core.till.accrue(cashier, sale.purchase_id)
    async with chatting(core) as anna:
        await anna.start()
        said = await anna.share()
        assert "Он уже в программе: карта и баллы останутся с вами" in said
        said = await anna.press("✅ Согласен")
        assert "С возвращением, Анна Петровна" in said
        assert "Баланс: 50 баллов" in said
        assert (await anna.actor()).id == known
        assert anna.menu == MENU


async def test_a_registered_customer_is_not_registered_again(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.register("Анна")
        assert "Здравствуйте, Анна! Вы в программе" in await anna.start("no_such_payload")
        assert anna.menu == MENU
        assert "Не удалось это понять" in await anna.share()
        assert "Не удалось это понять" in await anna.say("89000000005")
        assert await count_customers() == 1


async def test_registration_can_be_left_and_begun_again(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        assert "Отменено, ничего не изменилось" in await anna.say("/cancel")
        assert anna.menu == []
        assert "Отменять нечего" in await anna.say("/cancel")
        assert "Чтобы получить карту" in await anna.say("здравствуйте")
        await anna.share()
        await anna.say("/cancel")
        assert await count_customers() == 0
        await anna.start()
        await anna.share()
        await anna.press("✅ Согласен")
        assert "Отменено" in await anna.say("/cancel")
        assert anna.menu == MENU
        assert await count_customers() == 1


async def test_an_english_telegram_is_spoken_to_in_english(core: Services) -> None:
    await core.programmes.change({"welcome_points": 1_00})
    async with chatting(core, replace(BORIS, language_code="en-GB")) as boris:
        assert "You get 1 point for signing up" in await boris.start()
        assert "verified" in await boris.share()
        await boris.press("🔕 Messages: no")
        assert "What is your name?" in await boris.press("✅ I agree")
        assert "Nice to meet you, Борис!" in await boris.press("👤 Борис")
        assert "There is no such day" in await boris.say("31.02.1990")
        said = await boris.press("Skip")
        assert "Done! You are in the programme." in said
        assert "Balance: 1 point" in said
        assert boris.menu == ["💳 Card", "💰 Balance", "🧾 History", "🎁 Invite a friend", "⚙️ Settings"]
