"""A review through both bots: asked, few stars, words, the manager told, an answer, and the office's screens."""

import pytest

from core.actors import CustomerActor, StaffActor
from core.domain.people import Role
from core.services import Services
from simulator import Person
from tests.bots.customer_chat import Chat
from tests.bots.till_kit import Counter
from tests.bots.world import ANNA, CASHIER, CUSTOMER_BOT, MANAGER, STAFF_BOT, running
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import buy

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

PEOPLE: tuple[Person, ...] = (ANNA, MANAGER, CASHIER)


async def test_from_the_question_to_the_answer(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    await core.programmes.change({"review_hours": 3})
    await hire(core, MANAGER.id, Role.MANAGER)
    anna = await enrol(core, ANNA.id, "79000000001")
    await core.preferences.set_name(CustomerActor(anna, ANNA.id, "ru", None), "<Анна>")
    async with running(core, people=PEOPLE) as bots:
        bots.world.acquaint(ANNA, CUSTOMER_BOT)
        bots.world.acquaint(MANAGER, STAFF_BOT)
        customer, manager = Chat(bots, ANNA), Counter(bots, MANAGER)
        await buy(core, cashier, anna, 1_500_00)
        clock.forward(hours=3)
        await core.reviews.sweep(clock.now())
        assert "1 500,00 ₽" in await customer.told("Как вам покупка?")
        assert customer.keys == ["⭐ 1", "⭐ 2", "⭐ 3", "⭐ 4", "⭐ 5"]
        asked = customer.last.id
        said = await customer.press("⭐ 2", asked)
        assert "Ваша оценка: ⭐⭐" in said
        assert "Расскажите подробнее" in said
        assert "<Анна>" in await manager.sees("Оценка 2 из 5")
        assert "Расскажите подробнее" in await customer.do(lambda: bots.world.send_sticker(ANNA, CUSTOMER_BOT)), (
            "something else gets the question again"
        )
        rated = customer.last.id
        assert "до 1000 знаков" in await customer.say("x" * 1001)
        assert "Спасибо за отзыв" in await customer.say("Кофе <остыл> & чай")
        question = next(each for each in bots.world.from_bot(ANNA, CUSTOMER_BOT) if each.id == rated)
        assert question.text == "Спасибо! Ваша оценка: ⭐⭐", "it asks for nothing any more"
        assert "Кофе <остыл> & чай" in await manager.sees("рассказал подробнее")
        said = await customer.press("⭐ 5", asked, force=True)
        assert "Ваш отзыв уже отправлен" in said

        await manager.press("✍️ Ответить")
        assert "Кофе <остыл> & чай" in await manager.press("⬅️ Назад"), "back to the review"
        assert "Что ответить?" in await manager.press("✍️ Ответить", manager.last.id)
        assert manager.keys == ["⬅️ Назад"]
        said = await manager.say("Приходите, сварим <новый>")
        assert "Приходите, сварим <новый>" in said
        assert "+7 900 ***-**-01" in said
        assert "Приходите, сварим <новый>" in await customer.told("Вам ответили на отзыв")
        low = next(each for each in manager.messages if "Оценка 2 из 5" in each.text)
        assert "уже ответили" in await manager.press("✍️ Ответить", low.id)

        assert "Основная точка: 2 · отзывов: 1, из них 3 и ниже: 1" in await opened(manager)
        await manager.press("⚠️ 3 и ниже")
        said = await manager.press("⭐ 2 · <Анна> · 2 марта 💬")
        assert "Кофе <остыл> & чай" in said


async def opened(manager: Counter) -> str:
    """The office's screen of reviews."""
    await manager.say("/admin")
    return await manager.press("⭐ Отзывы")


async def test_stars_alone_will_do(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    await core.programmes.change({"review_hours": 3})
    anna = await enrol(core, ANNA.id, "79000000001")
    async with running(core, people=PEOPLE) as bots:
        bots.world.acquaint(ANNA, CUSTOMER_BOT)
        customer = Chat(bots, ANNA)
        await buy(core, cashier, anna, 1_500_00)
        clock.forward(hours=3)
        await core.reviews.sweep(clock.now())
        await customer.told("Как вам покупка?")
        assert "что понравилось" in await customer.press("⭐ 4")
        assert "⭐⭐⭐⭐⭐" in await customer.press("⭐ 5")
        assert "Спасибо за оценку!" in await customer.press("Пропустить")
        assert "Не удалось это понять" in await customer.say("Просто так"), "nothing is asked any more"
