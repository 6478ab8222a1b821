"""Who may do what in the staff bot: strangers, the dismissed, other branches, managers, owners."""

import re

import pytest

from bot.introduction import introduce
from core.domain.people import Role
from core.store import branches
from handlers.rendering import Renderer
from simulator import Person
from tests.bots.till_kit import (
    BORIS,
    CASHIER,
    MANAGER,
    STAFF_BOT,
    Counter,
    at_work,
    counter,
    customer_with,
    simulated,
)
from tests.bots.world import TEMPLATES
from tests.conftest import hire
from tests.core.kit import one

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

NEUTRAL = "Это служебный бот. Войти в него можно по действующей ссылке-приглашению."
PRESSES = [
    "s:accrue:1",
    "s:spend:1",
    "s:undo:1",
    "s:look:1",
    "p:panel:1:0",
    "p:history:1:0",
    "p:sale:1:0",
    "r:issue:1",
    "r:link:1",
    "m:list:0:",
    "m:branch:1:owner",
    "m:dismiss_sure:1:",
    "a:register",
    "a:skip",
    "l:en",
    "rubbish",
]


def link_in(text: str) -> str:
    return re.search(r"start=(join_[\w-]+)", text)[1]


async def test_joining_by_a_link(core):
    invite = await core.staff.invite(None, Role.CASHIER)
    async with simulated() as simulator, at_work(core, simulator) as till:
        said = await till.start(link_in(invite.link))
        assert "Кассир · кассир · Основная точка" in said
        assert till.bots.world.reply_keyboard(CASHIER, STAFF_BOT) == [
            ["🔎 Клиент", "➕ Новый клиент"],
            ["↩️ Возврат", "📊 Смена"],
        ]
        assert "Кассир · кассир" in await till.start(link_in(invite.link))
        other = Counter(till.bots, BORIS)
        assert await other.start(link_in(invite.link)) == NEUTRAL


async def test_a_name_that_cannot_be_shown_does_not_keep_anybody_out(core):
    blank = Person(31, "\u2800\u2800")
    invite = await core.staff.invite(None, Role.CASHIER)
    async with simulated((blank,)) as simulator, at_work(core, simulator, blank) as till:
        assert "Сотрудник · кассир" in await till.start(link_in(invite.link))


async def test_an_invitation_dies_in_a_day(core, clock):
    invite = await core.staff.invite(None, Role.CASHIER)
    clock.forward(hours=24, seconds=1)
    async with simulated() as simulator, at_work(core, simulator) as till:
        assert await till.start(link_in(invite.link)) == NEUTRAL


