"""New customers at the till, their cards and questionnaires."""

import pytest

from core.actors import CustomerActor
from tests.bots.till_kit import counter, customer_with
from tests.conftest import enrol
from tests.handlers_kit.codes import Format, encoded, picture_of

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

NEW = "9000000077"
EAN = "4006381333931"


async def test_a_new_customer_takes_four_actions_and_the_code(core):
    async with counter(core) as till:
        await till.say(NEW)
        await till.press("➕ Зарегистрировать")
        await till.say("Мария")
        assert "Введите код из SMS" in await till.press("💳 Выпустить карту сейчас")
        assert till.actions == 4
        panel = await till.say(await till.code_of(NEW))
        assert "✅ Клиент зарегистрирован, карта" in panel
        assert "Мария · +7 900 ***-**-77" in panel
        assert "Чек: 1 500,00 ₽" in await till.say("1500")


async def test_the_code_is_for_the_cashier_and_its_length_is_said(core):
    await core.programmes.change({"name": "Пекарня"})
    async with counter(core) as till:
        await till.say(NEW)
        await till.press("➕ Зарегистрировать")
        await till.press("💳 Выпустить карту сейчас")
        sms = await till.bots.world.wait_sms(f"+7{NEW}")
        assert "для регистрации, скажите кассиру: Пекарня" in sms.text
        assert "Код из SMS — это 4 цифры" in await till.say("12345")


async def test_the_whole_questionnaire(core):
    async with counter(core) as till:
        assert "Какой телефон" in await till.say("➕ Новый клиент")
        assert "Как зовут" in await till.say(NEW)
        assert till.keys == ["Пропустить", "💳 Выпустить карту сейчас", "📨 Отправить ссылку"]
        assert "День рождения?" in await till.say("Мария  Петрова")
        assert "Есть пластиковая карта" in await till.say("5.3.1990")
        ready = await till.photo(encoded(picture_of(EAN, Format.EAN13)))
        assert "Мария Петрова" in ready
        assert EAN in ready
        assert till.keys == ["💳 Выпустить карту сейчас", "📨 Отправить ссылку"]
        await till.press("💳 Выпустить карту сейчас")
        panel = await till.say(await till.code_of(NEW))
        assert f"карта {EAN}" in panel
        assert "🎂 День рождения через 3 дня" in panel


async def test_the_words_of_the_menu_are_never_the_answer_to_another_question(core):
    async with counter(core) as till:
        for word in ("➕ Новый клиент", "/new"):
            assert "возвра" in await till.say("↩️ Возврат")
            assert "Какой телефон" in await till.say(word)
        await till.say("➕ Новый клиент")
        assert "возвра" in await till.say("↩️ Возврат")


async def test_every_question_can_be_skipped(core):
    async with counter(core) as till:
        await till.say("/new")
        await till.say(NEW)
        for _ in range(3):
            await till.press("Пропустить")
        assert "Без имени" in till.text
        await till.press("💳 Выпустить карту сейчас")
        assert "Без имени" in await till.say(await till.code_of(NEW))


async def test_a_link_instead_of_a_code(core):
    async with counter(core) as till:
        await till.say("/new")
        await till.say(NEW)
        assert "Ссылка отправлена на +7 900 ***-**-77" in await till.press("📨 Отправить ссылку")
        sms = await till.bots.world.wait_sms(f"+7{NEW}")
        assert "https://t.me/kopilka_test_bot?start=reg_" in sms.text
        assert "Клиент не найден" in await till.say(NEW)


