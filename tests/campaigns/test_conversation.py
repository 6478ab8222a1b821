"""A campaign through both bots: made by presses, sent, paused and stopped, and read by customers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot.database import database
from bot.relay import Relay
from core.actors import Visitor
from core.deps import Deps
from core.domain.people import Role
from core.ports import SystemClock
from core.services import Services
from core.store.sql import fetch
from handlers.images import draw_qr
from simulator import Person, Simulator
from tests.bots.till_kit import Counter, at_work
from tests.bots.world import CASHIER, CUSTOMER_BOT, STAFF_BOT, simulated
from tests.campaigns.kit import TEXT, chosen, drafted, recipients, settle, work_on_jobs, written
from tests.conftest import ManualClock, hire
from tests.core.kit import one
from tests.faults.product import Product
from tests.jobs.kit import until

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
FIRST, LAST = 1001, 1300
STRANGERS = {1005, 1150, 1295}
"""Customers whom the bot may not write to (any more): Telegram answers 403."""
SENDING = "SELECT count(*) FROM message WHERE state = 'sending'"


@pytest.fixture(autouse=True)
def _quick_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred messages need not take a quarter of a minute."""
    monkeypatch.setattr("tests.bots.world.Relay", partial(Relay, bulk_per_second=400.0))


def customers(first: int, last: int) -> tuple[Person, ...]:
    return tuple(Person(number, f"Гость {number}") for number in range(first, last + 1))


@asynccontextmanager
async def office(core: Services, clock: ManualClock, first: int, last: int) -> AsyncIterator[Counter]:
    """The owner at work, and customers in the customer bot."""
    await hire(core, CASHIER.id, Role.OWNER)
    await settle(first, last, clock.now())
    people = customers(first, last)
    async with simulated((*people, CASHIER)) as simulator:
        for person in people:
            if person.id not in STRANGERS:
                simulator.world.acquaint(person, CUSTOMER_BOT)
        async with at_work(core, simulator) as at:
            yield at


def told(simulator: Simulator, first: int, last: int) -> dict[int, int]:
    """How many letters each person got."""
    world = simulator.world
    return {
        number: len([each for each in world.from_bot(number, CUSTOMER_BOT) if TEXT in each.text])
        for number in range(first, last + 1)
        if number not in STRANGERS
    }


async def steps(at: Counter, *presses: str) -> str:
    """Press buttons one after another; what stands after ``=`` is typed. Returns what was said last."""
    said = ""
    for step in presses:
        said = await (at.say(step[1:]) if step.startswith("=") else at.press(step))
    return said


async def test_three_hundred_are_told_once_with_a_pause_between(core: Services, clock: ManualClock) -> None:
    async with office(core, clock, FIRST, LAST) as at:
        owner = await core.staff.identify(CASHIER.id, "ru")
        assert owner is not None
        campaign = await drafted(core, owner, control_share=2000)
        said = await steps(at, "=/admin", "📣 Рассылки", f"✏️ № {campaign} · черновик", "✅ Отправить")
        assert "Получателей: 300" in said
        assert "Собираем получателей" in await at.press("✅ Отправить сейчас")
        await work_on_jobs(core)
        letters = partial(told, at.bots.simulator, FIRST, LAST)
        await until(lambda: sum(letters().values()) >= 20)
        assert "На паузе" in await at.press("⏸ Пауза")
        await until(lambda: _is_zero(SENDING))
        before = letters()
        # One that was claimed as the pause came may still go back into the queue: all that are written count.
        there = len(await written(campaign))
        for _ in range(20):
            await core.sendings.drive()
        await at.say("/help")
        assert letters() == before
        assert len(await written(campaign)) == there
        await at.press("▶️ Продолжить")
        await at.sees("✅ Готово")
        kept = {each for each, is_control in (await recipients(campaign)).items() if is_control}
        assert letters() == {each: 0 if each in kept else 1 for each in letters()}
        blocked = len(STRANGERS - kept)
        said = await at.press("📊 Результат")
        assert f"Отправлено: {300 - len(kept) - blocked}" in said
        assert f"Заблокировали бота: {blocked}" in said
        assert "В очереди: 0" in said
        blocked_chats = "SELECT count(*) FROM telegram_identity WHERE blocked_at IS NOT NULL"
        assert await one(blocked_chats) == blocked


