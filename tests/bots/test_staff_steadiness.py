"""Restarts, deliveries of the same, nonsense in every field: nothing is lost, doubled, or put aside."""

import pytest

from core.domain.people import Role
from core.store.sql import fetch
from tests.bots.till_kit import CASHIER, STAFF_BOT, at_work, counter, customer_with, leaves_the_bot, street
from tests.conftest import hire

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

NEW = "9000000077"
NONSENSE = [
    "1e5",
    "-5",
    "−5",
    "NaN",
    "٣٤٥",
    "१२३",
    "9" * 4000,
    "я" * 4000,
    "\u202e\u202d",
    "👨‍👩‍👧‍👦",
    "a\u0000b",
    "<b>",
    "</b>",
    "{{7*7}}",
    '=HYPERLINK("x")',
    "+7",
    "8 (900)",
    "0000000000",
    "+1 202 555 01",
    "29.02.2023",
    "31.04.1990",
    "01.01.3000",
    "0",
    "0,00",
    "1,005",
    "1 50",
    "12 34 56",
    "1500 9000000001",
    "/",
    "//start",
    "@kopilka",
    "\n\n1\n2\n3",
]

# All the others are tried in test_corpus, without the way over HTTP.
QUESTIONS = {
    "the panel": ["9000000001"],
    "the quote": ["9000000001 600"],
    "the name": ["/new", NEW],
    "the code": ["/new", NEW, "💳 Выпустить карту сейчас"],
    "nothing": [],
}


async def walk(till, steps):
    for step in steps:
        if till.keys and step in till.keys:
            await till.press(step)
        else:
            await till.say(step)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_nonsense_gets_a_kind_sentence_and_the_question_stays(core, question):
    await customer_with(core, 500)
    async with counter(core) as till:
        await walk(till, QUESTIONS[question])
        before = await dialogue()
        for text in NONSENSE:
            said = await till.say(text)
            assert said, text
            assert "{{" not in said.replace("{{7*7}}", ""), text
            if await dialogue() != before:  # it was an answer after all, so the question is asked anew
                await till.say("/cancel")
                await walk(till, QUESTIONS[question])
        rows = await fetch("SELECT count(*) AS n FROM purchase WHERE status = 'completed'")
        assert rows[0]["n"] == 1


async def dialogue():
    rows = await fetch("SELECT state FROM dialogue")
    return rows[0]["state"] if rows else None


RESTARTS = {
    "the panel": (["9000000001"], "600", "Чек: 600,00 ₽"),
    "the sum": (["9000000001", "🧾 Покупка"], "123456", "Чек: 123 456,00 ₽"),
    "the quote": (["9000000001 600"], "✅ Начислить 30", "💵"),
    "the slip": (["9000000001 60"], "600", "Чек: 600,00 ₽"),
    "points": (["9000000001 600", "✏️ Другая сумма"], "100", "Спишем: 100 баллов"),
    "nobody": ([NEW], "➕ Зарегистрировать", "Как зовут"),
    "a card": (["77777"], "💳 Создать карту", "Какой телефон"),
    "the phone": (["/new"], NEW, "Как зовут"),
    "the name": (["/new", NEW], "Мария", "День рождения"),
    "the birthday": (["/new", NEW, "Пропустить"], "05.03.1990", "пластиковая карта"),
    "the card": (["/new", NEW, "Пропустить", "Пропустить"], "4444", "4444"),
    "the end": (["/new", NEW, *["Пропустить"] * 3], "💳 Выпустить карту сейчас", "Введите код"),
    "a new name": (["9000000001", "✏️ Анкета", "Имя"], "Анна", "Анна"),
    "a new birthday": (["9000000001", "✏️ Анкета", "День рождения"], "05.03.1990", "🎂"),
    "another card": (["9000000001", "💳 Карта", "💳 Выдать другую карту"], "4444", "Карта 4444"),
    "binding": (["77777", "💳 Создать карту", "9000000001"], "🔗 Привязать карту", "✅ Карта 77777"),
}


@pytest.mark.parametrize("question", RESTARTS)
async def test_a_restart_in_the_middle_loses_nothing(core, question):
    before, answer, expected = RESTARTS[question]
    await customer_with(core, 500)
    await hire(core, CASHIER.id, Role.CASHIER)
    async with street() as simulator:
        async with at_work(core, simulator) as till:
            await walk(till, before)
        async with at_work(core, simulator, greet=False) as till:
            said = await (till.press(answer) if answer in till.keys else till.say(answer))
            assert expected in said


