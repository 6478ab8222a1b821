"""The menu of the customer bot: card, balance, history, settings, help; by command and by word."""

import pytest

from core.actors import StaffActor
from core.domain.errors import ShownCodeStale
from core.services import Services
from handlers.scan import read_codes
from tests.bots.customer_chat import Chat, chatting
from tests.bots.world import ANNA, CUSTOMER_BOT
from tests.conftest import ManualClock, enrol

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

WAYS = [
    ("/card", "💳 Карта", "💳 Card", "Покажите QR на кассе", "Show the QR at the till"),
    ("/balance", "💰 Баланс", "💰 Balance", "Баллами можно оплатить", "Points pay for"),
    ("/history", "🧾 История", "🧾 History", "Пока пусто", "Nothing here yet"),
    ("/invite", "🎁 Пригласить друга", "🎁 Invite a friend", "Пригласите друга", "Invite a friend"),
    ("/settings", "⚙️ Настройки", "⚙️ Settings", "Настройки", "Settings"),
]


async def member(core: Services, person_id: int = ANNA.id) -> None:
    await enrol(core, person_id, f"7900000000{person_id}")


async def buy(core: Services, cashier: StaffActor, customer_id: int, total: int, key: str) -> int:
    sale = await core.till.open_sale(cashier, customer_id, total, key=key)
    await core.till.accrue(cashier, sale.purchase_id)
    return sale.purchase_id


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_commands_and_words_of_either_language_work(core: Services, language: str) -> None:
    await member(core)
    await core.preferences.set_language(await actor(core), language)
    async with chatting(core) as anna:
        for command, russian, english, in_russian, in_english in WAYS:
            for said in (command, russian, english):
                assert (in_russian if language == "ru" else in_english) in await anna.say(said)


async def actor(core: Services, person_id: int = ANNA.id):
    return await core.identification.customer(person_id, "ru")


@pytest.mark.parametrize("way", ["/card", "💰 Баланс", "/history", "🎁 Пригласить друга", "/settings"])
async def test_a_stranger_is_told_to_register(core: Services, way: str) -> None:
    async with chatting(core) as anna:
        assert "Сначала зарегистрируйтесь: отправьте /start" in await anna.say(way)
        await anna.start()
        assert "Напишите номер телефона" in await anna.say("/card")
        assert "подтверждён" in await anna.share()