async def _is_zero(statement: str) -> bool:
    return await one(statement) == 0


async def test_a_stopped_campaign_tells_nobody_more(core: Services, clock: ManualClock) -> None:
    async with office(core, clock, 1, 60) as at:
        owner = await core.staff.identify(CASHIER.id, "ru")
        assert owner is not None
        campaign = await drafted(core, owner)
        await steps(at, "=/admin", "📣 Рассылки", f"✏️ № {campaign} · черновик")
        await steps(at, "✅ Отправить", "✅ Отправить сейчас")
        await work_on_jobs(core)
        letters = partial(told, at.bots.simulator, 1, 60)
        await until(lambda: sum(letters().values()) >= 5)
        assert "Остановить насовсем" in await at.press("⏹ Остановить")
        assert "Остановлена" in await at.press("⏹ Да, остановить")
        await until(lambda: _is_zero(f"{SENDING} OR state = 'queued' AND campaign_id IS NOT NULL"))
        states = await written(campaign)
        assert set(states.values()) <= {"sent", "suppressed"}
        assert letters() == {each: int(states.get(each) == "sent") for each in range(1, 61)}


async def test_text_picture_button_preview_and_test(core: Services, clock: ManualClock) -> None:
    async with office(core, clock, 1, 2) as at:
        world = at.bots.world
        await steps(at, "=/admin", "📣 Рассылки", "➕ Новая рассылка", "✏️ Текст")
        assert "нет поля {имья}" in await at.say("Привет, {имья}!")
        said = await at.say(f"Здравствуйте, {{имя}}!\n{TEXT}")
        assert "Здравствуйте, {имя}!" in said
        await at.press("🖼 Картинка")
        assert "С картинкой" in await at.photo(await draw_qr("picture"))
        await at.press("🔗 Кнопка")
        for typed in ("Открыть http://example.com", "javascript:alert(1)", "Открыть https://user@example.com"):
            assert "начинается с https://" in await at.say(typed)
        assert "Кнопка «Записаться к нам»" in await at.say("Записаться к нам https://example.com/a?b=1")
        await at.press("✏️ Текст")
        said = await at.say("Ж" * 1025)
        assert "под картинкой помещается 1024" in said
        assert "Ж" * 1025 not in (await at.press("⬅️ Назад"))
        await at.press("✏️ Текст")
        assert "больше" in await at.say("Ж" * 900 + "{имя и фамилия}" * 60)
        await at.press("⬅️ Назад")
        await at.press("🖼 Картинка")
        await at.press("🗑 Убрать картинку")
        await at.press("✏️ Текст")
        assert "Ж" * 700 in await at.say("Ж" * 700)
        assert "Для SMS слишком длинно: помещается 550" in await at.press("▫️ SMS тем, у кого нет бота")
        await steps(at, "✏️ Текст", "=" + "Ж" * 500, "▫️ SMS тем, у кого нет бота", "🔗 Кнопка")
        assert "Для SMS слишком длинно" in await at.say("Записаться https://example.com/" + "a" * 40)
        await steps(at, "⬅️ Назад", "✅ SMS тем, у кого нет бота", "✏️ Текст")
        await at.say(f"Здравствуйте, {{имя}}!\n{TEXT}")
        await at.press("🖼 Картинка")
        await at.photo(await draw_qr("picture"))
        await at.press("👁 Посмотреть")
        preview = next(
            each for each in at.messages if each.media is not None and each.text.startswith("Здравствуйте")
        )
        assert preview.text == f"Здравствуйте, Гость!\n{TEXT}"
        assert "Так сообщение увидит клиент: Гость 1" in at.text
        assert "Пробу отправить некому" in await at.press("📨 Проба сотрудникам")
        world.acquaint(CASHIER, CUSTOMER_BOT)
        await core.preferences.set_language(Visitor(CASHIER.id, "ru"), "ru")
        assert "Отправили пробу: 1 сотруднику" in await at.press("📨 Проба сотрудникам")
        tried = await world.wait_message(CASHIER, CUSTOMER_BOT, TEXT)
        assert tried.text.startswith("🧪 Проба рассылки № 1\nИмя и баланс здесь не ваши, а клиента: Гость 1.\n\n")
        assert tried.text.endswith(preview.text)
        assert tried.buttons == [["Записаться к нам"]]
        await steps(at, "✅ Отправить", "✅ Отправить сейчас")
        await work_on_jobs(core)
        await at.sees("✅ Готово")
        letters = [world.last(number, CUSTOMER_BOT) for number in (1, 2)]
        assert [letter.text for letter in letters] == [f"Здравствуйте, Гость!\n{TEXT}"] * 2
        assert [letter.buttons for letter in letters] == [[["Записаться к нам"]]] * 2
        files = {letter.media.file.file_id for letter in letters if letter.media and letter.media.file}
        assert files == {await one("SELECT file_id FROM campaign_picture")}