async def test_a_known_phone_opens_its_panel(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("/new")
        assert "⭐ 500 баллов" in await till.say("8 900 000 00 01")


async def test_a_phone_that_becomes_known_meanwhile_opens_its_panel(core):
    async with counter(core) as till:
        await till.say("/new")
        await till.say("9000000001")
        await customer_with(core, 500)
        assert "⭐ 500 баллов" in await till.press("💳 Выпустить карту сейчас")


async def test_the_code_again_and_a_wrong_one(core, clock):
    async with counter(core) as till:
        await till.say("/new")
        await till.say(NEW)
        await till.press("💳 Выпустить карту сейчас")
        first = await till.code_of(NEW)
        assert "через 1 мин" in await till.press("Отправить ещё раз")
        assert "Осталось 2" in await till.say("1111" if first != "1111" else "2222")
        clock.forward(seconds=61)
        await till.press("Отправить ещё раз")
        assert "✅ Клиент зарегистрирован" in await till.say(await till.code_of(NEW, 2))


async def test_a_taken_card_is_refused_at_once(core):
    customer = await customer_with(core, 0)
    async with counter(core) as till:
        await core.cards.bind(await core.staff.identify(11, "ru"), customer, "5555")
        await till.say("/new")
        await till.say(NEW)
        await till.press("Пропустить")
        await till.press("Пропустить")
        assert "5555" in await till.say("5555")
        assert "6666" in await till.say("6666")


async def test_the_question_for_the_code_is_left_for_the_next_customer(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("/new")
        await till.say(NEW)
        await till.press("💳 Выпустить карту сейчас")
        assert "Чек: 1 500,00 ₽" in await till.say("9000000001 1500")


async def test_an_unknown_card_for_a_known_customer(core):
    customer = await customer_with(core, 500)
    async with counter(core) as till:
        actor = await core.staff.identify(11, "ru")
        await core.cards.bind(actor, customer, "1111")
        await till.photo(encoded(picture_of(EAN, Format.EAN13)))
        await till.press("💳 Создать карту")
        offer = await till.say("9000000001")
        assert f"Карта {EAN}" in offer
        assert "Прежняя, 1111, будет заблокирована" in offer
        panel = await till.press("🔗 Привязать карту")
        assert f"✅ Карта {EAN}" in panel
        assert "⭐ 500 баллов" in panel
        assert "⭐ 500 баллов" in await till.say(EAN)
        await till.say("🔎 Клиент")
        assert "заблокирована" in await till.say("1111")


async def test_an_unknown_card_for_a_new_customer(core):
    async with counter(core) as till:
        await till.say("77777")
        await till.press("💳 Создать карту")
        await till.say(NEW)
        await till.say("Мария")
        assert "77777" in await till.press("Пропустить")
        assert "Есть пластиковая карта" not in "".join(each.text for each in till.messages)
        await till.press("💳 Выпустить карту сейчас")
        assert "карта 77777" in await till.say(await till.code_of(NEW))


async def test_the_question_names_its_card_and_leads_back(core):
    async with counter(core) as till:
        await till.say("77777")
        assert "Карта 77777: кому её выдать?" in await till.press("💳 Создать карту")
        assert till.keys == ["⬅️ Назад"]
        assert "Карта 77777 не зарегистрирована" in await till.press("⬅️ Назад")
        assert till.keys == ["💳 Создать карту"]


async def test_an_old_button_makes_its_own_card(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("77777")
        older = till.last.id
        await till.say("88888")
        assert "Карта 77777: кому её выдать?" in await till.press("💳 Создать карту", older)
        assert "Карта 77777 станет картой" in await till.say("9000000001")
        assert "✅ Карта 77777" in await till.press("🔗 Привязать карту")
        await till.say("88888")
        again = await till.press("k:create:77777", older, force=True)
        assert "⭐ 500 баллов" in again
        assert "кому её выдать" not in again


async def test_a_sum_typed_with_an_unknown_phone_is_sold_after_registration(core):
    async with counter(core) as till:
        assert "Покупка на 1 500,00 ₽ подождёт" in await till.say(f"{NEW} 1500")
        await till.press("➕ Зарегистрировать")
        await till.say("Мария")
        await till.say("05.03.1990")
        await till.press("Пропустить")
        await till.press("💳 Выпустить карту сейчас")
        said = await till.say(await till.code_of(NEW))
        assert "✅ Клиент зарегистрирован, карта" in said
        assert "Чек: 1 500,00 ₽" in said
        assert "Начислено: 75 баллов" in await till.press("✅ Начислить 75")


async def test_a_sum_waits_for_its_own_registration_only(core):
    async with counter(core) as till:
        await till.say(f"{NEW} 1500")
        await till.press("➕ Зарегистрировать")
        for _ in range(3):
            await till.press("Пропустить")
        ready = till.last.id
        await till.say("/shift")
        await till.press("💳 Выпустить карту сейчас", ready)
        said = await till.say(await till.code_of(NEW))
        assert "✅ Клиент зарегистрирован" in said
        assert "Чек:" not in said


async def test_a_sum_typed_with_an_unknown_card_is_sold_to_whom_it_is_given(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        assert "подождёт" in await till.say("77777 1500")
        await till.press("💳 Создать карту")
        await till.say("9000000001")
        said = await till.press("🔗 Привязать карту")
        assert "Карта теперь у клиента" in said
        assert "Чек: 1 500,00 ₽" in said


async def test_a_link_does_not_forget_the_sum(core):
    async with counter(core) as till:
        await till.say(f"{NEW} 1500")
        await till.press("➕ Зарегистрировать")
        assert "Покупку на 1 500,00 ₽ проведите после этого" in await till.press("📨 Отправить ссылку")


async def test_a_lost_card_is_replaced(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001")
        await till.press("💳 Карта")
        await till.press("💳 Выдать другую карту")
        panel = await till.say("4444-5555")
        assert "✅ Карта 44445555" in panel
        assert "🚫 Прежняя карта заблокирована: " in panel
        assert "⭐ 500 баллов" in panel
        await till.press("💳 Карта")
        await till.press("💳 Выдать другую карту")
        panel = await till.say("6666-7777")
        assert "✅ Карта 66667777 теперь у клиента\n🚫 Прежняя карта заблокирована: 44445555\n👤" in panel
        await till.press("💳 Карта")
        await till.press("💳 Выдать другую карту")
        assert "🚫" not in await till.say("66667777"), "the card is theirs already"


async def test_a_phone_typed_instead_of_a_card_is_no_card(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001")
        await till.press("💳 Карта")
        await till.press("💳 Выдать другую карту")
        assert "Клиент не найден" in await till.say("89000000099")
        await till.say("9000000001")
        assert "89000000099" not in await till.press("💳 Карта")


async def test_the_questionnaire_is_edited(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001")
        assert "Имя: —" in await till.press("✏️ Анкета")
        await till.press("Имя")
        assert "✅ Анкета сохранена" in await till.say("Анна <i>&</i>")
        await till.press("✏️ Анкета")
        await till.press("День рождения")
        await till.say("29.02.1992")
        profile = await till.press("✏️ Анкета")
        assert "Имя: Анна <i>&</i>" in profile
        assert "29 февраля 1992" in profile
        assert "Отправьте сумму" in await till.press("⬅️ Назад")


async def test_the_history_by_pages(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        for _ in range(11):
            await till.say("9000000001 100")
            await till.press("✅ Начислить 5")
        await till.say("9000000001")
        first = await till.press("📜 История")
        assert "1/2" in first
        assert first.count("покупка 100,00 ₽") == 10
        assert till.keys == ["▶️", "⬅️ Назад"]
        assert "2/2" in await till.press("▶️")
        assert till.keys == ["◀️", "⬅️ Назад"]


async def test_registering_by_an_old_button_asks_for_the_phone_anew(core):
    async with counter(core) as till:
        await till.say("9000000077")
        old = till.last.id
        await till.say("9000000078")
        assert "Какой телефон" in await till.press("➕ Зарегистрировать", old)


async def test_an_old_skip_does_not_skip_another_question(core):
    async with counter(core) as till:
        await till.say("/new")
        await till.say(NEW)
        old = till.last.id
        await till.say("Мария")
        assert "уже не действует" in await till.press("Пропустить", old)
        assert "Есть пластиковая карта" in await till.say("05.03.1990")


async def test_welcome_points_are_on_the_new_customers_panel(core):
    await core.programmes.change({"welcome_points": 50_00})
    async with counter(core) as till:
        await till.say("/new")
        await till.say(NEW)
        await till.press("💳 Выпустить карту сейчас")
        assert "⭐ 50 баллов" in await till.say(await till.code_of(NEW))


async def test_the_tills_history_tells_gifts_of_friends_apart(core, cashier):
    await core.programmes.change({"referral_friend_points": 50_00, "referral_inviter_points": 100_00})
    inviter = await customer_with(core, 0)
    code = (await core.referrals.invitation(CustomerActor(inviter, 1, "ru", None))).promo_code
    friend = await enrol(core, 2, "79000000002", referral_code=code)
    sale = await core.till.open_sale(cashier, friend, 100_00, key="s")
    await core.till.accrue(cashier, sale.purchase_id)
    async with counter(core) as till:
        await till.say("9000000002")
        assert "+50 баллов · подарок по приглашению друга" in await till.press("📜 История")
        await till.say("9000000001")
        assert "+100 баллов · за приглашённого друга" in await till.press("📜 История")
        await core.refunds.undo(cashier, sale.purchase_id)
        await till.say("9000000001")
        assert "−100 баллов · подарок за друга снят" in await till.press("📜 История")


async def test_a_gift_stands_on_the_tills_receipt(core):
    await core.programmes.change({"referral_friend_points": 50_00})
    inviter = await customer_with(core, 0)
    code = (await core.referrals.invitation(CustomerActor(inviter, 1, "ru", None))).promo_code
    await enrol(core, 2, "79000000002", referral_code=code)
    async with counter(core) as till:
        await till.say("9000000002 100")
        done = await till.press("✅ Начислить 5")
        assert "Начислено: 5 баллов\nПодарок: 50 баллов\nБаланс: 55 баллов" in done
        undone = await till.press("↩️ Отменить")
        assert "Снято начисленное: 5 баллов\nСнят подарок: 50 баллов\nБаланс: 0 баллов" in undone


@pytest.mark.parametrize("typed", [NEW, "77777"])
async def test_cancelling_takes_the_buttons_of_the_question_away(core, typed):
    async with counter(core) as till:
        await till.say(typed)
        question = till.last.id
        assert till.keys
        assert "Отменено" in await till.say("/cancel")
        asked = next(each for each in till.messages if each.id == question)
        assert asked.buttons == []
