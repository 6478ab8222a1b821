"""«Уровни» in the office: a new level asks at once what it gives, and stays open while its parts are set."""

import pytest

from core.domain.people import Role
from core.services import Services
from core.store.programmes import in_force
from handlers.callbacks import OnLevel
from tests.bots.till_kit import CASHIER, counter

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def test_a_level_is_set_without_being_opened_again_for_each_part(core: Services) -> None:
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at.say("/admin")
        await at.press(OnLevel(do="list").pack(), at.last.id)
        for name, start in (("Золото", "50000"), ("Серебро", "10000")):
            await at.press("➕ Добавить уровень")
            await at.say(name)
            said = await at.say(start)
            assert name in said
            assert "Начисление: как в программе" in said
            await at.press("⬅️ Назад")
        await at.press("Серебро")
        await at.press("Начисление")
        assert "Начисление: 10 %" in await at.say("10")
        await at.press("Порог")
        said = await at.say("90000")
        assert "Начисление: 10 %" in said, "the level itself, although it is the second one now"
        await at.press("Скидка")
        assert "Скидка: 3 %" in await at.say("3%")
        await at.press("🗑 Удалить")
        said = await at.press("Да, удалить")
        assert "Серебро" not in said
    assert [each.name for each in (await in_force()).programme.levels] == ["Золото"]
