"""A gateway in trouble leaves no registration stuck, and sends no SMS twice."""

import asyncio

import pytest

from core.services import Services
from core.store.sql import fetch
from simulator import Fault
from tests.bots.customer_chat import Chat, chatting
from tests.bots.world import ANNA
from tests.conftest import ManualClock

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

PHONE = "+79000000001"
REGISTERED = "Готово!"


async def ask_for_a_code(anna: Chat) -> None:
    await anna.start()
    await anna.say("8 900 000-00-01")


async def finish(anna: Chat, said: str) -> None:
    """From a verified phone to the menu."""
    assert "подтверждён" in said
    await anna.press("✅ Согласен")
    await anna.press("Пропустить")
    assert REGISTERED in await anna.press("Пропустить")


async def states() -> list[str]:
    rows = await fetch("SELECT state FROM message WHERE channel = 'sms' ORDER BY id")
    return [row["state"] for row in rows]


async def wait_state(state: str) -> None:
    """Until the newest SMS has come to that state."""
    async with asyncio.timeout(60):
        while (await states())[-1] != state:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("kind", ["502_page", "garbage", "reset_before", "500"])
async def test_an_sms_that_was_not_accepted_comes_later_once(
    core: Services, clock: ManualClock, kind: str
) -> None:
    async with chatting(core) as anna:
        anna.bots.world.faults.add(Fault(where="sms", method="sms/send", kind=kind, times=1))
        await ask_for_a_code(anna)
        assert "может прийти" in await anna.told("Неизвестно, дошло ли SMS")
        assert anna.bots.world.sms(PHONE) == []
        clock.forward(seconds=50)
        code = await anna.code()
        await finish(anna, await anna.say(code))
        assert len(anna.bots.world.sms(PHONE)) == 1


@pytest.mark.parametrize("kind", ["reset_after", "garbage_after"])
async def test_an_sms_whose_answer_was_lost_is_not_sent_again(
    core: Services, clock: ManualClock, kind: str
) -> None:
    async with chatting(core) as anna:
        anna.bots.world.faults.add(Fault(where="sms", method="sms/send", kind=kind, times=1))
        await ask_for_a_code(anna)
        await anna.told("Неизвестно, дошло ли SMS")
        clock.forward(seconds=50)
        await wait_state("sent")
        assert len(anna.bots.world.sms(PHONE)) == 1
        await finish(anna, await anna.say(await anna.code()))


async def test_without_money_the_contact_still_registers(core: Services) -> None:
    async with chatting(core) as anna:
        anna.bots.world.faults.add(Fault(where="sms", kind="no_money"))
        await ask_for_a_code(anna)
        await anna.told("не отправилось")
        assert "Отправить ещё раз" in anna.keys
        await finish(anna, await anna.share())
        assert anna.bots.world.sms(PHONE) == []


async def test_a_gateway_that_is_down_is_told_and_tried_again(core: Services, clock: ManualClock) -> None:
    async with chatting(core) as anna:
        down = anna.bots.world.faults.add(Fault(where="sms", kind="429"))
        await ask_for_a_code(anna)
        async with asyncio.timeout(60):
            while await states() != ["failed"]:
                if await states() == ["queued"]:
                    clock.forward(seconds=5)
                await asyncio.sleep(0.02)
        await anna.told("не отправилось")
        assert await states() == ["failed"]
        anna.bots.world.faults.remove(down)
        clock.forward(seconds=60)
        await anna.press("Отправить ещё раз")
        await finish(anna, await anna.say(await anna.code()))
        assert len(anna.bots.world.sms(PHONE)) == 1


async def test_a_gateway_that_hangs_holds_nobody_up(core: Services, clock: ManualClock) -> None:
    async with chatting(core) as anna:
        anna.bots.world.faults.add(Fault(where="sms", method="sms/send", kind="hang", times=1, seconds=3600))
        await ask_for_a_code(anna)
        await finish(anna, await anna.share())
        assert (await anna.bots.core.identification.customer(ANNA.id, "ru")).id
        anna.bots.world.faults.clear()