async def test_sms_reach_those_whom_telegram_does_not(core: Services, clock: ManualClock) -> None:
    """One has no chat, one turns out to have blocked the bot; the third is told in Telegram only."""
    async with office(core, clock, 1004, 1006) as at:
        for customer in (1004, 1005, 1006):
            await fetch(
                "INSERT INTO consent (customer_id, topic, channel, granted, text_version, source, created_at) "
                "VALUES ($1, 'offers', 'sms', true, '1', 'bot', $2)",
                *(customer, clock.now()),
            )
        await fetch("DELETE FROM telegram_identity WHERE customer_id = 1004")
        said = await steps(at, "=/admin", "📣 Рассылки", "➕ Новая рассылка", "✏️ Текст", f"=<b>{TEXT}</b>")
        assert "📱 по SMS: 1 (SMS выключены)" in said
        await steps(at, "🔗 Кнопка", "=https://example.com/a", "▫️ SMS тем, у кого нет бота")
        said = await at.press("👁 Посмотреть")
        # All that its parts are counted of, but for the link by which that customer would refuse.
        assert f"По SMS (2 части):\n{TEXT}\nhttps://example.com/a\nОтказ от сообщений: …" in said
        said = await steps(at, "⬅️ Назад", "✅ Отправить")
        assert "Получателей: 3" in said
        assert "SMS: 1, в каждой частей:" in said
        assert "бюджета" not in said
        await core.programmes.change({"sms_daily_budget": 10_00})
        await at.press("⬅️ Назад")
        said = await at.press("✅ Отправить")
        assert "на рассылки сегодня остаётся 7,00 ₽, и ни одно SMS не уйдёт" in said
        await core.programmes.change({"sms_daily_budget": 1_000_00})
        await at.press("✅ Отправить сейчас")
        await work_on_jobs(core)
        for phone in ("+79000001004", "+79000001005"):
            sms = await at.bots.world.wait_sms(phone)
            assert sms.text.startswith(f"{TEXT}\nhttps://example.com/a")
        await at.sees("✅ Готово")
        assert at.bots.world.last(1006, CUSTOMER_BOT).text == TEXT


async def test_a_deleted_progress_message_is_followed_by_one_that_is_rewritten(
    core: Services, clock: ManualClock
) -> None:
    async with office(core, clock, 1, 2) as at:
        await steps(at, "=/admin", "📣 Рассылки", "➕ Новая рассылка", "✏️ Текст", f"={TEXT}")
        await steps(at, "✅ Отправить", "✅ Отправить сейчас")
        gone = await one("SELECT message_id FROM campaign")
        at.bots.world.delete_message(CASHIER, STAFF_BOT, gone)
        await work_on_jobs(core)
        await at.sees("✅ Готово")

        async def moved() -> bool:
            return bool(await one("SELECT message_id FROM campaign") == at.last.id != gone)

        await until(moved)


