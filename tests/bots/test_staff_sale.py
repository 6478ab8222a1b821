"""Selling at the till: how few actions it takes, and what is true whoever is quicker."""

import pytest

from core.domain.errors import NotAllowed
from core.domain.people import Role
from core.store import branches
from tests.bots.till_kit import CASHIER, MANAGER, Counter, counter, customer_with, leaves_the_bot
from tests.conftest import hire
from tests.core.kit import one

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def test_a_plain_sale_takes_three_actions_and_two_in_one_line(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001")
        await till.say("1500")
        done = await till.press("✅ Начислить 75")
        assert "К оплате: 1 500,00 ₽" in done
        assert "Начислено: 75 баллов" in done
        assert "Баланс: 75 баллов" in done
        assert till.actions == 3
        till.actions = 0
        await till.say("9000000001 1 500,50")
        assert "К оплате: 1 500,50 ₽" in await till.press("✅ Начислить 75")
        assert till.actions == 2


async def test_a_sale_with_points_takes_four_actions_and_the_customers_press(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001")
        await till.say("600")
        waiting = await till.press("💸 Списать 300")
        assert "Ждём подтверждения клиента… до 12:05" in waiting
        assert till.keys == ["📩 Код по SMS", "❌ Отмена"]
        live = till.last.id
        await till.confirms()
        done = await till.sees("💵")
        assert "Списано: 300 баллов" in done
        assert "Начислено: 15 баллов" in done
        assert "К оплате: 300,00 ₽" in done
        assert till.last.id == live
        assert till.actions <= 4


async def test_a_sale_with_points_by_sms_takes_four_actions(core):
    await customer_with(core, 500)
    await leaves_the_bot(core)
    async with counter(core) as till:
        await till.say("9000000001")
        await till.say("600")
        asked = await till.press("💸 Списать 300")
        assert "Введите код из SMS" in asked
        done = await till.say(await till.code_of("9000000001"))
        assert "Списано: 300 баллов" in done
        assert "К оплате: 300,00 ₽" in done
        assert till.actions == 4
        assert [each.text for each in till.messages if "Введите код" in each.text] == []


async def test_the_quote_tells_all_that_the_cashier_needs(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        quote = await till.say("9000000001 600")
        assert "500 баллов" in quote
        assert "Чек: 600,00 ₽" in quote
        assert "Можно списать: 300 баллов" in quote
        assert "Начислим: 30 баллов" in quote
        assert "<b>600,00" in till.last.html.replace("\u00a0", " ")
        assert till.keys == ["✅ Начислить 30", "💸 Списать 300", "✏️ Другая сумма", "❌ Отмена"]


async def test_a_slip_in_the_sum_is_corrected_by_typing_it_again(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 15")
        slip = till.last.id
        assert "Чек: 1 500,00 ₽" in await till.say("1500")
        assert slip not in [each.id for each in till.messages]
        await till.press("✅ Начислить 75")
        assert (await core.reports.shift(await hire(core, MANAGER.id, Role.MANAGER))).total.sold == 1_500_00


async def test_after_a_finished_sale_a_bare_number_is_not_another_one(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        await till.press("✅ Начислить 75")
        assert "Карта 1500 не зарегистрирована" in await till.say("1500")


async def test_another_amount_of_points(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        assert "До 300" in await till.press("✏️ Другая сумма")
        assert "самое большее 300 баллов" in await till.say("301")
        assert "Спишем: 120 баллов" in await till.say("120")
        await till.confirms()
        assert "К оплате: 480,00 ₽" in await till.sees("💵")


@pytest.mark.parametrize(
    ("kind", "balance", "said"),
    [
        ("bonus", 500, "Нужно целое число баллов от 1 до 300."),
        ("cashback", 500, "Нужно число баллов от 0,01 до 300."),
        ("bonus", 1, "В этой покупке можно списать ровно 1 балл."),
    ],
)
async def test_what_is_no_number_of_points_is_told_what_can_be_spent(core, kind, balance, said):
    await customer_with(core, balance)
    await core.programmes.change({"kind": kind})
    async with counter(core) as till:
        await till.say("9000000001 600")
        await till.press("✏️ Другая сумма")
        for typed in ("0", "много", "0,001", "-5"):
            assert await till.say(typed) == f"{said} Введите его или вернитесь к чеку кнопкой «⬅️ Назад».", typed
        assert "К оплате: 600,00 ₽" in await till.press("⬅️ Назад")


async def test_what_is_typed_too_late_is_no_number_of_points_either(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        await till.press("✏️ Другая сумма")
        sale = await one("SELECT max(id) FROM purchase")
        await core.till.drop(await core.staff.identify(CASHIER.id, "ru"), sale)
        assert "отменена" in (await till.say("много")).lower()


async def test_back_from_the_question_for_points(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        await till.press("✏️ Другая сумма")
        await till.press("⬅️ Назад")
        assert till.keys == ["✅ Начислить 30", "💸 Списать 300", "✏️ Другая сумма", "❌ Отмена"]
        assert "Чек: 50,00 ₽" in await till.say("50")


async def test_the_customer_declines(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        await till.press("💸 Списать 300")
        await till.confirms("❌ Нет")
        assert "Клиент отказался" in await till.sees("К оплате: 600,00 ₽")
        assert "💵" in await till.press("✅ Начислить 30")


async def test_the_customer_does_not_answer(core, clock):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        await till.press("💸 Списать 300")
        clock.forward(minutes=11)
        await core.redemption.release_overdue()
        assert "не ответил вовремя" in await till.sees("К оплате: 600,00 ₽")
        await till.press("💸 Списать 300")


async def test_a_press_after_the_hold_has_died_gives_the_quote_back(core, clock):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        await till.press("💸 Списать 300")
        clock.forward(minutes=10)
        said = await till.press("📩 Код по SMS")
        assert "время вышло" in said
        assert "✅ Начислить 30" in till.keys


async def test_the_till_stops_waiting(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        await till.press("💸 Списать 300")
        assert "500 баллов" in await till.press("❌ Отмена")
        assert "✅ Начислить 30" in till.keys
        assert "отменён" in await till.press("❌ Отмена")
        assert till.keys == ["🧾 Новая покупка"]


async def test_a_code_instead_of_the_press(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        await till.press("💸 Списать 300")
        assert "Введите код из SMS" in await till.press("📩 Код по SMS")
        code = await till.code_of("9000000001")
        wrong = "1111" if code != "1111" else "2222"
        assert "Осталось 2" in await till.say(wrong)
        assert "через 1 мин" in await till.press("Отправить ещё раз")
        assert "К оплате: 300,00 ₽" in await till.say(f" {code[:2]} {code[2:]} ")


async def test_the_press_comes_while_the_code_is_awaited(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        await till.press("💸 Списать 300")
        await till.press("📩 Код по SMS")
        await till.confirms()
        await till.sees("💵")
        assert "⭐ 215 баллов" in await till.say("9000000001")


async def test_another_till_is_quicker(core):
    await customer_with(core, 500)
    rival = await core.staff.identify(MANAGER.id, "ru")
    async with counter(core) as till:
        await till.say("9000000001 1000")
        live = till.last.id
        assert "💸 Списать 500" in till.keys
        customer = (await core.identification.by_phone(rival, "79000000001")).customer_id
        other = await core.till.open_sale(rival, customer, 800_00, key="rival")
        await core.redemption.spend(rival, other.purchase_id, key="rival:spend")
        said = await till.press("💸 Списать 500")
        assert "Расчёт успел измениться" in said
        assert "Можно списать: 100 баллов" in said
        assert till.last.id == live
        assert "Спишем: 100 баллов" in await till.press("💸 Списать 100")


async def test_another_till_is_quicker_than_the_typing(core):
    await customer_with(core, 500)
    rival = await core.staff.identify(MANAGER.id, "ru")
    async with counter(core) as till:
        await till.say("9000000001 1000")
        await till.press("✏️ Другая сумма")
        asked = till.last.id
        customer = (await core.identification.by_phone(rival, "79000000001")).customer_id
        other = await core.till.open_sale(rival, customer, 800_00, key="rival")
        await core.redemption.spend(rival, other.purchase_id, key="rival:spend")
        said = await till.say("450")
        assert "Расчёт успел измениться" in said
        assert "Можно списать: 100 баллов" in said
        assert asked not in [each.id for each in till.messages]
        assert "✅ Начислить 50" in till.keys


async def test_a_quote_that_grew_old_is_priced_anew(core, clock):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        await core.programmes.change({"accrual_percent": 1000})
        clock.forward(minutes=31)
        said = await till.press("✅ Начислить 75")
        assert "Расчёт успел измениться" in said
        assert "Начислено: 150 баллов" in await till.press("✅ Начислить 150")


async def test_undo_within_its_time_and_not_after(core, clock):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        await till.press("✅ Начислить 75")
        assert till.keys == ["🧾 Новая покупка", "↩️ Отменить"]
        undone = await till.press("↩️ Отменить")
        assert "Вернуть клиенту: 1 500,00 ₽" in undone
        assert "Баланс: 0 баллов" in undone
        await till.say("9000000001 1500")
        await till.press("✅ Начислить 75")
        clock.forward(minutes=16)
        said = await till.press("↩️ Отменить")
        assert "15" in said
        assert till.keys == ["🧾 Новая покупка"]


async def test_a_new_sale_for_the_same_customer_leaves_the_finished_one(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        await till.press("✅ Начислить 75")
        assert "Какая сумма" in await till.press("🧾 Новая покупка")
        assert "Чек: 123 456,00 ₽" in await till.say("123456")
        assert len([each for each in till.messages if "💵" in each.text]) == 1


@pytest.mark.parametrize(
    ("settings", "total", "why"),
    [
        ({"status_on": False}, "1500", "начисление выключено"),
        ({"min_purchase": 1000_00}, "999,99", "покупка меньше 1 000,00 ₽"),
        ({}, "10", "сумма слишком мала"),
    ],
)
async def test_a_sale_that_earns_nothing_says_why_and_can_be_completed(core, settings, total, why):
    await customer_with(core, 0)
    if settings:
        await core.programmes.change(settings)
    async with counter(core) as till:
        assert why in await till.say(f"9000000001 {total}")
        assert till.keys == ["✅ Провести", "❌ Отмена"]
        assert "Начислено" not in await till.press("✅ Провести")
        assert "💵" in till.text


async def test_points_that_activate_later_say_when(core):
    await customer_with(core, 0)
    await core.programmes.change({"activation_delay_hours": 24})
    async with counter(core) as till:
        await till.say("9000000001 1500")
        assert "доступны с 3 марта, 12:00" in await till.press("✅ Начислить 75")


async def test_pressed_twice_it_sells_once(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        live = till.last.id
        await till.press("✅ Начислить 75")
        await till.press("s:accrue:1", live, force=True)
        await till.press("s:cancel:1", live, force=True)
        assert "завершена" in till.alerts[-1]
        assert "Баланс: 75 баллов" in till.text
        assert (await core.reports.shift(await core.staff.identify(CASHIER.id, "ru"))).total.purchases == 1


async def test_presses_on_a_sale_that_waits_show_that_it_waits(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        live = till.last.id
        await till.press("💸 Списать 300")
        said = await till.press("s:accrue:2", live, force=True)
        assert "отменена" not in said
        assert till.keys == ["📩 Код по SMS", "❌ Отмена"]


async def test_cancel_throws_the_open_sale_away_and_frees_its_points(core):
    await customer_with(core, 500)
    await leaves_the_bot(core)
    async with counter(core) as till:
        await till.say("9000000001 600")
        await till.press("💸 Списать 300")
        assert "Отменено" in await till.say("/cancel")
        assert "500 баллов" in await till.say("9000000001")


async def test_english_at_the_till(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("/language")
        await till.press("English")
        assert "To pay: 600.00 ₽" in await till.say("9000000001 600")
        assert till.keys == ["✅ Add 30", "💸 Spend 300", "✏️ Another sum", "❌ Cancel"]
        await till.press("💸 Spend 300")
        await till.confirms()
        assert "Spent: 300 points" in await till.sees("💵")


async def test_the_shift_by_members_for_managers_only(core):
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        await till.press("✅ Начислить 75")
        mine = await till.say("📊 Смена")
        assert "Покупок: 1" in mine
        assert "1 500,00 ₽" in mine
        assert "Member 11" not in mine
        await hire(core, MANAGER.id, Role.MANAGER)
        manager = Counter(till.bots, MANAGER)
        assert "Member 11: 1 покупка" in await manager.say("/shift")


async def test_the_owner_looks_at_any_branch_or_at_all(core, clock):
    away = await branches.add("Дальняя точка", "Europe/Moscow", clock.now())
    far = await hire(core, 13, Role.CASHIER, away)
    customer = await customer_with(core, 0)
    sale = await core.till.open_sale(far, customer, 700_00, key="far")
    await core.till.accrue(far, sale.purchase_id)
    async with counter(core, MANAGER, Role.OWNER) as owner:
        said = await owner.say("/shift")
        assert "Основная точка, 2 марта\n" in said
        assert "Продаж сегодня ещё не было" in said
        assert owner.keys == ["Основная точка", "Дальняя точка", "Все точки"]
        assert "На сумму: 700,00 ₽" in await owner.press("Дальняя точка")
        everything = await owner.press("Все точки")
        assert "Все точки, 2 марта" in everything
        assert "Member 13: 1 покупка" in everything
    cashier = await hire(core, CASHIER.id, Role.CASHIER)
    assert (await core.reports.shift(cashier)).choices == ()
    with pytest.raises(NotAllowed):
        await core.reports.shift(cashier, away)