async def test_a_restart_before_the_code(core):
    await customer_with(core, 500)
    await leaves_the_bot(core)
    await hire(core, CASHIER.id, Role.CASHIER)
    async with street() as simulator:
        async with at_work(core, simulator) as till:
            await walk(till, ["9000000001 600", "💸 Списать 300"])
            code = await till.code_of("9000000001")
        async with at_work(core, simulator, greet=False) as till:
            assert "К оплате: 300,00 ₽" in await till.say(code)


async def test_a_restart_while_the_customer_decides(core):
    await customer_with(core, 500)
    await hire(core, CASHIER.id, Role.CASHIER)
    async with street() as simulator:
        async with at_work(core, simulator) as till:
            await walk(till, ["9000000001 600", "💸 Списать 300"])
        async with at_work(core, simulator, greet=False) as till:
            await till.confirms()
            assert "К оплате: 300,00 ₽" in await till.sees("💵")


async def test_five_deliveries_act_once_and_are_answered(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        world = till.bots.world
        line = world.send_text(CASHIER, STAFF_BOT, "9000000001 600")
        world.redeliver(line.update_id, 4, bot=STAFF_BOT)
        await till.settled()
        press = world.press(CASHIER, STAFF_BOT, None, "✅ Начислить 30")
        world.redeliver(press.update_id, 4, bot=STAFF_BOT, together=True)
        await world.wait_answer(press)
        await till.settled()
        assert await fetch("SELECT count(*) AS n FROM purchase WHERE subtotal = 60000") == [{"n": 1}]
        assert await fetch("SELECT count(*) AS n FROM ledger_entry WHERE points = 3000") == [{"n": 1}]
        assert "Баланс: 530 баллов" in await till.sees("💵")


async def test_five_deliveries_of_a_new_customer_make_one(core):
    async with counter(core) as till:
        world = till.bots.world
        await walk(till, ["/new", NEW])
        press = world.press(CASHIER, STAFF_BOT, None, "💳 Выпустить карту сейчас")
        world.redeliver(press.update_id, 4, bot=STAFF_BOT)
        await till.settled()
        code = world.send_text(CASHIER, STAFF_BOT, await till.code_of(NEW))
        world.redeliver(code.update_id, 4, bot=STAFF_BOT)
        await till.settled()
        assert len(world.sms(f"+7{NEW}")) == 1
        assert await fetch("SELECT count(*) AS n FROM customer") == [{"n": 1}]
        assert len([each for each in till.messages if "✅ Клиент зарегистрирован" in each.text]) == 1


@pytest.mark.parametrize(
    "data",
    [
        "s:accrue:999999",
        "s:accrue:-1",
        f"s:accrue:{10**30}",
        "s:accrue:x",
        "s:nonsense:1",
        "s:accrue",
        "p:panel:999999:0",
        "p:history:999999:99999999999",
        "p:again:999999:0",
        "p:name:1:0",
        "r:issue:999999",
        "r:link:999999",
        "m:role:0:emperor",
        "m:list:999:",
        "a:bind",
        "a:issue",
        "l:xx",
        "",
        "🙂" * 16,
    ],
)
async def test_made_up_buttons_are_answered(core, data):
    async with counter(core) as till:
        await till.press(data or "empty", till.last.id, force=True)
        assert till.bots.world.callback_queries(CASHIER, STAFF_BOT)[-1].answer is not None


async def test_a_code_that_is_found_out_of_date_can_be_sent_again(core, clock):
    async with counter(core) as till:
        await walk(till, ["/new", NEW, "💳 Выпустить карту сейчас"])
        code = await till.code_of(NEW)
        clock.forward(minutes=6)
        assert "✅" not in await till.say(code)
        await till.press("Отправить ещё раз")
        assert "✅ Клиент зарегистрирован" in await till.say(await till.code_of(NEW, 2))


async def test_a_message_that_was_deleted_is_followed_by_a_new_one(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        live = till.last.id
        till.bots.world.delete_message(CASHIER, STAFF_BOT, live)
        await till.press("s:spend:2", live, force=True)
        assert till.last.id != live
        await till.confirms()
        assert "К оплате: 300,00 ₽" in await till.sees("💵")