async def test_the_card_is_good_at_the_till_and_renewed_in_place(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change({"name": "Кофейня"})
    await member(core)
    async with chatting(core) as anna:
        said = await anna.say("/card")
        assert "Код живёт 2 мин" in said
        first = code_in(said)
        (qr,) = await read_codes(picture(anna))
        me = await anna.actor()
        assert (await core.identification.by_scan(cashier, qr)).customer_id == me.id
        assert (await core.identification.by_shown_code(cashier, first)).customer_id == me.id

        clock.forward(seconds=120)
        for stale in (core.identification.by_scan(cashier, qr), core.identification.by_shown_code(cashier, first)):
            with pytest.raises(ShownCodeStale):
                await stale
        message = anna.last.id
        second = code_in(await anna.press("🔄 Обновить"))
        assert anna.last.id == message
        assert (await core.identification.by_shown_code(cashier, second)).customer_id == me.id
        (qr,) = await read_codes(picture(anna))
        assert (await core.identification.by_scan(cashier, qr)).customer_id == me.id


def code_in(said: str) -> str:
    return next(
        word.strip(".") for word in said.split() if word.strip(".").isdigit() and len(word.strip(".")) == 6
    )


def picture(chat: Chat) -> bytes:
    media = chat.last.media
    assert media is not None
    assert media.kind == "photo"
    assert media.file is not None
    return media.file.data


async def test_the_balance_tells_what_comes_and_what_goes(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await member(core)
    async with chatting(core) as anna:
        said = await anna.say("/balance")
        assert "💰 0 баллов\nБаллами можно оплатить до 50 % покупки" in said
        assert "За покупки возвращаем 5 %" in said

        await core.programmes.change({"activation_delay_hours": 24, "expiry": "after_days", "expiry_days": 20})
        me = await anna.actor()
        await buy(core, cashier, me.id, 420_00, "a")
        said = await anna.say("/balance")
        assert "💰 0 баллов" in said
        assert "Скоро можно будет тратить\n3 марта, 12:00: +21 балл" in said

        clock.forward(days=2)
        said = await anna.say("/balance")
        assert "💰 21 балл\nЭто 21,00 ₽ на кассе" in said
        assert "Скоро сгорят\n23 марта, 12:00: 21 балл" in said

        await core.programmes.change({"status_on": False})
        assert "Сейчас баллы за покупки не начисляются, но накопленные можно тратить" in await anna.say("/balance")


async def test_many_portions_are_summed_up(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    await core.programmes.change({"activation_delay_hours": 240})
    await member(core)
    async with chatting(core) as anna:
        for number in range(8):
            await buy(core, cashier, (await anna.actor()).id, 1000_00, f"{number}")
            clock.forward(hours=1)
        await anna.say("/balance")
        # Receipts may arrive beside it.
        balance = await anna.told("и позже ещё 150 баллов")
        assert balance.count("+50 баллов") == 5


async def test_a_debt_is_explained(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"confirm_redemption": False})
    await member(core)
    async with chatting(core) as anna:
        me = await anna.actor()
        first = await buy(core, cashier, me.id, 10_000_00, "a")
        sale = await core.till.open_sale(cashier, me.id, 1_000_00, key="b")
        await core.redemption.spend(cashier, sale.purchase_id, 500_00, key="s")
        await core.refunds.undo(cashier, first)
        assert "ещё 475 баллов вычтем из следующих начислений" in await anna.say("/balance")


async def test_the_history_turns_pages_in_place(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    await member(core)
    async with chatting(core) as anna:
        me = await anna.actor()
        # So many receipts would come one a second.
        await core.preferences.set_topic(me, "receipts", "telegram", False)
        for number in range(1, 22):
            await buy(core, cashier, me.id, number * 100_00, f"{number}")
            clock.forward(minutes=1)
        said = await anna.say("/history")
        assert "История, страница 1 из 3" in said
        assert said.count("за покупку") == 10
        assert "+105 баллов — за покупку 2 100,00 ₽\n2 марта, 12:20, Основная точка" in said
        assert anna.keys == ["▶️"]
        message = anna.last.id
        assert "страница 2 из 3" in await anna.press("▶️")
        assert anna.keys == ["◀️", "▶️"]
        said = await anna.press("▶️")
        assert "страница 3 из 3" in said
        assert "+5 баллов — за покупку 100,00 ₽" in said
        assert anna.keys == ["◀️"]
        assert "страница 2 из 3" in await anna.press("◀️")
        assert anna.last.id == message
        assert "страница 3 из 3" in await anna.press("h:999999999", message, force=True)


async def test_the_history_names_what_happened(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"confirm_redemption": False, "welcome_points": 300_00})
    await member(core)
    async with chatting(core) as anna:
        me = await anna.actor()
        sale = await core.till.open_sale(cashier, me.id, 1_000_00, key="b")
        await core.redemption.spend(cashier, sale.purchase_id, 200_00, key="s")
        await core.refunds.undo(cashier, sale.purchase_id)
        said = await anna.say("/history")
        lines = [line for line in said.splitlines() if "—" in line]
        assert lines == [
            "−40 баллов — отмена начисления",
            "+200 баллов — возврат списанных",
            "+40 баллов — за покупку 1 000,00 ₽",
            "−200 баллов — оплата покупки 1 000,00 ₽",
            "+300 баллов — подарок за регистрацию",
        ]


async def test_what_nobody_asked_for_gets_a_hint_with_the_menu(core: Services) -> None:
    await member(core)
    async with chatting(core) as anna:
        world = anna.bots.world
        for act in (
            lambda: world.send_text(ANNA, CUSTOMER_BOT, "сколько у меня баллов?"),
            lambda: world.send_text(ANNA, CUSTOMER_BOT, "/admin"),
            lambda: world.send_sticker(ANNA, CUSTOMER_BOT),
            lambda: world.send_voice(ANNA, CUSTOMER_BOT),
            lambda: world.send_document(ANNA, CUSTOMER_BOT, b"%PDF"),
            lambda: world.send_contact(ANNA, CUSTOMER_BOT),
        ):
            assert "Выберите в меню внизу" in await anna.do(act)
            assert "💳 Карта" in anna.menu


async def test_nothing_is_said_in_groups(core: Services) -> None:
    await member(core)
    async with chatting(core) as anna:
        world = anna.bots.world
        group = world.create_group("Friends", CUSTOMER_BOT, [ANNA])
        world.send_text(ANNA, CUSTOMER_BOT, "/balance", chat_id=group)
        await anna.settled()
        assert world.from_bot(ANNA, CUSTOMER_BOT, chat_id=group) == []
        assert world.from_bot(ANNA, CUSTOMER_BOT) == []
