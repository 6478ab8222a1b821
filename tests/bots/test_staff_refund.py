"""Refunding at the till: from the last purchases or a customer's, whole, by a sum, by lines; old buttons too."""

import pytest

from core.domain.basket import Basket, Line
from core.domain.refund import Wanted
from tests.bots.till_kit import ANNA, CASHIER, CUSTOMER_BOT, STAFF_BOT, counter, customer_with
from tests.core.kit import one

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def test_a_whole_receipt_from_the_last_purchases(core, clock):
    await customer_with(core, 0)
    async with counter(core) as till:
        assert "возвращать нечего" in await till.say("/refund")
        await till.say("9000000001 1500")
        await till.press("✅ Начислить 75")
        clock.forward(days=1)
        await till.say("↩️ Возврат")
        assert till.keys == ["2 марта · 1 500,00 ₽ · Без имени"]
        shown = await till.press(till.last.buttons[0][0])
        assert "Начислено: 75 баллов" in shown
        assert "2 марта" in shown.splitlines()[1]
        assert till.keys == ["Весь чек", "✏️ Сумма", "⬅️ Назад"]
        asked = await till.press("Весь чек")
        assert "Вернуть клиенту: 1 500,00 ₽\nСнимем начисленное: 75 баллов\nБаланс станет: 0 баллов" in asked
        done = await till.press("✅ Вернуть")
        assert "Возврат 1 500,00 ₽ сделан" in done
        assert "Вернуть клиенту: 1 500,00 ₽" in done
        told = await till.bots.world.wait_message(ANNA, CUSTOMER_BOT, "Возврат")
        assert "Покупка целиком" in told.text


async def test_a_sum_is_typed_at_once_and_whoever_else_leaves_the_refund(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        for total in ("1500", "300"):
            await till.say(f"9000000001 {total}")
            await till.press(till.keys[0])
        await till.say("/refund")
        await till.press(till.last.buttons[1][0])
        for typed in ("1500,50", "0"):
            assert "Вернуть можно от 0,01 до 1 500,00 ₽" in await till.say(typed), typed
        assert "отправьте сумму" in await till.do(lambda: till.bots.world.send_sticker(CASHIER, STAFF_BOT))
        assert "Возврат 400,00 ₽ из 1 500,00 ₽" in await till.say("400")
        await till.press("⬅️ Назад")
        assert "Отправьте сумму покупки" in await till.say("9000000001")
        assert "Чек: 500,00 ₽" in await till.say("500")
        await till.say("/refund")
        await till.press(till.last.buttons[0][0])
        assert "Чек: 700,00 ₽" in await till.say("9000000001 700")


async def test_a_sum_with_its_reason_and_what_is_left(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        await till.press("✅ Начислить 75")
        await till.say("/refund")
        await till.press(till.last.buttons[0][0])
        assert "До 1 500,00 ₽" in await till.press("✏️ Сумма")
        for typed in ("1500,01", "0", "0,00", "99999999999"):
            assert "Вернуть можно от 0,01 до 1 500,00 ₽" in await till.say(typed), typed
        asked = await till.say("500")
        assert "Возврат 500,00 ₽ из 1 500,00 ₽" in asked
        assert "Снимем начисленное: 25 баллов" in asked
        assert "Причина: не подошёл размер" in await till.say("не подошёл размер")
        assert "Баланс: 50 баллов" in await till.press("✅ Вернуть")
        assert await one("SELECT reason FROM refund") == "не подошёл размер"
        await till.say("/refund")
        assert till.keys == ["12:00 · 1 000,00 ₽ · Без имени"]
        assert "Уже вернули: 500,00 ₽, осталось 1 000,00 ₽" in await till.press(till.last.buttons[0][0])


@pytest.mark.parametrize("steps", [["✏️ Сумма"], ["Весь чек"]])
async def test_cancel_leaves_the_refund_and_says_so(core, steps):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        await till.press("✅ Начислить 75")
        await till.say("/refund")
        await till.press(till.last.buttons[0][0])
        for step in steps:
            await till.press(step)
        question = till.last.id
        said = await till.say("/cancel")
        assert said.endswith("Отменено. Отправьте телефон, карту или код клиента.")
        asked = next(each for each in till.messages if each.id == question)
        assert not asked.buttons, "the question asks no longer"
        assert "Клиент не найден" in await till.say("9000000099"), "and what is typed is no sum any more"
        assert await one("SELECT count(*) FROM refund") == 0
        assert await one("SELECT status FROM purchase") == "completed"


async def test_lines_of_a_customers_purchase(core):
    customer = await customer_with(core, 0)
    async with counter(core) as till:
        cashier = await core.staff.identify(CASHIER.id, "ru")
        basket = Basket((Line(200_00, title="Чай"), Line(100_00, title="Пирог"), Line(50_00)))
        sale = await core.till.open_sale(cashier, customer, basket, key="lines")
        await core.till.accrue(cashier, sale.purchase_id)
        await till.say("/refund")
        assert "покупки клиента" in await till.say("9000000001")
        await till.press(till.last.buttons[0][0])
        await till.press("🧺 Позиции")
        assert till.keys[:3] == ["⬜️ Чай · 200,00 ₽", "⬜️ Пирог · 100,00 ₽", "⬜️ Позиция 3 · 50,00 ₽"]
        assert "хотя бы одну" in await till.press("Дальше")
        await till.press(till.last.buttons[1][0])
        await till.press(till.last.buttons[2][0])
        await till.press(till.last.buttons[2][0])
        assert till.keys[1].startswith("✅ Пирог")
        assert "Возврат 100,00 ₽ из 350,00 ₽" in await till.press("Дальше")
        assert "Вернуть клиенту: 100,00 ₽" in await till.press("✅ Вернуть")


async def test_an_old_button_and_a_quicker_till_refund_nothing_twice(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        await till.press("✅ Начислить 75")
        await till.say("/refund")
        await till.press(till.last.buttons[0][0])
        await till.press("Весь чек")
        cashier = await core.staff.identify(CASHIER.id, "ru")
        purchase = await one("SELECT id FROM purchase")
        await core.refunds.refund(cashier, purchase, Wanted(500_00), key="quicker")
        said = await till.press("✅ Вернуть")
        assert "только что сделали другой возврат" in said
        assert "осталось 1 000,00 ₽" in said
        await till.press("Весь чек")
        await till.press("✅ Вернуть")
        assert "возвращать уже нечего" in await till.press(f"b:sure:{purchase}:0", till.last.id, force=True)
        assert await one("SELECT count(*) FROM refund") == 2


async def test_undoing_a_sale_of_which_a_part_was_refunded_leads_on(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        await till.press("✅ Начислить 75")
        cashier = await core.staff.identify(CASHIER.id, "ru")
        await core.refunds.refund(cashier, await one("SELECT id FROM purchase"), Wanted(500_00), key="k")
        assert "верните через «↩️ Возврат»" in await till.press("↩️ Отменить")
        assert till.keys == ["🧾 Новая покупка"]
        assert "Возвращено: 500,00 ₽" in till.text
        await till.say("9000000001 700")
        await till.press("✅ Начислить 35")
        purchase = await one("SELECT max(id) FROM purchase")
        await core.refunds.refund(cashier, purchase, Wanted(), key="whole")
        assert "Эту покупку уже вернули целиком" in await till.press("↩️ Отменить")


async def test_the_next_customer_with_a_sum_is_a_sale(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("/refund")
        assert "Чек: 600,00 ₽" in await till.say("9000000001 600")
