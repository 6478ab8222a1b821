"""Rows of levels, rules, visits and part payments, each named by its row."""

from datetime import UTC, datetime, timedelta

import pytest

from core.check import check_ledger
from core.domain.errors import RulesContradict
from core.domain.ladder import Level, Metric, Turnover, level_of
from core.domain.people import Role
from core.domain.programme import Programme, with_changes
from core.domain.rules import Metrics, Rule, categories_after, class_of, rule_discount
from core.store import categories, customers
from tests.bots.customer_chat import chatting
from tests.bots.till_kit import CASHIER, MANAGER, counter, customer_with
from tests.bots.world import ANNA, CUSTOMER_BOT
from tests.conftest import enrol, hire
from tests.core.kit import actor_of, buy, fresh_key, one

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
TWO_DISCOUNTS = [
    {"effect": "discount", "trigger": "sold", "threshold": 1_000_00, "percent": 500},
    {"effect": "discount", "trigger": "visits", "threshold": 1, "percent": 700},
]
CLASSES = [
    Rule("class", trigger, threshold, name=name)
    for name, sold, visits in (("bronze", 20_000_00, 10), ("silver", 50_000_00, 30), ("gold", 100_000_00, 50))
    for trigger, threshold in (("sold", sold), ("visits", visits))
]
THREE_CATEGORIES = [
    {"effect": "add", "trigger": "sold", "threshold": 2_000_00, "name": "Эконом"},
    {"effect": "add", "trigger": "paid", "threshold": 3_000_00, "name": "VIP"},
    {"effect": "add", "trigger": "visits", "threshold": 1, "name": "Постоянные"},
]
LADDER = [
    {"name": "Бронза", "threshold": 1_000_00, "discount": 500},
    {"name": "Серебро", "threshold": 5_000_00, "accrual_percent": 1000},
]


def metrics(sold=0, paid=0, visits=0, last=None, now=NOW, status=None):
    return Metrics(Turnover(sold, paid, visits), last, now, status)


async def worked(core, owner="worker"):
    """Do all jobs that wait to their ends."""
    while (job := await core.jobs.claim(owner)) is not None:
        while job is not None:
            job = await core.jobs.step(job, owner)


async def sound():
    assert not (await check_ledger()).findings


# --- two discount rules 5 and 7: 7 ---------------------------------------------------------------------
def test_two_discount_rules_5_and_7_give_7():
    rules = [Rule(**each) for each in TWO_DISCOUNTS]
    assert rule_discount(rules, metrics(sold=1_000_00, visits=1), None) == 700
    assert rule_discount(rules, metrics(sold=1_000_00), None) == 500
    assert rule_discount(rules, metrics(sold=999_99), None) == 0


@on_sqlite
async def test_two_discount_rules_5_and_7_give_7_at_the_till(core):
    await core.programmes.change({"rules": TWO_DISCOUNTS})
    await customer_with(core, 100)
    async with counter(core) as till:
        assert "Скидка 7 %" in await till.say("9000000001")
        quote = await till.say("1000")
        assert "Скидка: −70,00 ₽ (по правилам)" in quote
        assert "К оплате: 930,00 ₽" in quote
    await worked(core)
    await sound()


# --- sold 5 000: 5 %; day 60 keeps, day 61 takes away --------------------------------------------------
@pytest.mark.parametrize(
    ("away", "discount"),
    [
        (timedelta(days=60), 500),
        (timedelta(days=61) - timedelta(seconds=1), 500),
        (timedelta(days=61), 0),
    ],
)
def test_sold_5000_gives_5_percent_day_60_keeps_day_61_takes_away(away, discount):
    rules = [Rule("discount", "sold", 5_000_00, 500)]
    assert rule_discount(rules, metrics(sold=5_000_00, last=NOW, now=NOW + away), 60) == discount
    assert rule_discount(rules, metrics(sold=4_999_99, last=NOW), 60) == 0


async def test_sold_5000_is_priced_and_swept_by_the_day(core, cashier, clock):
    rule = {"effect": "discount", "trigger": "sold", "threshold": 5_000_00, "percent": 500}
    await core.programmes.change({"rules": [rule], "discount_cancel_days": 60})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 5_000_00)
    assert (await customers.get(customer)).rule_discount == 500
    clock.forward(days=60)
    kept = await core.till.open_sale(cashier, customer, 100_00, key=fresh_key())
    assert (kept.discount, kept.discount_source) == (5_00, "rule")
    await core.standings.sweep(clock.now())
    await worked(core)
    assert (await customers.get(customer)).rule_discount == 500
    clock.forward(days=1)
    gone = await core.till.open_sale(cashier, customer, 100_00, key=fresh_key())
    assert (gone.discount, gone.discount_source) == (0, None)
    await core.standings.sweep(clock.now())
    await worked(core)
    assert (await customers.get(customer)).rule_discount == 0


