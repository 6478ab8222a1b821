"""«Управление → Шаблоны»: a text changed by the owner reaches the customer; topics; consents at the till."""

import pytest

from core.domain.people import Role
from core.store.sql import fetch
from handlers.rendering import Renderer
from tests.bots.customer_chat import Chat
from tests.bots.till_kit import ANNA, BORIS, CASHIER, Counter, counter, customer_with
from tests.bots.world import TEMPLATES
from tests.conftest import enrol
from tests.core.kit import one

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def walk(at: Counter, *steps: str) -> str:
    """Press buttons one after another; what stands after ``=`` is typed. Returns what was said last."""
    said = ""
    for step in steps:
        said = await (at.say(step[1:]) if step.startswith("=") else at.press(step))
    return said


async def at_receipt(at: Counter, *steps: str) -> str:
    return await walk(at, "=/admin", "📝 Шаблоны", "🧾 Покупки", "Чек после покупки", *steps)


async def test_a_receipt_in_the_owners_words_reaches_the_customer(core):
    await customer_with(core, 50)
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await at_receipt(at)
        assert "Исходный текст" in said
        assert "Пример — по последней покупке, имя клиента скрыто" in said
        assert "Покупка 1 000,00 ₽" in said
        assert "придумано" not in said
        said = await at.press("Изменить")
        assert "{начислено} — +52,50 балла" in said
        assert "Баланс: {баланс}" in said, "the text to begin with"
        said = await at.say("Спасибо, {имяя}! {")
        assert "Здесь нет поля {имяя}. Может быть, {имя}?" in said
        assert "Скобка { или } стоит отдельно" in said
        said = await at.say("Спасибо за {сумма}!\nСкидка: {скидка}\nУ вас {баланс}")
        assert "Ещё не сохранено" in said
        assert "Спасибо за" in said
        assert "Скидка" not in said, "that purchase had none"
        assert await one("SELECT count(*) FROM message_text") == 0
        said = await at.press("✅ Сохранить")
        assert "✅ Сохранено" in said
        assert "✏️ Ваш текст" in said
        await at.say("9000000001 1000")
        await at.press("✅ Начислить 50")
        anna = Chat(at.bots, ANNA)
        assert await anna.told("Спасибо за 1 000,00 ₽!") == "Спасибо за 1 000,00 ₽!\nУ вас 100 баллов"
        said = await at_receipt_changed(at, "↩️ Вернуть исходный")
        assert "Исходный текст возвращён" in said
        actions = await fetch("SELECT action FROM audit_row WHERE object_kind = 'message_text' ORDER BY id")
        assert [row["action"] for row in actions] == ["text.changed", "text.reset"]


async def at_receipt_changed(at: Counter, *steps: str) -> str:
    return await walk(at, "=/admin", "📝 Шаблоны", "🧾 Покупки", "✏️ Чек после покупки", *steps)


async def test_a_code_without_its_code_is_refused_and_sms_are_counted(core):
    await customer_with(core, 50)
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await walk(at, "=/admin", "📝 Шаблоны", "🔐 Коды и вопросы", "Код для списания")
        assert "SMS: 1 часть" in said
        assert "списать 300 баллов" in said, "an example, not what the last purchase spent"
        assert "Обязательно: {код}, {баллы}" in await at.press("Изменить")
        assert "Не хватает поля {код}" in await at.say("Спишем {баллы}, хорошо?")
        said = await at.say(
            "Ваш код {код}: спишем {баллы} с чека {сумма}. Никому его не говорите, кроме кассира у нас"
        )
        assert "SMS: 2 части" in said
        await at.press("❌ Отмена")
        assert await one("SELECT count(*) FROM message_text") == 0


async def test_a_preview_says_what_of_it_is_made_up(core):
    await enrol(core, ANNA.id, "79000000001")
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await at_receipt(at)
        assert "Пример — по последнему клиенту, имя скрыто" in said, "who has bought nothing yet"
        assert "для примера придумано: {сумма}, {точка}, {скидка}, {название скидки}, {списано}" in said
        await customer_with(core, 40, BORIS)
        await enrol(core, 31, "79000000031")
        asked = ("=/admin", "📝 Шаблоны", "⏰ Напоминания", "Просьба об отзыве")
        said = await walk(at, *asked)
        assert "800,00 ₽" in said, "the purchase that was really made, not the newest customer without any"
        assert "придумано" not in said
        said = await walk(at, "=/admin", "📝 Шаблоны", "🔐 Коды и вопросы", "Вопрос о списании")
        assert "800,00 ₽" in said
        assert "(для примера придумано: {баллы}, {минут})" in said
        said = await walk(at, "=/admin", "📝 Шаблоны", "🔐 Коды и вопросы", "Код для регистрации")
        assert "(для примера придумано: {код})" in said


