"""Customers, cards, branches and files in the office, pressed as a manager or the owner would."""

import io
import zipfile

import pytest

from core.domain.people import Role
from core.services import Services
from tests.bots.till_kit import BORIS, CASHIER, MANAGER, Counter, counter, customer_with
from tests.conftest import enrol, hire
from tests.core.kit import points_of

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def office(at: Counter, *steps: str) -> str:
    """Press through the office; a step with = is typed."""
    said = await at.say("/admin")
    for step in steps:
        said = await (at.say(step[1:]) if step.startswith("=") else at.press(step))
    return said


async def test_two_records_of_one_person_become_one_after_being_asked_twice(core: Services) -> None:
    kept = await customer_with(core, 100)
    other = await enrol(core, BORIS.id, "79000000002")
    earner = await core.staff.identify(MANAGER.id, "ru")
    assert earner is not None
    await core.preferences.edit_at_till(earner, kept, name="Анна Петрова")
    await core.preferences.edit_at_till(earner, other, name="Анна П.")
    async with counter(core, CASHIER, Role.MANAGER) as at:
        said = await office(at, "👥 Клиенты", "🔎 Найти", "=петрова")
        assert "По запросу «петрова»" in said
        assert at.keys[0].startswith("Анна Петрова · +7 900 ***")
        said = await at.press(at.last.buttons[0][0])
        assert "⭐ 100 баллов" in said
        await at.press("🔗 Объединить")
        await at.say("анна п")
        assert len(at.keys) == 2, at.keys
        said = await at.press(at.last.buttons[0][0])
        assert "Это один человек?" in said
        assert "Объединить навсегда?" in await at.press("🔗 Объединить")
        said = await at.press("Да, объединить навсегда")
        assert "✅ Клиенты объединены" in said
        assert "👤 Анна Петрова" in said
        assert "⭐ 100 баллов" in await at.say("9000000002")
    assert await points_of(core, kept) == 100_00


async def test_a_cashier_finds_by_name_and_sees_masked_phones(core: Services) -> None:
    customer = await customer_with(core, 100)
    earner = await core.staff.identify(MANAGER.id, "ru")
    assert earner is not None
    await core.preferences.edit_at_till(earner, customer, name="Анна Петрова")
    async with counter(core) as at:
        said = await at.say("петр")
        assert "Кто из них?" in said
        assert at.keys == ["Анна Петрова · +7 900 ***-**-01"]
        assert "⭐ 100 баллов" in await at.press(at.last.buttons[0][0])
        assert "Начислено" in await at.say("1500") + await at.press("✅ Начислить 75")
        assert "никого нет" in await at.say("Никифор")


async def test_a_blocked_customer_is_refused_kindly_at_the_till(core: Services) -> None:
    await customer_with(core, 100)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await office(at, "👥 Клиенты", "1", "🚫 Заблокировать")
        assert "Заблокирован с" in await at.press("Да, заблокировать")
        assert "Клиент заблокирован" in await at.say("9000000001 1500")
        await office(at, "👥 Клиенты", "1", "✅ Снять блокировку")
        assert "К оплате" in await at.say("9000000001 1500")


async def test_the_owner_adds_a_branch_and_closes_it(core: Services) -> None:
    await customer_with(core, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await office(at, "🏠 Точки", "➕ Добавить точку", "=Тверская", "Омск")
        assert "🌍 Asia/Omsk" in said
        said = await office(at, "🏠 Точки", "Основная точка", "🔒 Закрыть", "Да, закрыть")
        assert "продажи остановлены" in said
        assert "Точка закрыта: Основная точка" in await at.say("9000000001 1500")
        refused = await office(at, "🏠 Точки", "Тверская", "🔒 Закрыть", "Да, закрыть")
        assert "единственная открытая точка" in refused
        assert "Такого часового пояса нет" in await office(at, "🏠 Точки", "Тверская", "🌍 Часовой пояс", "=Марс")


async def test_everything_is_exported_as_a_file(core: Services) -> None:
    await customer_with(core, 100)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await office(at, "🗂 Импорт и экспорт", "📤 Выгрузить всё", "📤 Выгрузить")
        await work_off(core)
        await at.sees("Выгрузка готова")
        await at.press("⬇️ Скачать")
        packed = next(each.document for each in at.messages if each.document is not None)
        with zipfile.ZipFile(io.BytesIO(packed)) as found:
            assert "клиенты.csv" in found.namelist()
        assert "Импорт и экспорт" in await at.press("⬅️ Назад")


async def test_a_card_is_blocked_and_found_again(core: Services) -> None:
    customer = await customer_with(core, 100)
    manager = await hire(core, 9400, Role.MANAGER)
    await core.cards.bind(manager, customer, "4455001")
    async with counter(core, CASHIER, Role.MANAGER) as at:
        said = await office(at, "💳 Карты", "🔎 Найти карту", "=4455", "👤 4455001")
        assert "У клиента" in said
        assert "Заблокирована" in await at.press("🚫 Заблокировать")
        assert "Найдите клиента по телефону" in await at.say("4455001")
        await office(at, "💳 Карты", "🔎 Найти карту", "=4455", "🚫 4455001", "✅ Снять блокировку")
        assert "⭐ 100 баллов" in await at.say("4455001")


async def test_that_a_found_card_works_beside_the_one_given_in_its_place_is_said(core: Services) -> None:
    customer = await customer_with(core, 100)
    manager = await hire(core, 9400, Role.MANAGER)
    for number in ("4455001", "4466002"):
        await core.cards.bind(manager, customer, number)
    async with counter(core, CASHIER, Role.MANAGER) as at:
        await office(at, "💳 Карты", "🔎 Найти карту", "=4455", "🚫 4455001")
        said = await at.press("✅ Снять блокировку")
        assert said.startswith("✅ Карта снова работает. Другая карта клиента работает тоже\n")
        assert said.endswith("⚠️ Работает и другая карта клиента: 4466002. Лишнюю лучше заблокировать.")
        said = await at.press("🚫 Заблокировать")
        assert "4466002" not in said
        await office(at, "💳 Карты", "🔎 Найти карту", "=4466", "👤 4466002")
        assert "⚠️" not in at.text, "the found one is blocked again"


async def test_a_customers_purchases_are_listed_with_what_became_of_them(core: Services) -> None:
    customer = await customer_with(core, 100)
    earner = await core.staff.identify(MANAGER.id, "ru")
    assert earner is not None
    for number in range(9):
        sale = await core.till.open_sale(earner, customer, 100_00 + number, key=f"more:{number}")
        await core.till.accrue(earner, sale.purchase_id)
    await core.refunds.undo(earner, sale.purchase_id)
    async with counter(core, CASHIER, Role.MANAGER) as at:
        await at.say("9000000001")
        await at.press("👤 Подробно")
        said = await at.press("🧾 Покупки")
        assert "↩️ 100,08 ₽, начислено 5 · отменена" in said
        assert "Member" in said
        assert "2 000,00 ₽, начислено 100" in await at.press("▶️")
        assert "⭐" in await at.press("⬅️ Назад")


async def work_off(core: Services) -> None:
    """Do what a worker would."""
    while (job := await core.jobs.claim("worker")) is not None:
        while job is not None:
            job = await core.jobs.step(job, "worker")
