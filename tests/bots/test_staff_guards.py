"""What guards points at the till: rights, one's own account, a second person, limits, receipt numbers, the log."""

import pytest

from core.domain.people import Role
from tests.bots.till_kit import ANNA, BORIS, CASHIER, MANAGER, PHONE, STAFF_BOT, Counter, counter, customer_with
from tests.conftest import enrol, hire
from tests.core.kit import points_of

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
BACK = "⬅️ Назад"


async def test_an_operator_serves_and_does_not_sell(core):
    customer = await customer_with(core, 100)
    async with counter(core, CASHIER, Role.OPERATOR) as at:
        assert "↩️ Возврат" not in str(at.bots.world.reply_keyboard(CASHIER, STAFF_BOT))
        said = await at.say(PHONE[ANNA.id])
        assert "Отправьте сумму" not in said
        assert "🧾 Покупка" not in at.keys
        assert "✏️ Анкета" in at.keys
        assert "у кассиров" in await at.say(f"{PHONE[ANNA.id]} 1500")
        assert "у кассиров" in await at.say("/refund")
        await at.say(PHONE[ANNA.id])
        await at.press("➕ Баллы вручную")
        await at.say("5")
        assert "Ждёт подтверждения" in await at.say("извинение")
        assert await points_of(core, customer) == 100_00


async def test_ones_own_account_is_a_colleagues(core):
    await enrol(core, CASHIER.id, "79000000011")
    async with counter(core) as at:
        said = await at.say("9000000011")
        assert "собственный счёт" in said
        assert "🧾 Покупка" not in at.keys
        assert "Пусть это проведёт коллега" in await at.say("9000000011 1500")


async def test_a_phone_tells_the_own_account_too(core):
    await enrol(core, 1, "79000000011")
    async with counter(core) as at:
        assert "Чек" in await at.say("9000000011 1500")
        assert "Записали ваш номер" in await at.do(lambda: at.bots.world.send_contact(CASHIER, STAFF_BOT))
        assert "коллега" in await at.press("✅ Начислить 75")


async def test_points_by_hand_and_the_second_person(core):
    customer = await customer_with(core, 0)
    async with counter(core, CASHIER, Role.MANAGER) as at:
        await hire(core, BORIS.id, Role.OWNER)
        owner = Counter(at.bots, BORIS)
        await owner.start()
        await at.say(PHONE[ANNA.id])
        await at.press("➕ Баллы вручную")
        assert "цифрами" in await at.say("много")
        assert "причину" in await at.say("600")
        assert "от 3 до 200" in await at.say("ой")
        assert "Ждёт подтверждения" in await at.say("извинение за <b>ожидание</b>")
        assert "извинение за <b>ожидание</b>" in await owner.sees("Нужно решение")
        said = await owner.press("✅ Подтвердить")
        assert "Начислено вручную: 600 баллов" in said
        assert await points_of(core, customer) == 600_00
        await at.sees("Подтверждено: Member 2")
        await at.say(PHONE[ANNA.id])
        await at.press("➕ Баллы вручную")
        assert "самое большее 600 баллов" in await at.say("-601"), "before the reason is asked"
        assert "причину" in await at.say("-100"), "the question of how many was still open"
        assert "Снято вручную: 100 баллов" in await at.say("ошибка кассира")
        said = await at.press("👤 К клиенту")
        assert "500 баллов" in said
        assert "вручную: ошибка кассира" in await at.press("📜 История")


async def test_what_may_not_be_given_is_refused_before_the_reason_is_asked(core):
    customer = await customer_with(core, 0)
    async with counter(core, CASHIER, Role.MANAGER) as at:
        await at.say(PHONE[ANNA.id])
        await at.press("➕ Баллы вручную")
        said = await at.say("501")
        assert "Предел для одного: 500 баллов" in said
        assert "причину" not in said
        assert "Нужно число от 1 до" in await at.say("0,5")
        said = await at.say("500")
        assert "причину" in said, "the question of how many was still open"
        assert "решит" not in said
        assert "Начислено вручную: 500 баллов" in await at.say("извинение")
        assert await points_of(core, customer) == 500_00
        await hire(core, BORIS.id, Role.OWNER)
        await Counter(at.bots, BORIS).start()
        await at.say(PHONE[ANNA.id])
        await at.press("➕ Баллы вручную")
        assert "Больше, чем можно одному (500 баллов): решит другой" in await at.say("501")


async def test_an_operator_alone_is_told_who_is_missing(core):
    await customer_with(core, 0)
    async with counter(core, CASHIER, Role.OPERATOR) as at:
        await at.say(PHONE[ANNA.id])
        await at.press("➕ Баллы вручную")
        said = await at.say("5")
        assert "Баллы вручную подтверждает управляющий или владелец" in said
        assert "до 0" not in said


async def test_an_accrual_above_the_limit_waits_and_is_given(core):
    customer = await customer_with(core, 0)
    await core.programmes.change({"largest_accrual": 10_00})
    async with counter(core, CASHIER, Role.MANAGER) as at:
        await at.say(f"{PHONE[ANNA.id]} 1000")
        assert "⏳ 50 баллов: придут после проверки" in await at.press("✅ Начислить 50")
        await at.sees("Ждут проверки: 1 начисление, 50 баллов")
        await at.say("/admin")
        assert "Начислений: 1, всего 50 баллов" in await at.press("⏳ На проверке")
        said = await at.press(next(key for row in at.last.buttons for key in row if key.startswith("50")))
        assert "больше, чем можно за одну покупку" in said
        said = await at.press("✅ Начислить")
        assert "✅ Начислено" in said
        assert "ничего не ждёт" in said
        assert await points_of(core, customer) == 50_00
        assert "Начислено: 50 баллов" in await at.say("📊 Смена")
        await at.say("/admin")
        said = await at.press("📜 Журнал")
        assert "Начисление после проверки" in said
        assert "Баллы: 50 баллов" in await at.press("1")
        await at.press(BACK)
        await at.press("🏷 Что")
        assert "Новый сотрудник" not in await at.press("Покупки")
        await at.press("🔎 Клиент или покупка")
        assert "Начисление после проверки" in await at.say(PHONE[ANNA.id])


async def test_a_required_receipt_number(core):
    await customer_with(core, 0)
    await core.programmes.change({"receipt_number": "required"})
    async with counter(core) as at:
        await at.say(f"{PHONE[ANNA.id]} 1000 #77")
        assert "🧾 Чек № 77" in at.keys
        assert "Номер чека: 77" in await at.press("✅ Начислить 50")
        await at.say(f"{PHONE[ANNA.id]} 500")
        assert "нужен номер чека" in await at.press("✅ Начислить 25")
        assert "уже провели: 1 000,00 ₽ в 12:00" in await at.say("77")
        await at.say("78")
        assert "Номер чека: 78" in await at.press("✅ Начислить 25")


async def test_a_role_is_changed_and_works_at_the_next_press(core):
    async with counter(core, MANAGER, Role.OWNER) as at:
        await hire(core, CASHIER.id, Role.CASHIER)
        other = Counter(at.bots, CASHIER)
        await other.start()
        await at.say("/admin")
        await at.press("👔 Сотрудники")
        await at.press("👤 Member 11")
        await at.press("🎖 Роль")
        assert "Роль: управляющий" in await at.press("Управляющий")
        await other.sees("Ваша роль теперь: управляющий")
        assert "Управление" in await other.say("/admin")
        await at.press("📱 Телефон")
        assert "+7 900 000-00-11" in await at.say("9000000011")
        assert "не указан" in (await at.press("📱 Телефон") and await at.say("-"))
