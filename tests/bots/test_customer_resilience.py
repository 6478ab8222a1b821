"""Restarts, updates that come again, blocked bots: the customer bot goes on where it was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from core.actors import StaffActor
from core.services import Services
from core.store import customers
from core.store.sql import fetch
from tests.bots.customer_chat import Chat, chatting, nothing_left
from tests.bots.world import ANNA, CUSTOMER_BOT, serving, simulated
from tests.conftest import enrol

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

Meet = Callable[[Chat], Awaitable[None]]
Act = Callable[[Chat], Awaitable[int]]


async def redeliver(chat: Chat, update_id: int) -> None:
    """The update comes five times more, as after lost confirmations."""
    world = chat.bots.world
    world.redeliver(update_id, times=3)
    world.redeliver(update_id, times=2, together=True)
    await chat.settled()
    await chat.say("/language")  # handled after the copies: updates of a chat keep their order


@asynccontextmanager
async def acted_twice(core: Services, before: Meet, act: Act) -> AsyncIterator[Chat]:
    """What ``act`` sends is handled, but the process dies before that is noted; the next one does it again."""
    async with simulated() as simulator:
        async with serving(core, simulator) as bots:
            anna = Chat(bots, ANNA)
            await before(anna)
            dialogue = await fetch("SELECT * FROM dialogue")
            sent = await act(anna)
            await anna.settled()
        await fetch("DELETE FROM handled_update WHERE key = $1", f"{CUSTOMER_BOT.id}:{sent}")
        await fetch("DELETE FROM dialogue")
        for row in dialogue:
            await fetch(
                "INSERT INTO dialogue (key, state, data, changed_at) VALUES ($1, $2, $3, $4)",
                *(row[name] for name in ("key", "state", "data", "changed_at")),
            )
        simulator.world.redeliver(sent)
        async with serving(core, simulator) as bots:
            anna = Chat(bots, ANNA)
            await anna.say("/language")
            assert await fetch("SELECT key FROM handled_update WHERE key = $1", f"{CUSTOMER_BOT.id}:{sent}")
            await redeliver(anna, sent)
            yield anna
            await nothing_left(bots)


async def test_a_restart_after_every_step_loses_none(core: Services) -> None:
    async with simulated() as simulator:

        async def step(act: str, *words: str) -> str:
            async with serving(core, simulator) as bots:
                anna = Chat(bots, ANNA)
                said = await getattr(anna, act)(*words)
                await nothing_left(bots)
                return said

        await step("start")
        await step("say", "89000000001")
        assert "подтверждён" in await step("say", await step("code"))
        await step("press", "🔕 Сообщения: нет")
        assert "Почти готово" in await step("press", "📄 Условия") + await step("press", "⬅️ Назад")
        assert "Как вас зовут?" in await step("press", "✅ Согласен")
        assert "Приятно познакомиться, Анна!" in await step("say", "Анна")
        assert "Готово! Вы в программе" in await step("say", "05.03.1990")
        assert "Баллами можно оплатить" in await step("say", "💰 Баланс")


async def test_what_came_while_the_bot_was_away_is_answered(core: Services) -> None:
    async with simulated() as simulator:
        simulator.world.start(ANNA, CUSTOMER_BOT)
        simulator.world.send_contact(ANNA, CUSTOMER_BOT)
        async with serving(core, simulator) as bots:
            anna = Chat(bots, ANNA)
            await anna.settled()
            assert "✅ Согласен" in anna.keys
            await nothing_left(bots)


async def test_a_phone_that_comes_six_times_is_sent_one_code(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        typed = anna.bots.world.send_text(ANNA, CUSTOMER_BOT, "89000000001")
        code = await anna.code()
        await redeliver(anna, typed.update_id)
        assert len(anna.bots.world.sms("79000000001")) == 1
        assert "подтверждён" in await anna.say(code)


async def test_a_wrong_code_that_comes_six_times_costs_one_try(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        code = await anna.code()
        guess = anna.bots.world.send_text(ANNA, CUSTOMER_BOT, str(int(code) - 1 if int(code) > 1000 else 9999))
        await anna.settled()
        await redeliver(anna, guess.update_id)
        said = [each.text for each in anna.bots.world.from_bot(ANNA, CUSTOMER_BOT)]
        assert len([text for text in said if "Код не подошёл" in text]) == 1
        assert "подтверждён" in await anna.say(code)


async def test_a_consent_that_comes_six_times_makes_one_customer(core: Services) -> None:
    await core.programmes.change({"welcome_points": 10_00})
    async with chatting(core) as anna:
        await anna.start()
        await anna.share()
        press = anna.bots.world.press(ANNA, CUSTOMER_BOT, None, "✅ Согласен")
        await anna.settled()
        await redeliver(anna, press.update_id)
        assert press.answer is not None
        assert await customers.get(2) is None
        assert "Баланс: 10 баллов" in await anna.press("Пропустить") + await anna.press("Пропустить")


async def test_a_crash_repeats_the_consent_and_not_its_effect(core: Services) -> None:
    await core.programmes.change({"welcome_points": 10_00})

    async def before(anna: Chat) -> None:
        await anna.start()
        await anna.share()

    async def agree(anna: Chat) -> int:
        return anna.bots.world.press(ANNA, CUSTOMER_BOT, None, "✅ Согласен").update_id

    async with acted_twice(core, before, agree) as anna:
        assert await customers.get(2) is None
        await anna.press("Пропустить")
        said = await anna.press("Пропустить")
        assert "Готово! Вы в программе" in said
        assert "Из них 10 баллов — наш подарок" in said


async def test_a_crash_repeats_no_sms(core: Services) -> None:
    async def before(anna: Chat) -> None:
        await anna.start()

    async def type_phone(anna: Chat) -> int:
        sent = anna.bots.world.send_text(ANNA, CUSTOMER_BOT, "89000000001").update_id
        await anna.code()
        return sent

    async with acted_twice(core, before, type_phone) as anna:
        assert len(anna.bots.world.sms("79000000001")) == 1
        assert "подтверждён" in await anna.say(await anna.code())


async def test_a_crash_repeats_the_right_code(core: Services) -> None:
    async def before(anna: Chat) -> None:
        await anna.start()
        await anna.say("89000000001")

    async def type_code(anna: Chat) -> int:
        return anna.bots.world.send_text(ANNA, CUSTOMER_BOT, await anna.code()).update_id

    async with acted_twice(core, before, type_code) as anna:
        assert "Как вас зовут?" in await anna.press("✅ Согласен")


async def test_a_crash_repeats_no_redemption(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"welcome_points": 400_00})
    customer = await enrol(core, ANNA.id, "79000000001")

    async def before(anna: Chat) -> None:
        await anna.start()
        sale = await core.till.open_sale(cashier, customer, 1500_00, key="s")
        await core.redemption.spend(cashier, sale.purchase_id, 300_00, key="p")
        await anna.told("Списать 300 баллов?")

    async def confirm(anna: Chat) -> int:
        return anna.bots.world.press(ANNA, CUSTOMER_BOT, None, "✅ Списать").update_id

    async with acted_twice(core, before, confirm) as anna:
        assert (await core.balances.open(await anna.actor())).points == 160_00
        await anna.told("🧾 Покупка")
        texts = [message.text for message in anna.bots.world.from_bot(ANNA, CUSTOMER_BOT)]
        assert len([text for text in texts if "🧾 Покупка" in text]) == 1
        assert len([text for text in texts if "✅ Списано" in text]) == 1


async def test_buttons_of_closed_questions_say_so(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.start()
        await anna.say("89000000001")
        code_question = anna.last.id
        await anna.say(await anna.code())
        consent_question = anna.last.id
        await anna.press("✅ Согласен")
        stale = "Эта кнопка больше не действует. Откройте меню: /start"
        for data in ("g:resend", "g:change_phone"):
            assert stale in await anna.press(data, code_question, force=True)
        for data in ("g:agree", "g:terms", "g:consent", "g:messages_on", "g:skip_birthday"):
            assert stale in await anna.press(data, consent_question, force=True)
        assert "Приятно познакомиться, Анна!" in await anna.say("Анна")


async def test_a_deleted_message_is_followed_by_a_new_one(core: Services) -> None:
    async with chatting(core) as anna:
        await anna.register()
        await anna.say("/card")
        card = anna.last.id
        anna.bots.world.delete_message(ANNA, CUSTOMER_BOT, card)
        assert "Покажите QR на кассе" in await anna.press("g:card", card, force=True)
        assert anna.last.id != card


async def test_who_blocked_the_bot_is_reached_again_when_back(core: Services, cashier: StaffActor) -> None:
    async with chatting(core) as anna:
        await anna.register()
        me = await anna.actor()
        anna.bots.world.block(ANNA, CUSTOMER_BOT)
        await anna.settled()
        assert not (await core.identification.panel(cashier, me.id)).has_chat
        assert "Вы в программе" in await anna.start()
        assert (await core.identification.panel(cashier, me.id)).has_chat
        sale = await core.till.open_sale(cashier, me.id, 100_00, key="s")
        await core.till.accrue(cashier, sale.purchase_id)
        await anna.told("Начислено: +5 баллов")


async def test_two_people_register_side_by_side(core: Services) -> None:
    async with chatting(core) as anna:
        others = [Chat(anna.bots, anna.bots.world.person(person)) for person in (1, 2, 11)]
        for chat in others:
            anna.bots.world.start(chat.person, CUSTOMER_BOT)
            anna.bots.world.send_contact(chat.person, CUSTOMER_BOT)
        await anna.settled()
        done = await asyncio.gather(*(chat.press("✅ Согласен") for chat in others))
        assert all("Как вас зовут?" in said for said in done)
        actors = [await chat.actor() for chat in others]
        assert len({actor.id for actor in actors}) == 3
        rows = [await customers.get(actor.id) for actor in actors]
        assert [row.phone for row in rows if row] == ["79000000001", "79000000002", "79000000011"]
