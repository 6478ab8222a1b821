"""The customer's own data in the chat: another number, a file of everything, being forgotten."""

import json

import pytest

from core.actors import StaffActor
from core.services import Services
from core.store import customers
from tests.bots.customer_chat import chatting
from tests.conftest import ManualClock, enrol

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

NEW = "79000000777"


async def phone_of(core: Services, customer_id: int) -> str | None:
    row = await customers.get(customer_id)
    assert row is not None
    return row.phone


async def test_another_number_by_a_code(core: Services, clock: ManualClock) -> None:
    async with chatting(core) as anna:
        await anna.register()
        me = (await anna.actor()).id
        await anna.say("/settings")
        assert "На какой номер сменить?" in await anna.press("📱 Сменить номер")
        assert anna.keys == ["⬅️ Назад"]
        assert "Не похоже на номер телефона" in await anna.say("мой новый")
        assert "Это и есть ваш номер" in await anna.say("89000000001")
        assert "Отправили SMS с кодом на +7 900 000-07-77" in await anna.say("8 900 000-07-77")
        first = (await anna.bots.world.wait_sms(NEW)).text
        assert "для смены номера" in first
        code = next(word for word in first.split() if word.isdigit())
        assert "Код не подошёл" in await anna.say("1111" if code != "1111" else "2222")
        assert "через" in await anna.press("Отправить ещё раз")
        clock.forward(seconds=61)
        assert "новый код" in await anna.press("Отправить ещё раз")
        second = (await anna.bots.world.wait_sms(NEW, count=2)).text
        said = await anna.say(next(word for word in second.split() if word.isdigit()))
        assert "Ваш номер теперь +7 900 000-07-77" in said
        assert await phone_of(core, me) == NEW
        assert "💰 0 баллов" in await anna.say("/balance")


async def test_a_number_of_somebody_else_is_refused_without_saying_whose(core: Services) -> None:
    await enrol(core, 77, NEW)
    async with chatting(core) as anna:
        await anna.register()
        me = (await anna.actor()).id
        await anna.say("/settings")
        await anna.press("📱 Сменить номер")
        assert "Отправили SMS с кодом" in await anna.say("89000000777")
        sms = await anna.bots.world.wait_sms(NEW)
        said = await anna.say(next(word for word in sms.text.split() if word.isdigit()))
        assert "Сменить номер на этот здесь не получится" in said
        assert "Не удалось это понять" in await anna.say("1234"), "the question is closed"
        assert await phone_of(core, me) == "79000000001"


async def test_the_question_for_a_number_can_be_left(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.register()
        await anna.say("/settings")
        await anna.press("📱 Сменить номер")
        assert "⚙️ Настройки" in await anna.press("⬅️ Назад")
        await anna.press("📱 Сменить номер")
        await anna.say("89000000777")
        await anna.bots.world.wait_sms(NEW)
        assert "На какой номер сменить?" in await anna.press("Изменить номер")
        assert "Номер не изменён, у вас прежний" in await anna.say("/card")
        assert await phone_of(core, (await anna.actor()).id) == "79000000001"


async def test_everything_comes_as_a_file(core: Services, cashier: StaffActor) -> None:
    async with chatting(core) as anna:
        await anna.register("Анна")
        sale = await core.till.open_sale(cashier, (await anna.actor()).id, 100_00, key="s")
        await core.till.accrue(cashier, sale.purchase_id)
        await anna.say("/settings")
        assert "Здесь всё, что мы о вас храним" in await anna.press("Мои данные")
        document = anna.last.document
        assert document is not None
        found = json.loads(document)
        assert found["customer"]["name"] == "Анна"
        assert found["operations"][0]["points"] == 5_00


async def test_forgetting_takes_two_presses_and_says_what_is_lost(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    async with chatting(core) as anna:
        await anna.register("Анна")
        me = (await anna.actor()).id
        for number, hours in enumerate((0, 24)):
            await core.programmes.change({"activation_delay_hours": hours})
            sale = await core.till.open_sale(cashier, me, 100_00, key=f"s{number}")
            await core.till.accrue(cashier, sale.purchase_id)
        await anna.say("/settings")
        said = await anna.press("Удалить мои данные")
        assert "Сгорят 5 баллов." in said
        assert "Сгорят и 5 баллов, которые ещё не активны." in said
        assert "⚙️ Настройки" in await anna.press("⬅️ Назад")
        assert await phone_of(core, me) == "79000000001"
        await anna.press("Удалить мои данные")
        said = await anna.press("Да, удалить навсегда")
        assert "Ваши данные удалены" in said
        assert "отправьте /start" in said
        assert anna.menu == []
        assert await phone_of(core, me) is None
        assert "Сначала зарегистрируйтесь" in await anna.say("/balance")
        assert "Здравствуйте!" in await anna.start()
        assert "Из них" not in await anna.register()
        assert (await anna.actor()).id != me