# --- bill 1000 paid 400: sold +1000, paid +400 ---------------------------------------------------------
@on_sqlite
async def test_bill_1000_paid_400_sold_1000_paid_400(core):
    await core.programmes.change({"part_payments_on": True})
    customer = await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1000")
        await till.press("💵 Оплачена часть")
        assert "от 0 до" in await till.say("-400") or "цифрами" in till.text
        assert "больше принять нельзя" in await till.say("1000,01")
        quote = await till.say("400")
        assert "Оплачено сейчас: 400,00 ₽, останется 600,00 ₽" in quote
        done = await till.press("✅ Начислить 20")
        assert "Оплачено: 400,00 ₽, осталось 600,00 ₽" in done
        row = await customers.get(customer)
        assert (row.sold, row.paid, row.visits) == (1000_00, 400_00, 1)
        await sound()
        assert "💵 Доплата" in till.keys
        await till.say("9000000001")
        await till.press("💵 Доплата")
        assert "Осталось оплатить 600,00 ₽" in await till.say("600,01")
        await till.say("100,50")
        await till.press("💵 Доплата")
        assert till.keys[0] == "💵 Всё: 499,50 ₽"
        paid = await till.press(till.last.buttons[0][0])
        assert "Начислено: 50 баллов" in paid
        assert "💵 Доплата" not in till.keys
    row = await customers.get(customer)
    assert (row.sold, row.paid, row.visits) == (1000_00, 1000_00, 1)
    assert (await core.balances.open(actor_of(customer))).points == 50_00
    assert await one("SELECT count(*) FROM purchase_payment") == 3
    await sound()


async def test_a_part_payment_counts_once_and_can_be_undone(core, cashier):
    customer = await enrol(core, 1)
    sale = await core.till.open_sale(cashier, customer, 1000_00, key=fresh_key())
    await core.payments.pay_now(cashier, sale.purchase_id, 400_00)
    await core.till.accrue(cashier, sale.purchase_id)
    for _ in range(2):
        more = await core.payments.pay_rest(cashier, sale.purchase_id, 100_00, seen_paid=400_00)
        assert (more.paid, more.accrual) == (500_00, 25_00)
    await sound()
    await core.refunds.undo(cashier, sale.purchase_id)
    row = await customers.get(customer)
    assert (row.sold, row.paid, row.visits) == (0, 0, 0)
    assert (await core.balances.open(actor_of(customer))).points == 0
    await sound()


# --- 20 000 or 10 visits Bronze, 50 000 or 30 Silver, 100 000 or 50 Gold, both: Gold -------------------
@pytest.mark.parametrize(
    ("threshold", "below", "reached"),
    [
        (20_000_00, None, "bronze"),
        (50_000_00, "bronze", "silver"),
        (100_000_00, "silver", "gold"),
    ],
)
def test_classes_at_their_thresholds(threshold, below, reached):
    found = [class_of(CLASSES, metrics(sold=threshold + more), None) for more in (-1, 0, 1)]
    assert found == [below, reached, reached]


@pytest.mark.parametrize(
    ("visits", "below", "reached"), [(10, None, "bronze"), (30, "bronze", "silver"), (50, "silver", "gold")]
)
def test_classes_at_their_visits(visits, below, reached):
    found = [class_of(CLASSES, metrics(visits=visits + more), None) for more in (-1, 0, 1)]
    assert found == [below, reached, reached]


def test_by_both_criteria_the_higher_class_stands_and_absence_ends_it():
    assert class_of(CLASSES, metrics(sold=20_000_00, visits=50), None) == "gold"
    assert class_of(CLASSES, metrics(sold=100_000_00, visits=10), None) == "gold"
    away = metrics(sold=100_000_00, last=NOW, now=NOW + timedelta(days=91))
    assert (class_of(CLASSES, away, 90), class_of(CLASSES, away, 91)) == (None, "gold")


@pytest.mark.parametrize("metric", list(Metric))
def test_levels_at_their_thresholds(metric):
    levels = [Level("Bronze", 10), Level("Silver", 30)]
    found = [level_of(levels, metric, Turnover(**{metric.value: n})) for n in (9, 10, 11, 29, 30, 31)]
    assert [level and level.name for level in found] == [None, *["Bronze"] * 3, *["Silver"] * 2]