async def test_the_discount_of_the_last_purchase_is_shown(core):
    await core.programmes.change({"levels": [{"name": "Старт", "threshold": 0, "discount": 1000}]})
    await customer_with(core, 50)
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await at_receipt(at)
        assert "Скидка: 100,00 ₽" in said
        assert "Счастливые часы" not in said, "no name of an offer that there never was"
        assert "Подарок" not in said


async def test_the_preview_of_an_older_question_saves_nothing(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_receipt(at, "Изменить")
        await at.say("Первый текст")
        preview = at.last.id
        await at.say("Второй текст")
        await at.press("tx:save:receipt:ru:telegram", preview, force=True)
        assert await one("SELECT count(*) FROM message_text") == 0
        await at.press("✏️ Изменить ещё")
        assert at.text == "Второй текст", "to go on with"
        await at.say("Третий текст")
        await at.press("✅ Сохранить")
        assert await one("SELECT body FROM message_text") == "Третий текст"


async def test_what_was_typed_for_one_message_is_not_begun_with_in_another(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_receipt(at, "Изменить", "=Только для чека")
        await at.press("tx:edit:birthday:ru:telegram", at.last.id, force=True)
        assert at.text != "Только для чека"
        assert "Только для чека" not in at.messages[-1].text


async def test_two_processes_see_a_change_and_one_that_fails_gives_way(core):
    owner_text = {("notice/receipt", "ru", "telegram"): "{сумма}, спасибо"}
    async with counter(core, CASHIER, Role.OWNER):
        owner = await core.staff.identify(CASHIER.id, "ru")
        first, second = Renderer(TEMPLATES), Renderer(TEMPLATES)
        for each in (first, second):
            each.own.renew(*(await core.texts.newer_than(each.own.version)))
        assert await core.texts.newer_than(first.own.version) is None
        ((key, body),) = owner_text.items()
        await core.texts.save(owner, key, body)
        for each in (first, second):
            each.own.renew(*(await core.texts.newer_than(each.own.version)))
            assert each.own.bodies == owner_text
        await core.texts.save(owner, key, None)
        first.own.renew(*(await core.texts.newer_than(first.own.version)))
        assert not first.own.bodies
        assert second.own.bodies == owner_text


async def test_topics_are_switched_and_what_must_be_told_is_not(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await walk(at, "=/admin", "📝 Шаблоны", "🔔 Что и как отправлять")
        assert "Что и как отправлять" in said
        assert "отправляются всегда" in await at.press("🔒 Коды и вопросы: всегда")
        assert "День рождения · Telegram, SMS" in at.keys
        await at.press("День рождения · Telegram, SMS")
        await at.press("✅ SMS, если нет бота")
        await at.press("✅ Отправлять")
        assert "⬜️ Отправлять" in at.keys
        await at.press("⬅️ Назад")
        assert "🚫 День рождения" in at.keys
        chosen = (await core.programmes.current()).topics
        assert [(each.topic, each.on, each.telegram, each.sms) for each in chosen] == [
            ("birthday", False, True, False)
        ]


async def test_a_refusal_said_aloud_is_noted_and_consent_is_never_given_at_the_till(core):
    customer = await enrol(core, ANNA.id, "79000000001")
    await enrol(core, BORIS.id, "79000000002")
    async with counter(core) as at:
        await at.say("9000000001")
        await at.press("✏️ Анкета")
        said = await at.press("🔔 Согласия")
        assert "Акции · SMS: ✅ да" in said
        assert "в боте, версия" in said
        await at.press("🔕 Отказ со слов клиента")
        said = await at.press("Да, клиент отказался")
        assert "Записали отказ" in said
        assert "Акции · SMS: 🚫 нет" in said
        assert "со слов клиента" in said
        assert "Чеки · Telegram: ✅ да" in said
        assert "🔕 Отказ со слов клиента" not in at.keys
        assert not any("✅" in key for key in at.keys), "no way to agree for somebody else"
    rows = await fetch("SELECT DISTINCT customer_id, source FROM consent WHERE NOT granted")
    assert [(row["customer_id"], row["source"]) for row in rows] == [(customer, "staff")]
    assert await one("SELECT count(*) FROM audit_row WHERE action = 'customer.consents_withdrawn'") == 1
