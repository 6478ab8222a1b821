"""Finding a customer: typed in any usual form, or photographed."""

import pytest

from core.actors import CustomerActor
from handlers.images import card_picture, qr_picture
from tests.bots.till_kit import ANNA, BORIS, STAFF_BOT, counter, customer_with
from tests.handlers_kit.codes import Format, beside, encoded, picture_of

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

EAN = "4006381333931"


async def shown(core, customer_id):
    return await core.cards.show(CustomerActor(customer_id, ANNA.id, "ru", None))


@pytest.mark.parametrize(
    "typed", ["9000000001", "+7 900 000-00-01", "8 (900) 000 00 01", "89000000001", "7900 000 00 01"]
)
async def test_by_phone_in_any_usual_form(core, typed):
    await customer_with(core, 500)
    async with counter(core) as till:
        panel = await till.say(typed)
        assert "⭐ 500 баллов" in panel
        assert "+7 900 ***-**-01" in panel
        assert "Последняя покупка: 2 марта" in panel
        assert till.keys == ["🧾 Покупка", "✏️ Анкета", "💳 Карта", "📜 История"]


async def test_by_card_and_by_the_code_on_the_screen(core, clock):
    customer = await customer_with(core, 500)
    async with counter(core) as till:
        card = (await core.identification.panel(await actor(core), customer)).card_number
        assert "500 баллов" in await till.say(card)
        code = (await shown(core, customer)).code
        assert "500 баллов" in await till.say(f"{code[:3]} {code[3:]}")
        assert "Чек: 1 500,00 ₽" in await till.say(f"{code} 1500")
        clock.forward(minutes=3)
        assert "уже не действует" in await till.say(code)


async def actor(core):
    return await core.staff.identify(11, "ru")


async def test_by_a_photo_of_the_customers_screen(core, clock):
    customer = await customer_with(core, 500)
    async with counter(core) as till:
        card = await shown(core, customer)
        screen = card_picture(card.qr_text, name="Анна", level=None, merchant="Копилка", code=card.code, footer="")
        assert "⭐ 500 баллов" in await till.photo(screen)
        assert "Чек: 1 500,00 ₽" in await till.photo(qr_picture(card.qr_text), "1500")
        assert "⭐ 500 баллов" in await till.photo(screen, "спасибо")
        clock.forward(minutes=3)
        assert "уже не действует" in await till.photo(screen)


@pytest.mark.parametrize(("number", "kind"), [(EAN, Format.EAN13), ("12345678", Format.Code128)])
async def test_by_a_photo_of_a_plastic_card(core, number, kind):
    customer = await customer_with(core, 500)
    async with counter(core) as till:
        await core.cards.bind(await actor(core), customer, number)
        assert "⭐ 500 баллов" in await till.photo(encoded(picture_of(number, kind)))


async def test_of_several_codes_the_one_that_identifies(core):
    customer = await customer_with(core, 500)
    async with counter(core) as till:
        await core.cards.bind(await actor(core), customer, "12345678")
        both = beside(picture_of("https://example.com/menu"), picture_of("12345678", Format.Code128))
        assert "⭐ 500 баллов" in await till.photo(encoded(both))


async def test_a_picture_sent_as_a_file(core):
    customer = await customer_with(core, 500)
    async with counter(core) as till:
        picture = qr_picture((await shown(core, customer)).qr_text)
        world = till.bots.world
        panel = await till.do(
            lambda: world.send_document(till.person, STAFF_BOT, picture, "card.png", mime="image/png")
        )
        assert "⭐ 500 баллов" in panel


async def test_photos_that_say_nothing(core):
    async with counter(core) as till:
        assert "не видно кода" in await till.photo(encoded(picture_of("x" * 30).crop((0, 0, 40, 40)), "PNG"))
        assert "не карта клиента" in await till.photo(encoded(picture_of("https://example.com")))
        world = till.bots.world
        for data in (b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 64):
            said = await till.do(
                lambda data=data: world.send_document(till.person, STAFF_BOT, data, "x.png", mime="image/png")
            )
            assert said


async def test_a_file_that_is_too_heavy_is_never_fetched(core):
    async with counter(core) as till:
        heavy = b"\x89PNG\r\n\x1a\n" + b"\0" * 10_000_001
        world = till.bots.world
        said = await till.do(lambda: world.send_document(till.person, STAFF_BOT, heavy, "x.png", mime="image/png"))
        assert "10" in said


async def test_nobody_is_found_and_the_way_on_is_offered(core):
    async with counter(core) as till:
        assert "Клиент не найден: +7 900 ***-**-99" in await till.say("9000000099 1500")
        assert till.keys == ["➕ Зарегистрировать"]
        assert "Карта 77777 не зарегистрирована" in await till.say("77777")
        assert till.keys == ["💳 Создать карту"]
        assert "не зарегистрирована" in await till.photo(encoded(picture_of(EAN, Format.EAN13)))


async def test_a_dead_code_is_no_new_card(core, clock):
    customer = await customer_with(core, 500)
    async with counter(core) as till:
        first = (await shown(core, customer)).code
        await shown(core, customer)
        for line in (first, f"{first} 1500"):
            said = await till.say(line)
            assert "Этот код уже не действует" in said
            assert "🔄 Обновить" in said
            assert till.keys == []


