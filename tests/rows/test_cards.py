"""Rows of the programme's table: a lost card, and the pool of cards apart from customers."""

import pytest

from core.domain.people import Role
from core.services import Services
from core.store import cards
from tests.bots.test_office_customers import work_off
from tests.bots.till_kit import BORIS, CASHIER, MANAGER, PHONE, Counter, at_work, counter, street
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import one, points_of

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def in_office(at: Counter, *steps: str) -> str:
    """Press through the office; a step with = is typed."""
    said = await at.say("/admin")
    for step in steps:
        said = await (at.say(step[1:]) if step.startswith("=") else at.press(step))
    return said


# --- lost card: new code, known phone, old blocked, balance unchanged ---------------------------------
@on_sqlite
async def test_lost_card_new_code_known_phone_old_blocked_balance_unchanged(core: Services) -> None:
    customer = await enrol(core, BORIS.id, f"7{PHONE[BORIS.id]}")
    earner = await hire(core, MANAGER.id, Role.MANAGER)
    await core.cards.bind(earner, customer, "5550001")
    sale = await core.till.open_sale(earner, customer, 10_000_00, key="earned")
    await core.till.accrue(earner, sale.purchase_id)
    async with counter(core) as at:
        assert "500 баллов" in await at.say("5550001")
        assert "не зарегистрирована" in await at.say("5550002")
        assert "Какой телефон" in await at.press("💳 Создать карту")
        said = await at.say(PHONE[BORIS.id])
        assert "Прежняя, 5550001, будет заблокирована" in said
        assert "500 баллов" in await at.press("🔗 Привязать карту")
        refusal = await at.say("5550001")
        assert "заблокирована" in refusal
        assert "по телефону" in refusal
        assert "500 баллов" in await at.say("5550002")
    assert await points_of(core, customer) == 500_00
    assert await one("SELECT count(*) AS n FROM card WHERE customer_id = $1 AND status = 'bound'", customer) == 1
    assert await one("SELECT status FROM card WHERE number = '5550001'") == "blocked"


# --- a pool card is not among customers until shown ---------------------------------------------------
@on_sqlite
async def test_a_pool_card_is_not_among_customers_until_shown(core: Services, clock: ManualClock) -> None:
    customer = await enrol(core, BORIS.id, f"7{PHONE[BORIS.id]}")
    await hire(core, CASHIER.id, Role.CASHIER)
    await hire(core, MANAGER.id, Role.MANAGER)
    async with street() as simulator:
        async with at_work(core, simulator, MANAGER) as office:
            await in_office(office, "💳 Карты", "➕ Диапазон номеров", "=880001-880100")
            await work_off(core)
            await office.sees("Карты загружены: 100")
            assert "В запасе: 100" in await in_office(office, "💳 Карты")
            assert "880001" in await office.press("💳 В запасе")
            assert "никого нет" in await in_office(office, "👥 Клиенты", "🔎 Найти", "=880001")
            assert "880001" not in await in_office(office, "👥 Клиенты", "↕️ Сортировка", "💳 Карта")
            assert await one("SELECT count(*) AS n FROM customer") == 1
        async with at_work(core, simulator, CASHIER) as till:
            assert "ещё ни у кого" in await till.say("880001")
            await till.press("💳 Создать карту")
            await till.say(PHONE[BORIS.id])
            await till.press("🔗 Привязать карту")
        async with at_work(core, simulator, MANAGER) as office:
            found = await in_office(office, "👥 Клиенты", "↕️ Сортировка", "💳 Карта")
            assert "💳 880001" in found
            assert "В запасе: 99" in await in_office(office, "💳 Карты")
    assert await cards.number_of(customer) == "880001"