@on_sqlite
async def test_a_class_stands_in_the_panel_with_its_discount(core):
    rules = [{"effect": "class", "trigger": "sold", "threshold": 2_000_00, "name": "silver"}]
    await core.programmes.change({"rules": rules, "silver_discount": 300})
    customer = await customer_with(core, 100)
    assert (await customers.get(customer)).importance == "silver"
    async with counter(core) as till:
        assert "🥈 Серебро · скидка 3 %" in await till.say("9000000001")
        assert "(класс клиента)" in await till.say("1000")


# --- three criteria, three categories: all three; contradictory removal refused ------------------------
@on_sqlite
async def test_three_criteria_give_all_three_categories(core):
    await core.programmes.change({"rules": THREE_CATEGORIES})
    customer = await customer_with(core, 150)
    held = (await categories.held([customer]))[customer]
    assert held == {"Эконом": "rule", "VIP": "rule", "Постоянные": "rule"}
    async with counter(core) as till:
        panel = await till.say("9000000001")
        assert all(name in panel for name in held)
        assert "🏷 Категории" not in till.keys


def test_additions_come_first_and_removals_then():
    rules = [Rule("add", "sold", 2_000_00, name="Эконом"), Rule("remove", "sold", 10_000_00, name="Эконом")]
    assert categories_after((), rules, metrics(sold=9_999_99)) == {"Эконом"}
    assert categories_after((), rules, metrics(sold=10_000_00)) == set()


@pytest.mark.parametrize(("removal", "refused"), [(1_999_99, True), (2_000_00, True), (2_000_01, False)])
def test_a_contradictory_removal_is_refused(removal, refused):
    gone = {"effect": "remove", "trigger": "sold", "threshold": removal, "name": "эконом"}
    changes = {"rules": [THREE_CATEGORIES[0], gone]}
    if not refused:
        assert len(with_changes(Programme(), changes).rules) == 2
        return
    with pytest.raises(RulesContradict) as error:
        with_changes(Programme(), changes)
    assert error.value.data["adding"]["name"] == "Эконом"
    assert error.value.data["removing"]["threshold"] == removal


@on_sqlite
async def test_a_contradictory_removal_is_refused_in_the_office_with_both_named(core):
    await buy(core, await hire(core, CASHIER.id, Role.CASHIER), await customer_with(core, 0), 3_000_00)
    async with counter(core, MANAGER, Role.OWNER) as office:
        await office.say("⚙️ Управление")
        await office.press("📐 Правила")
        await office.press("➕ В категорию")
        await office.press("Продано от суммы")
        await office.say("2000")
        added = await office.say("Эконом")
        assert "1. продано от 2 000,00 ₽: добавить в «Эконом»" in added
        await worked(core)
        await office.sees("Клиенты пересчитаны: 1")
        rules = next(each.id for each in office.messages if "Правила" in each.text)
        await office.press("➖ Из категории", rules)
        await office.press("Продано от суммы")
        await office.say("2 000")
        refused = await office.say("Эконом")
        assert "продано от 2 000,00 ₽: добавить в «Эконом»" in refused
        assert "продано от 2 000,00 ₽: убрать из «Эконом»" in refused
        assert len((await core.programmes.current()).rules) == 1
        panel = await office.say("9000000001")
        assert "🏷 Эконом" in panel
        await office.press("🏷 Категории")
        assert "В ни одной" not in await office.press("❌ Эконом")
        assert "➕ Эконом" in office.keys


# --- 90 days away: Потерянные --------------------------------------------------------------------------
async def test_90_days_away_is_lost_and_coming_back_is_found(core, cashier, clock):
    rules = [
        {"effect": "add", "trigger": "absent", "threshold": 90, "name": "Потерянные"},
        {"effect": "remove", "trigger": "came", "name": "Потерянные"},
    ]
    await core.programmes.change({"rules": rules})
    away, never = await enrol(core, 1), await enrol(core, 2)
    await buy(core, cashier, away, 100_00)

    async def held():
        await core.standings.sweep(clock.now())
        await worked(core)
        return [set(each) for each in (await categories.held([away, never])).values()]

    clock.forward(days=90)
    assert await held() == [set(), set()]
    clock.forward(days=1)
    assert await held() == [{"Потерянные"}, set()]
    await buy(core, cashier, away, 100_00)
    assert await held() == [set(), set()]
    await sound()