async def test_conditions_are_pressed_and_typed_with_the_count_shown(core: Services, clock: ManualClock) -> None:
    async with office(core, clock, 1, 9) as at:
        await fetch("UPDATE customer SET purchases = id, sold = id * 100000, last_purchase_at = $1", clock.now())
        await fetch("UPDATE customer SET birthday = '1990-03-05' WHERE id <= 4")
        said = await steps(at, "=/admin", "📣 Рассылки", "➕ Новая рассылка", "👥 Кому")
        assert "Подходит клиентов: 9" in said
        said = await steps(at, "Число покупок", "=от 3 до 8")
        assert "Число покупок: 3–8" in said
        assert "Подходит клиентов: 6" in said
        assert "Подходит клиентов: 2" in await steps(at, "День рождения", "март")
        assert "Подходит клиентов: 2" in await steps(at, "апрель", "⬅️ Назад")
        await at.press("Сумма покупок")
        for typed in ("много", "8-3", "-5", "3-8-9"):
            assert "сначала меньшее число" in await at.say(typed)
        assert "Подходит клиентов: 1" in await at.say("4000+")
        assert "Подходит клиентов: 0" in await steps(at, "Telegram", "нет бота")
        assert "Подходит клиентов: 1" in await steps(at, "✅ Telegram", "✖️ Убрать условие")
        said = await steps(at, "Давность и сумма (RFM)", "Недавно", "Несколько")
        assert "Подходит клиентов: 1" in said
        assert "Много: от 10 000,00 ₽; средне: от 2 500,00 ₽" in said
        await steps(at, "⬅️ Назад", "✅ Число покупок", "✖️ Убрать условие")
        said = await steps(at, "✅ Сумма покупок", "✖️ Убрать условие")
        assert "Подходит клиентов: 3" in said


@pytest.mark.slow
async def test_a_killed_process_tells_nobody_twice_and_forgets_nobody(
    deps: Deps, database_url: str, tmp_path: Path
) -> None:
    clock = SystemClock()
    core = Services.of(replace(deps, clock=clock))
    people = customers(1, 80)
    async with simulated((*people, CASHIER)) as simulator:
        for person in people:
            simulator.world.acquaint(person, CUSTOMER_BOT)
        simulator.world.acquaint(CASHIER, STAFF_BOT)
        async with database(database_url):
            await core.programmes.start("Основная точка")
            await core.programmes.change({"quiet_from": 3, "quiet_to": 3})
            owner = await hire(core, CASHIER.id, Role.OWNER)
            await settle(1, 80, clock.now())
            campaign = (await chosen(core, owner, await drafted(core, owner))).row.id
        letters = partial(told, simulator, 1, 80)
        async with Product(simulator, database_url, tmp_path) as product:
            await until(lambda: sum(letters().values()) >= 20)
            await product.kill()
            assert sum(letters().values()) < 80
            await product.start()
            async with database(database_url):
                await until(lambda: _is_done(campaign))
                states = await written(campaign)
            assert await product.terminate() == 0
        assert set(states) == set(range(1, 81))
        assert max(letters().values()) == 1
        assert {each for each, number in letters().items() if number == 0} <= {
            each for each, state in states.items() if state == "unknown"
        }
        assert set(states.values()) <= {"sent", "unknown"}


async def _is_done(campaign_id: int) -> bool:
    return bool(await one("SELECT count(*) FROM campaign WHERE id = $1 AND state = 'done'", campaign_id))


async def test_to_whom_the_text_goes_untranslated_is_said(core: Services, clock: ManualClock) -> None:
    async with office(core, clock, 1, 5) as at:
        owner = await core.staff.identify(CASHIER.id, "ru")
        assert owner is not None
        campaign = await drafted(core, owner)
        here = ("=/admin", "📣 Рассылки", f"✏️ № {campaign} · черновик")
        assert "другом языке" not in await steps(at, *here), "all are spoken to in Russian"
        await fetch("UPDATE customer SET language = 'en' WHERE id IN (2, 3)")
        await fetch("UPDATE customer SET offers_telegram = $1 WHERE id = 3", False)
        said = await steps(at, *here)
        assert "с кем бот говорит на другом языке: English — 1." in said, "one of both agreed to offers"
        assert "English — 1" in await at.press("✅ Отправить")
        await core.segments.set_condition(owner, campaign, "languages", ["ru"])
        said = await steps(at, *here)
        assert "Подходит клиентов: 3" in said
        assert "другом языке" not in said
