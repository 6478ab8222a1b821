"""Promotions and coupons as people meet them: made in the office, seen at the till, told to customers."""

import pytest

from core.domain.people import Role
from tests.bots.customer_chat import Chat
from tests.bots.till_kit import ANNA, BORIS, CASHIER, NBSP, PHONE, Counter, counter, customer_with
from tests.bots.world import CUSTOMER_BOT, STAFF_BOT
from tests.conftest import enrol

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
WHO = PHONE[ANNA.id]


async def press(at: Counter, step: str) -> str:
    """Press the button that reads so, whatever kind of spaces it is written with."""
    written = (text for row in at.last.buttons for text in row if text.translate(NBSP) == step)
    return await at.press(next(written, step))


async def at_offers(at: Counter, *steps: str) -> str:
    """Walk to the promotions: buttons, and what is typed after a ``=``."""
    said = await at.say("/admin")
    for step in ("🎉 Акции и купоны", *steps):
        said = await (at.say(step[1:]) if step.startswith("=") else press(at, step))
    return said


async def test_a_promotion_is_made_in_few_presses_and_sold_by(core):
    await customer_with(core, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        board = await at_offers(at, "➕ Новая акция", "✖️ Больше баллов", "×2", "Неделя")
        assert "Баллы ×2" in board
        assert "начислим 100 баллов вместо 50" in board
        saved = await at.press("✅ Сохранить")
        assert "✅ Сохранено" in saved
        assert "🟢 Идёт: с 2 марта по 8 марта" in saved
        said = await at.say(f"{WHO} 1000")
        assert "Начислим: 100 баллов\n🎉 Баллы ×2\n" in said
        assert "🏷 Купон" not in at.keys
        assert "Начислено: 100 баллов" in await at.press("✅ Начислить 100")
        opened = await at_offers(at, "Баллы ×2")
        assert "Покупок: 1, клиентов: 1\nБаллы: 50 баллов" in opened
        assert "⏸ Выключено" in await at.press("⏸ Выключить")
        await at.say(f"{WHO} 1000")
        assert "✅ Начислить 50" in at.keys


async def test_conditions_are_set_on_one_board_and_can_be_changed(core):
    await customer_with(core, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_offers(at, "➕ Новая акция", "% Скидка", "=12,5", "=01.03-15.03")
        for step in ("🗓 Дни недели", "▫️ пн", "▫️ вт", "⬅️ Назад", "🕓 Часы"):
            await at.press(step)
        assert "22:00-02:00" in await at.say("ночью")
        await at.say("9-13")
        await at.press("🧾 Чек от")
        board = await at.say("500")
        await at.press("✏️ Название")
        await at.say("Утро")
        await at.press("▫️ Только первая покупка")
        board = at.text
        for line in (
            "Утро",
            "скидка 12,5 %",
            "Дни: пн, вт",
            "Часы: 09:00–13:00",
            "Чек от 500,00 ₽",
            "первая покупка",
        ):
            assert line in board
        assert "с 1 марта по 15 марта" in board.lower()
        await at.press("✅ Сохранить")
        said = await at.say(f"{WHO} 800")
        assert "Скидка: −100,00 ₽ (акция: Утро)" in said
        assert "Скидка" not in await at.say(f"{WHO} 499,99")
        await at_offers(at, "Утро", "✏️ Изменить", "🎁 Что даёт", "💵 Скидка суммой", "=200 ₽", "✅ Сохранить")
        assert "Скидка: −200,00 ₽ (акция: Утро)" in await at.say(f"{WHO} 800")


async def test_bounds_and_dates_are_told(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_offers(at, "➕ Новая акция", "✖️ Больше баллов")
        for wrong in ("1", "11", "много"):
            assert "от 1,10 до 10" in await at.say(wrong)
        await at.say("2,5")
        assert "01.12-15.12" in await at.say("когда-нибудь")
        assert "позже, чем начинается" in await at.say("15.12.2026-01.12.2026")
        assert "Сохранить" in await at.say("15.03") + str(at.keys)
        board = at.last.id
        await at_offers(at)
        assert "устарел" in await at.press("✅ Сохранить", board, force=True)


async def test_a_coupon_in_a_sale(core):
    await customer_with(core, 0)
    await enrol(core, 2, "79000000002")
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_offers(at, "🏷 Купоны", "➕ Новый купон", "💵 Скидка суммой", "300,00 ₽", "Неделя", "=Весна-26")
        saved = await at.press("✅ Сохранить")
        assert "Код: BECHA26" in saved
        await at.say(f"{WHO} 1000")
        await at.press("🏷 Купон")
        question = at.last.id
        assert "Такого купона нет" in await at.say("лето26")
        assert at.keys == ["⬅️ Назад"]
        asked = next(each for each in at.bots.world.from_bot(CASHIER, STAFF_BOT) if each.id == question)
        assert not asked.buttons, "the question that was answered asks no longer"
        assert "К оплате: 1 000,00 ₽" in await at.press("⬅️ Назад")
        await at.press("🏷 Купон")
        assert "Такого купона нет" in await at.say("осень26")
        said = await at.say("весна26")
        assert "Скидка: −300,00 ₽ (купон)\n" in said, "its name says no more"
        assert "К оплате: 1 000,00 ₽" in await at.press("🏷 Убрать купон")
        await at.press("🏷 Купон")
        await at.say("ВЕСНА 26")
        assert "К оплате: 700,00 ₽" in await at.press("✅ Начислить 35")
        told = await at.bots.world.wait_message(ANNA, CUSTOMER_BOT, "Покупка")
        assert "Скидка: 300,00 ₽\n" in told.text.translate(NBSP)
        await at.say(f"{WHO} 1000")
        await at.press("🏷 Купон")
        assert "второй раз нельзя" in await at.say("весна26")
        assert await at.say(f"{PHONE[BORIS.id]} 1000"), "the next customer's phone leaves the question"
        opened = await at_offers(at, "🏷 Купоны", "Скидка 300,00 ₽")
        assert "Использовано: 1" in opened
        uses = await at.press("🧾 Кто использовал")
        assert "чек 1 000,00 ₽, скидка 300,00 ₽" in uses


async def test_a_coupon_stays_when_the_sum_is_corrected(core):
    await customer_with(core, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_offers(at, "🏷 Купоны", "➕ Новый купон", "💵 Скидка суммой", "300,00 ₽", "Неделя", "=Весна-26")
        await at.press("🧾 Чек от")
        await at.say("500")
        await at.press("✅ Сохранить")
        await at.say(f"{WHO} 1000")
        await at.press("🏷 Купон")
        await at.say("весна26")
        assert "К оплате: 900,00 ₽" in await at.say("1200")
        assert "🏷 Убрать купон" in at.keys
        assert "К оплате: 400,00 ₽" in await at.say("400"), "it fits no longer"
        assert "🏷 Купон" in at.keys
        await at.press("🏷 Купон")
        assert "для чека от 500,00 ₽" in await at.say("весна26")
        await at.press("⬅️ Назад")
        await at.say("600")
        await at.press("🏷 Купон")
        await at.say("весна26")
        await at.say("1000")
        assert "К оплате: 700,00 ₽" in await at.press("✅ Начислить 35")
        await at.say(f"{WHO} 1000")
        await at.press("🏷 Купон")
        assert "второй раз нельзя" in await at.say("весна26")


async def test_a_batch_of_codes_comes_as_a_file(core):
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_offers(at, "🏷 Купоны", "➕ Новый купон", "% Скидка", "10 %", "30 дней", "=25")
        assert "Кодов: 25, все разные" in at.text
        await at.press("🔢 На все коды")
        assert "от 1 до 1 000 000" in await at.say("0")
        assert "Всей пачкой — не больше 20 раз" in await at.say("20")
        await at.press("✅ Сохранить")
        assert "25 кодов" in at.text
        assert "10 000" in await at_offers(
            at, "🏷 Купоны", "➕ Новый купон", "% Скидка", "10 %", "30 дней", "=10001"
        )
        assert "Всей пачкой — не больше 20 раз" in await at_offers(at, "🏷 Купоны", "Скидка 10 %")
        assert "Каждый код — не больше 1 раза" in at.text
        await at.press("📄 Все коды")
        assert "25 кодов" in at.text


async def test_a_customer_sees_what_is_on_and_what_a_coupon_gives(core):
    await customer_with(core, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        chat = Chat(at.bots, ANNA)
        await chat.say("/balance")
        assert "🎉 Акции" not in chat.keys
        await at_offers(
            at, "➕ Новая акция", "➕ Баллы в подарок", "+50", "Сегодня", "🧾 Чек от", "500,00 ₽", "✅ Сохранить"
        )
        await at_offers(at, "🏷 Купоны", "➕ Новый купон", "% Скидка", "10 %", "Неделя", "=SUMMER", "✅ Сохранить")
        await chat.say("/balance")
        said = await chat.press("🎉 Акции")
        assert "+50 баллов, до 2 марта\nЧек от 500,00 ₽" in said
        said = await chat.say("summer")
        assert "SUMMER: скидка 10 %" in said
        assert "Назовите код на кассе" in said
        assert "Не удалось" in await chat.say("winter-sale")