async def test_a_stranger_learns_nothing_whatever_is_sent(core):
    await core.programmes.change({"name": "Тайный продавец"})
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 1500")
        stranger = Counter(till.bots, BORIS)
        world = till.bots.world
        for text in ("/start", "/start join_nonsense", "/start ref_x", "/help", "/shift", "/admin", "/cancel"):
            assert await stranger.say(text) == NEUTRAL, text
        for text in ("9000000001", "9000000001 1500", "📊 Смена", "⚙️ Управление", "привет", "x" * 4000):
            assert await stranger.say(text) == NEUTRAL, text
        for send in (world.send_sticker, world.send_voice, world.send_contact):
            assert await stranger.do(lambda send=send: send(BORIS, STAFF_BOT)) == NEUTRAL
        for data in PRESSES:
            assert await stranger.press(data, stranger.last.id, force=True) == NEUTRAL, data
        assert await stranger.photo(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0") == NEUTRAL


async def test_in_english_too(core):
    foreigner = Person(31, "Bob", language_code="en-GB")
    async with simulated((foreigner,)) as simulator, at_work(core, simulator, foreigner) as till:
        assert "for staff only" in await till.start()


async def test_a_dismissed_member_is_out_at_the_next_press(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        await till.say("9000000001 600")
        manager = await core.staff.identify(MANAGER.id, "ru")
        await core.staff.dismiss(manager, (await core.staff.identify(CASHIER.id, "ru")).id)
        told = await till.bots.world.wait_message(CASHIER, STAFF_BOT, "доступ")
        assert "доступ к этому боту закрыт: Основная точка." in told.text
        assert "Спасибо за работу!" in told.text
        assert await till.press("✅ Начислить 30") == NEUTRAL
        assert await till.say("9000000001") == NEUTRAL
        assert till.bots.world.reply_keyboard(CASHIER, STAFF_BOT) is None
        assert (await core.till.look(manager, 2)).status == "draft"


async def test_a_dismissed_member_can_be_invited_again(core):
    async with counter(core) as till:
        manager = await hire(core, MANAGER.id, Role.MANAGER)
        await core.staff.dismiss(manager, (await core.staff.identify(CASHIER.id, "ru")).id)
        invite = await core.staff.invite(manager, Role.CASHIER)
        assert "кассир" in await till.start(link_in(invite.link))


async def test_a_sale_of_another_branch_is_out_of_reach(core):
    await customer_with(core, 500)
    branch = await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())
    async with counter(core) as till:
        await till.say("9000000001 600")
        await hire(core, BORIS.id, Role.CASHIER, branch)
        other = Counter(till.bots, BORIS)
        await other.start()
        for do in ("accrue", "spend", "other", "code", "stop", "cancel", "undo", "look"):
            said = await other.press(f"s:{do}:2", other.last.id, force=True)
            assert said
            assert "600" not in said, do
        manager = await core.staff.identify(MANAGER.id, "ru")
        assert (await core.till.look(manager, 2)).status == "draft"


async def test_a_cashier_cannot_manage(core):
    async with counter(core) as till:
        assert "другие права" in await till.say("/admin")
        assert "другие права" in await till.say("⚙️ Управление")
        for data in ("m:list:0:", "m:invite:0:", "m:branch:1:owner", "m:dismiss:2:", "m:dismiss_sure:2:"):
            assert "другие права" in await till.press(data, till.last.id, force=True)


async def test_a_manager_invites_to_the_own_branch_and_not_above(core):
    await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())
    async with counter(core, MANAGER, Role.MANAGER) as till:
        await till.say("⚙️ Управление")
        await till.press("👔 Сотрудники")
        await till.press("Пригласить")
        assert till.keys == ["Кассир", "Оператор", "⬅️ Назад"]
        said = await till.press("Кассир")
        assert "Кассир, Основная точка" in said
        assert "до 3 марта, 12:00" in said
        newcomer = Counter(till.bots, BORIS)
        assert "Борис · кассир" in await newcomer.start(link_in(said))
        told = await till.bots.world.wait_message(MANAGER, STAFF_BOT, "принято")
        assert told.text == "👔 Приглашение принято: Борис, кассир, Основная точка."
        assert "Роль: кассир" in await till.press("👤 К сотруднику")
        assert "другие права" in await till.press("m:branch:1:owner", till.last.id, force=True)
        assert "другие права" in await till.press("m:branch:2:cashier", till.last.id, force=True)


async def test_an_owner_chooses_the_branch(core):
    await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())
    async with counter(core, MANAGER, Role.OWNER) as till:
        await till.say("/admin")
        await till.press("👔 Сотрудники")
        await till.press("Пригласить")
        await till.press("Управляющий")
        assert till.keys == ["Основная точка", "Вторая", "⬅️ Назад"]
        assert "Управляющий, Вторая" in await till.press("Вторая")


