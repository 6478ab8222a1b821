"""Proving a phone by a code from an SMS: tries, pauses, limits, and a gateway that fails."""

import pytest

from core.services import Services
from core.store import customers
from tests.bots.customer_chat import chatting
from tests.conftest import ManualClock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def wrong(code: str) -> str:
    """Another code of the same length."""
    return str(int(code) - 1) if int(code) % 2 else str(int(code) + 1)


async def test_by_a_code(core: Services) -> None:
    await core.programmes.change({"name": "Кофейня"})
    async with chatting(core) as anna:
        await anna.start()
        said = await anna.say("8 (900) 000-00-01")
        assert "SMS с кодом на +7 900 000-00-01" in said
        assert "4 цифры" in said
        assert "через 1 мин" in said
        assert anna.keys == ["Отправить ещё раз", "Изменить номер"]
        code = await anna.code()
        assert [sms.text for sms in anna.bots.world.sms("79000000001")] == [f"Код {code} для регистрации: Кофейня"]

        assert "Осталось 2 попытки" in await anna.say(wrong(code))
        assert anna.keys == ["Отправить ещё раз", "Изменить номер"]
        assert "Осталась 1 попытка" in await anna.say(wrong(code))
        assert "подтверждён" in await anna.say(f" {code[:2]} {code[2:]} ")
        await anna.press("✅ Согласен")
        row = await customers.get((await anna.actor()).id)
        assert row is not None
        assert row.phone == "79000000001"


async def test_another_code_after_a_minute(core: Services, clock: ManualClock) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        old = await anna.code()
        clock.forward(seconds=18)
        assert "через 42 с" in await anna.press("Отправить ещё раз")
        clock.forward(seconds=42)
        assert "Отправили новый код на +7 900 ***-**-01" in await anna.press("Отправить ещё раз")
        new = await anna.code(2)
        if old != new:
            assert "Код не подошёл" in await anna.say(old)
        assert "подтверждён" in await anna.say(new)


async def test_tries_run_out(core: Services, clock: ManualClock) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        code = await anna.code()
        for _ in range(2):
            await anna.say(wrong(code))
        assert "Новый можно запросить через 3 мин" in await anna.say(wrong(code))
        assert "Попытки закончились" in await anna.say(code)
        clock.forward(seconds=100)
        assert "через 1 мин" not in await anna.press("Отправить ещё раз")
        clock.forward(seconds=80)
        assert "Отправили новый код" in await anna.press("Отправить ещё раз")
        assert "подтверждён" in await anna.say(await anna.code(2))


async def test_an_old_code_does_not_work(core: Services, clock: ManualClock) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        code = await anna.code()
        clock.forward(minutes=5)
        assert "больше не действует. Запросите новый" in await anna.say(code)
        assert anna.keys == ["Отправить ещё раз", "Изменить номер"]
        await anna.press("Отправить ещё раз")
        assert "подтверждён" in await anna.say(await anna.code(2))


async def test_the_phone_can_be_changed(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000007")
        await anna.bots.world.wait_sms("79000000007")
        assert "Напишите номер телефона" in await anna.press("Изменить номер")
        await anna.say("89000000001")
        assert "подтверждён" in await anna.say(await anna.code())
        await anna.press("✅ Согласен")
        row = await customers.get((await anna.actor()).id)
        assert row is not None
        assert row.phone == "79000000001"


async def test_the_same_phone_again_awaits_the_code_on_its_way(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        code = await anna.code()
        await anna.press("Изменить номер")
        assert "Следующее SMS можно отправить через 1 мин" in await anna.say("89000000001")
        assert "подтверждён" in await anna.say(code)


async def test_a_contact_instead_of_the_code(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        assert "подтверждён" in await anna.share(plus=True)


async def test_an_sms_that_did_not_go_stops_nobody(core: Services, clock: ManualClock) -> None:
    async with chatting(core) as anna:
        box = anna.bots.world.sms_box
        money, box.balance = box.balance, 0.0
        await anna.start()
        await anna.say("89000000001")
        said = await anna.told("не отправилось")
        assert "+7 900 ***-**-01" in said
        assert anna.keys == ["Отправить ещё раз", "Изменить номер"]
        box.balance = money
        clock.forward(seconds=61)
        assert "Отправили новый код" in await anna.press("Отправить ещё раз")
        assert "подтверждён" in await anna.say(await anna.code())


async def test_an_sms_that_did_not_go_is_done_without(core: Services) -> None:
    async with chatting(core) as anna:
        anna.bots.world.sms_box.balance = 0.0
        await anna.start()
        await anna.say("89000000001")
        await anna.told("не отправилось")
        assert "Напишите номер телефона" in await anna.press("Изменить номер")
        assert "подтверждён" in await anna.share()


async def test_codes_run_out_for_the_day(core: Services, clock: ManualClock) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        for _ in range(5):
            clock.forward(seconds=61)
            assert "Отправили новый код" in await anna.press("Отправить ещё раз")
        clock.forward(seconds=61)
        assert "слишком много SMS" in await anna.press("Отправить ещё раз")
        assert "подтверждён" in await anna.share()


async def test_no_code_goes_to_a_landline(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        assert "На этот номер SMS не приходят" in await anna.say("+7 495 123-45-67")
        assert "SMS с кодом" in await anna.say("89000000001")
