"""Gifts for points through both bots: the list, one press of the cashier, one of the customer."""

import pytest

from core.services import Services
from tests.bots.customer_chat import chatting
from tests.bots.till_kit import counter, customer_with, leaves_the_bot

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
GIFTS = {"gifts": [{"title": "Кружка", "points": 100_00}, {"title": "Самовар", "points": 900_00}]}


async def test_a_gift_takes_the_customers_press_and_can_be_undone(core: Services) -> None:
    await customer_with(core, 200)
    await core.programmes.change(GIFTS)
    async with counter(core) as till:
        await till.say("9000000001")
        listed = await till.press("🎁 Подарки")
        assert "Кружка: 100 баллов" in listed
        assert "Самовар: 900 баллов, нужно ещё 700 баллов" in listed
        assert till.keys == ["🎁 Кружка · 100", "⬅️ Назад"]
        assert "Ждём подтверждения клиента" in await till.press("🎁 Кружка · 100")
        await till.confirms("✅ Обменять")
        done = await till.sees("Выдайте подарок")
        assert "Баланс: 100 баллов" in done
        undone = await till.press("↩️ Отменить")
        assert "Подарок отменён, баллы возвращены" in undone
        assert "Баланс: 200 баллов" in undone


async def test_a_declined_gift_and_an_old_list(core: Services) -> None:
    await customer_with(core, 200)
    await core.programmes.change(GIFTS)
    async with counter(core) as till:
        await till.say("9000000001")
        await till.press("🎁 Подарки")
        menu = till.last.id
        await till.press("🎁 Кружка · 100")
        await till.confirms("❌ Нет")
        await till.sees("Клиент отказался от подарка")
        await till.say("9000000001")
        await till.press("🎁 Подарки")
        assert till.last.id != menu
        await core.programmes.change({"gifts": [{"title": "Ложка", "points": 50_00}]})
        said = await till.press("🎁 Кружка · 100")
        assert "Такого подарка за баллы сейчас нет" in said
        assert till.keys == ["🎁 Ложка · 50", "⬅️ Назад"]


async def test_a_gift_by_a_code(core: Services) -> None:
    await customer_with(core, 200)
    await leaves_the_bot(core)
    await core.programmes.change(GIFTS)
    async with counter(core) as till:
        await till.say("9000000001")
        await till.press("🎁 Подарки")
        assert "Введите код из SMS" in await till.press("🎁 Кружка · 100")
        assert "Выдайте подарок" in await till.say(await till.code_of("9000000001"))


async def test_the_customer_sees_gifts_and_how_far_the_free_purchase_is(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.register()
        assert anna.keys == []
        await core.programmes.change(GIFTS | {"welcome_points": 0, "nth_purchase": 10})
        assert "Каждая 10-я покупка в подарок: осталось 9 покупок до бесплатной." in await anna.say("/balance")
        listed = await anna.press("🎁 Подарки")
        assert "⬜️ Кружка: 100 баллов, нужно ещё 100 баллов" in listed
        assert "скажите о нём на кассе" in listed