# --- levels follow turnover, never the balance ---------------------------------------------------------
@on_sqlite
async def test_a_level_is_reached_told_shown_and_lost_by_undoing_only(core):
    await core.programmes.change({"levels": LADDER, "confirm_redemption": False})
    await worked(core)
    async with chatting(core) as anna:
        anna.bots.world.acquaint(ANNA, CUSTOMER_BOT)
        customer = await customer_with(core, 0)
        cashier = await hire(core, CASHIER.id, Role.CASHIER)
        await buy(core, cashier, customer, 999_99)
        assert "До уровня «Бронза»: ещё 0,01 ₽" in await anna.say("💰 Баланс")
        await buy(core, cashier, customer, 1)
        assert "Скидка: 5 %" in await anna.told("Ваш новый уровень: Бронза")
        balance = await anna.say("💰 Баланс")
        assert "Ваш уровень: Бронза" in balance
        assert "Ваша скидка: 5 %" in balance
        assert "До уровня «Серебро»: ещё 4 000,00 ₽" in balance
        last = await buy(core, cashier, customer, 5_000_00)
        assert "За покупки возвращаем: 10 %" in await anna.told("Ваш новый уровень: Серебро")
        spent = await core.till.open_sale(cashier, customer, 100_00, key=fresh_key())
        await core.redemption.spend(cashier, spent.purchase_id, 50_00, key=fresh_key())
        assert (await customers.get(customer)).level == "Серебро"
        await core.refunds.undo(cashier, last)
        assert (await customers.get(customer)).level == "Бронза"
        await buy(core, cashier, customer, 10_000_00)
        assert (await customers.get(customer)).level == "Серебро"
    assert await one("SELECT count(*) FROM message WHERE template = 'notice/level_reached'") == 2
    await sound()


async def test_everybody_is_recomputed_in_batches_and_a_kill_loses_nothing(core, cashier, clock, monkeypatch):
    monkeypatch.setattr("core.standing.BATCH", 2)
    people = [await enrol(core, number) for number in range(1, 6)]
    for number, customer in enumerate(people):
        await buy(core, cashier, customer, 500_00 * (number + 1))
    await core.programmes.change({"levels": LADDER, "rules": THREE_CATEGORIES})
    killed = await core.jobs.claim("killed")
    await core.jobs.step(killed, "killed")
    await core.programmes.change({"levels": [LADDER[0] | {"name": "Медь"}, LADDER[1]]})
    clock.forward(minutes=1)
    await worked(core, "heir")
    levels = [(await customers.get(customer)).level for customer in people]
    assert levels == [None, *["Медь"] * 4]
    held = await categories.held(people)
    assert [len(held[customer]) for customer in people] == [1, 1, 1, 2, 2]
    assert await one("SELECT count(*) FROM message WHERE template = 'notice/level_reached'") == 0
    assert await one("SELECT count(*) FROM job WHERE state = 'done'") == 2
    await sound()


# --- visits --------------------------------------------------------------------------------------------
@on_sqlite
async def test_visits_are_booked_marked_and_settled_by_a_purchase(core):
    rules = [{"effect": "add", "trigger": "no_show", "name": "Подводят"}]
    await core.programmes.change({"visits_on": True, "rules": rules})
    customer = await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001")
        assert "не записывали" in await till.press("🚫 Не пришёл")
        await till.press("🗓 Записать")
        assert "Например" in await till.say("завтра")
        assert "позже" in await till.say("11:00")
        assert "🗓 Клиент записан" in await till.say("15:30")
        await till.say("/shift")
        assert "⏳ 15:30 Без имени" in await till.press("🗓 Визиты")
        assert "🚫 15:30 Без имени" in await till.press("🚫 Не пришёл")
        assert "🏷 Подводят" in await till.say("9000000001")
        assert "✅ Отмечено" in await till.press("✅ Пришёл")
        await till.press("✅ Пришёл", till.last.id)
        assert (await customers.get(customer)).visits == 1
        await till.say("500")
        await till.press("✅ Начислить 25")
        assert (await customers.get(customer)).visits == 1
        await sound()
        await till.press("↩️ Отменить")
        assert (await customers.get(customer)).visits == 1
    await sound()


async def test_a_purchase_settles_who_was_awaited_and_undoing_awaits_them_again(core, cashier, clock):
    await core.programmes.change({"visits_on": True})
    customer = await enrol(core, 1)
    visit = await core.visits.expect(cashier, customer, clock.now() + timedelta(hours=1), key="visit")
    bought = await buy(core, cashier, customer, 100_00)
    row = await customers.get(customer)
    assert (row.visits, (await core.visits.today(cashier)).visits[0].status) == (1, "came")
    await core.refunds.undo(cashier, bought)
    row = await customers.get(customer)
    assert (row.visits, row.last_visit_at) == (0, None)
    assert (await core.visits.today(cashier)).visits[0].status == "expected"
    await core.visits.settle(cashier, visit.id, "came")
    await core.visits.settle(cashier, visit.id, "no_show")
    assert (await customers.get(customer)).visits == 0
    await sound()