async def test_dismissal_is_asked_twice(core):
    async with counter(core, MANAGER, Role.MANAGER) as till:
        await hire(core, CASHIER.id, Role.CASHIER)
        await till.say("/admin")
        await till.press("👔 Сотрудники")
        assert "👤 Member 11" in till.keys
        assert "Роль: кассир" in await till.press("👤 Member 11")
        assert "Закрыть доступ: Member 11" in await till.press("🚫 Закрыть доступ")
        await till.press("⬅️ Назад")
        await till.press("🚫 Закрыть доступ")
        await till.press("Да, закрыть доступ")
        assert await core.staff.identify(CASHIER.id, "ru") is None
        await till.press("⬅️ Назад")
        assert "👤 Member 11" not in till.keys
        assert "Member 11" in await till.press("🚪 Уволенные")
        await till.press("👤 Member 11")
        assert "start=join_" in await till.press("🔗 Пригласить снова")
        await till.press("⬅️ Назад")
        assert "уже не действует" in await till.press("m:dismiss:2:", till.last.id, force=True)
        assert await core.staff.identify(MANAGER.id, "ru") is not None
        assert "другие права" in await till.press("m:dismiss_sure:1:", till.last.id, force=True)


async def test_many_members_by_pages(core):
    async with counter(core, MANAGER, Role.MANAGER) as till:
        for number in range(9):
            await hire(core, 100 + number, Role.CASHIER)
        await till.say("/admin")
        await till.press("👔 Сотрудники")
        assert "▶️" in till.keys
        await till.press("▶️")
        assert till.keys[:4] == ["Пригласить", "👤 Member 107", "👤 Member 108", "◀️"]


async def test_in_a_group_nothing_is_said(core):
    await customer_with(core, 500)
    async with counter(core) as till:
        world = till.bots.world
        group = world.create_group("Касса", STAFF_BOT, [CASHIER])
        for text in ("/start", "9000000001", "9000000001 1500"):
            world.send_text(CASHIER, STAFF_BOT, text, chat_id=group)
        await till.settled()
        assert world.from_bot(CASHIER, STAFF_BOT, chat_id=group) == []


def commands_seen(till):
    """What Telegram offers in the member's chat."""
    bot = till.bots.world.bot(STAFF_BOT)
    return [each["command"] for each in bot.shown_commands(till.person.language_code, till.person.id)]


async def test_a_manager_is_offered_the_office_in_their_language(core):
    invite = await core.staff.invite(None, Role.MANAGER)
    async with simulated() as simulator, at_work(core, simulator, MANAGER, greet=False) as till:
        await till.start(invite.link.rpartition("start=")[2])
        assert "admin" in commands_seen(till)
        await till.say("/language")
        await till.press("English")
        words = till.bots.world.bot(STAFF_BOT).commands[f"chat:{MANAGER.id}", ""]
        assert {"command": "admin", "description": "Manage"} in words
        assert await core.staff.managers() == [(MANAGER.id, "en")]


async def test_a_dismissal_takes_the_offer_away(core):
    await hire(core, MANAGER.id, Role.MANAGER)
    async with counter(core, CASHIER, Role.OWNER) as owner:
        world = owner.bots.world
        world.acquaint(MANAGER, STAFF_BOT)
        bots = {"customer": owner.bots.customer, "staff": owner.bots.staff}
        await introduce(bots, Renderer(TEMPLATES), "Лавка", await core.staff.managers())
        assert (f"chat:{MANAGER.id}", "") in world.bot(STAFF_BOT).commands
        member = await core.staff.identify(MANAGER.id, "ru")
        await owner.press(f"m:dismiss_sure:{member.id}:", owner.last.id, force=True)
        assert (f"chat:{MANAGER.id}", "") not in world.bot(STAFF_BOT).commands
        assert await core.staff.managers() == [(CASHIER.id, "ru")]


async def test_a_member_who_blocks_the_bot_is_known_to(core):
    async def blocked():
        return await one("SELECT blocked_at FROM telegram_identity WHERE bot = 'staff' AND telegram_id = 11")

    async with counter(core) as till:
        await till.do(lambda: till.bots.world.block(CASHIER, STAFF_BOT))
        assert await blocked() is not None
        await till.start()
        assert await blocked() is None