@pytest.mark.parametrize("slip", ["916123456", "91612345671500", "8916123456 1500"])
async def test_a_mistyped_phone_is_no_new_card(core, slip):
    async with counter(core) as till:
        said = await till.say(slip)
        assert "Похоже на телефон, но с ошибкой" in said
        assert till.keys == []


@pytest.mark.parametrize("begun", ["9000000002 300", "9000000002", None])
async def test_the_sum_sent_after_an_unreadable_one_is_of_the_customer_named_last(core, begun):
    await customer_with(core, 500)
    await customer_with(core, 70, BORIS)
    async with counter(core) as till:
        if begun:
            await till.say(begun)
        said = await till.say("9000000001 0")
        assert "Не получилось прочитать сумму" in said
        assert "⭐ 500 баллов" in said
        quote = await till.say("1500")
        assert "Чек: 1 500,00 ₽" in quote
        assert "Можно списать: 500 баллов" in quote


async def test_an_unreadable_sum_with_an_unknown_phone_is_of_nobody_else(core):
    await customer_with(core, 70, BORIS)
    async with counter(core) as till:
        await till.say("9000000002 300")
        assert "Клиент не найден" in await till.say("9000000099 1,5,0")
        assert "Чек" not in await till.say("1500")


async def test_an_unreadable_sum_after_a_question_for_one(core):
    await customer_with(core, 500)
    await customer_with(core, 70, BORIS)
    async with counter(core) as till:
        await till.say("9000000002")
        await till.press("🧾 Покупка")
        assert "Не получилось прочитать сумму" in await till.say("15 00 руб 50 коп")
        assert "Можно списать: 70 баллов" in await till.say("1500")
        await till.say("9000000002")
        await till.press("🧾 Покупка")
        await till.say("9000000001 0")
        assert "Можно списать: 500 баллов" in await till.say("1500")
        await till.say("9000000002")
        await till.press("🧾 Покупка")
        assert "имени анн" in (await till.say("анн")).lower()


async def test_a_bare_sum_is_told_from_a_card_that_nobody_has(core):
    async with counter(core) as till:
        assert "сначала отправьте телефон" in await till.say("1500")
        assert "сначала отправьте телефон" not in await till.say("1500 200")
        assert "сначала отправьте телефон" not in await till.say("12345678")


async def test_a_blocked_card_is_said_to_be_blocked(core):
    customer = await customer_with(core, 500)
    async with counter(core) as till:
        await core.cards.bind(await actor(core), customer, "11112222")
        await core.cards.bind(await actor(core), customer, "33334444")
        assert "заблокирована" in await till.say("11112222")


async def test_with_the_panel_open_short_numbers_are_sums_and_long_ones_customers(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001")
        assert "Чек: 12 345,00 ₽" in await till.say("12345")
        assert "Чек: 123 456,70 ₽" in await till.say("123456,70")
        assert "не зарегистрирована" in await till.say("1234567")
        await till.say("9000000001")
        await till.press("🧾 Покупка")
        assert "Чек: 1 234 567,00 ₽" in await till.say("1 234 567")


async def test_the_question_for_a_sum_is_left_for_another_customer(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001")
        await till.press("🧾 Покупка")
        assert "Клиент не найден" in await till.say("9000000099")
        assert "клиент ещё не выбран" in await till.say("12,50")


async def test_the_birthday_is_hinted_when_near(core, clock):
    customer = await customer_with(core, 0)
    async with counter(core) as till:
        born = clock.now().date().replace(year=1990, day=4)
        await core.preferences.edit_at_till(await actor(core), customer, birthday=born)
        assert "🎂 День рождения через 2 дня" in await till.say("9000000001")
        clock.forward(days=2)
        assert "🎂 Сегодня день рождения" in await till.say("9000000001")


async def test_other_kinds_of_messages_are_told_what_is_awaited(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        world = till.bots.world
        others = [
            lambda: world.send_sticker(till.person, STAFF_BOT),
            lambda: world.send_voice(till.person, STAFF_BOT),
            lambda: world.send_contact(till.person, STAFF_BOT, own=False, phone="+79000000001"),
            lambda: world.send_document(till.person, STAFF_BOT, b"%PDF", "a.pdf", mime="application/pdf"),
            lambda: world.send_text(till.person, STAFF_BOT, "/nonsense"),
        ]
        for send in others:
            assert "Отправьте телефон, карту или код клиента" in await till.do(send)
        await till.say("9000000001 600")
        await till.press("✏️ Другая сумма")
        for send in others:
            assert "сколько баллов списать" in await till.do(send)
        assert "Спишем: 100 баллов" in await till.say("100")


async def test_the_menu_words_work_in_either_language(core):
    async with counter(core) as till:
        assert till.bots.world.reply_keyboard(till.person, STAFF_BOT) == [
            ["🔎 Клиент", "➕ Новый клиент"],
            ["↩️ Возврат", "📊 Смена"],
        ]
        for word in ("🔎 Клиент", "🔎 Customer"):
            assert "Телефон, карта" in await till.say(word)
        assert "Как работать" in await till.say("/help")
