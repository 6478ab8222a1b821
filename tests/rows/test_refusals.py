"""Refusals are as good as successes: whatever is sent to an open question, the bounds or the way on are told."""

import pytest

from core.domain.people import Role
from core.services import Services
from tests.bots.till_kit import CASHIER, Counter, counter, customer_with
from tests.bots.world import STAFF_BOT

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
NUMBERS = ("-1", "1" + "0" * 30, "🙂", "десять", "10,5,5", "x" * 4000)
QUESTIONS = {
    ("📋 Программа", "Начисление", "Процент начисления", "✏️ Изменить"): "от 1 % до 100 %",
    ("📋 Программа", "Списание", "Цена балла", "✏️ Изменить"): "от 0,01 ₽ до 10 000,00 ₽",
    ("📋 Программа", "Подарки", "Подарки за баллы", "✏️ Изменить", "➕ Добавить подарок", "=Кофе"): "от 0,01 до",
    ("🏅 Уровни", "➕ Добавить уровень", "=Серебро"): "от 0 до 100 000 000",
    ("📐 Правила", "➕ Скидка", "Продано от суммы"): "от 0",
    ("🎉 Акции и купоны", "➕ Новая акция", "✖️ Больше баллов"): "от 1,10 до 10",
    ("🎉 Акции и купоны", "🏷 Купоны", "➕ Новый купон", "% Скидка"): "от 0,01",
    ("💳 Карты", "➕ Диапазон номеров"): "100001-100500",
    ("🛍 Каталог", "➕ Товар", "=Чай"): "от 0,01 до 100 000 000",
}


async def asked(at: Counter, path: tuple[str, ...]) -> None:
    await at.say("/admin")
    for step in path:
        await (at.say(step[1:]) if step.startswith("=") else at.press(step))


async def test_every_number_out_of_bounds_is_told_them(core: Services) -> None:
    async with counter(core, CASHIER, Role.OWNER) as at:
        for path, bounds in QUESTIONS.items():
            await asked(at, path)
            for wrong in NUMBERS:
                said = await at.say(wrong)
                assert bounds in said, (path, wrong, said)


async def test_a_sticker_is_told_what_is_awaited(core: Services) -> None:
    async with counter(core, CASHIER, Role.OWNER) as at:
        for path in QUESTIONS:
            await asked(at, path)
            said = await at.do(lambda: at.bots.world.send_sticker(CASHIER, STAFF_BOT))
            assert "Отправьте" in said, (path, said)
            assert "телефон, карту или код" not in said, (path, said)


async def test_buttons_of_what_is_gone_say_so_and_lead_on(core: Services) -> None:
    """Deleted or changed by somebody else while the old screen was open."""
    await customer_with(core, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        for stale in ("pr:open:999::0", "pe:open:999::0", "cd:open:999::0", "of:open:999:coupon", "br:open:999:0",
                      "of:save:0:", "lv:open:5:0:", "rl:open:5:0:", "hd:open:999", "mp:open:999",
                      "m:member:999:", "lg:row:0::0:0:0:999", "pr:group:999:0:"):  # fmt: skip
            await at.say("/admin")
            said = await at.press(stale, at.last.id, force=True)
            assert len(said) > 15, (stale, said)


@pytest.mark.parametrize("typed", ["0", "2026", "50 %"])
async def test_a_level_without_a_letter_is_refused_and_asked_again(core: Services, typed: str) -> None:
    async with counter(core, CASHIER, Role.OWNER) as at:
        await asked(at, ("🏅 Уровни", "➕ Добавить уровень"))
        said = await at.say(typed)
        assert "нужна хотя бы одна буква" in said
        assert f"до 32 знаков, например: Уровень {typed}." in said
        assert "От какой суммы" not in said
        assert "От какой суммы" in await at.say(f"Уровень {typed}"), "the question was still open"
        await at.say("1000")
        assert [level.name for level in (await core.programmes.current()).levels] == [f"Уровень {typed}"]
        await at.press("Название")
        assert "нужна хотя бы одна буква" in await at.say(typed), "a new name, too"
        assert [level.name for level in (await core.programmes.current()).levels] == [f"Уровень {typed}"]
