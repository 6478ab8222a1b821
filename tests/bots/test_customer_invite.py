"""Friends: links, promo codes, and the link that the till sends."""

import re

import pytest

from core.actors import CustomerActor, StaffActor
from core.services import Services
from core.store import customers
from handlers.scan import read_codes
from tests.bots.customer_chat import Chat, chatting
from tests.bots.world import ANNA, BORIS, CUSTOMER_BOT
from tests.conftest import ManualClock, enrol

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

FRIEND = 77


async def friend(core: Services) -> CustomerActor:
    """Somebody who is a customer already."""
    await enrol(core, FRIEND)
    found = await core.identification.customer(FRIEND, "ru")
    assert isinstance(found, CustomerActor)
    return found


async def promo_code(core: Services) -> str:
    return (await core.referrals.invitation(await friend(core))).promo_code


async def inviter_of(chat: Chat) -> int | None:
    row = await customers.get((await chat.actor()).id)
    assert row is not None
    return row.referred_by_id


async def test_a_link_brings_a_friend(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"referral_friend_points": 50_00, "referral_inviter_points": 100_00})
    code = await promo_code(core)
    inviter = await core.identification.customer(FRIEND, "ru")
    async with chatting(core) as anna:
        assert "Вы пришли по приглашению друга" in await anna.start(f"ref_{code}")
        assert "Вы пришли по приглашению друга" in await anna.start(), "the invitation is remembered"
        await anna.share()
        await anna.press("✅ Согласен")
        await anna.press("Пропустить")
        assert "Приглашение друга засчитано" in await anna.press("Пропустить")
        assert await inviter_of(anna) == inviter.id

        sale = await core.till.open_sale(cashier, (await anna.actor()).id, 100_00, key="s")
        await core.till.accrue(cashier, sale.purchase_id)
        assert "+50 баллов — подарок по приглашению друга" in await anna.say("/history")
    assert (await core.referrals.invitation(inviter)).earned == 100_00


async def test_both_friends_are_told_what_came_and_what_went(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"referral_friend_points": 50_00, "referral_inviter_points": 100_00})
    inviter = await enrol(core, BORIS.id, "79000000002")
    code = (await core.referrals.invitation(CustomerActor(inviter, BORIS.id, "ru", None))).promo_code
    async with chatting(core) as anna:
        boris = Chat(anna.bots, BORIS)
        anna.bots.world.acquaint(BORIS, CUSTOMER_BOT)
        await anna.start(f"ref_{code}")
        await anna.share()
        await anna.press("✅ Согласен")
        assert "+100 баллов — ваши после его первой покупки" in await boris.told("пришёл друг")
        await anna.press("Пропустить")
        await anna.press("Пропустить")
        sale = await core.till.open_sale(cashier, (await anna.actor()).id, 100_00, key="s")
        await core.till.accrue(cashier, sale.purchase_id)
        receipt = await anna.told("Покупка 100,00")
        assert "Начислено: +5 баллов\n🎁 Подарок: +50 баллов\n\nБаланс: 55 баллов" in receipt
        assert "Баланс: 100 баллов" in await boris.told("+100 баллов за приглашённого друга")
        await core.refunds.undo(cashier, sale.purchase_id)
        undone = await anna.told("Покупка отменена")
        assert "Снято начисленное: −5 баллов\nСнят подарок: −50 баллов\n\nБаланс: 0 баллов" in undone
        assert "Баланс: 0 баллов" in await boris.told("Подарок за друга снят: −100 баллов")
        history = await anna.say("/history")
        assert "−50 баллов — подарок по приглашению снят: покупка отменена" in history
        assert "−5 баллов — отмена начисления" in history
        assert "подарок за друга снят: его покупка отменена" in await boris.say("/history")


async def test_a_friends_link_followed_by_a_customer_is_answered(core: Services, cashier: StaffActor) -> None:
    code = await promo_code(core)
    async with chatting(core) as anna:
        await anna.register()
        own = (await core.referrals.invitation(await anna.actor())).promo_code
        for useless, why in (
            (own, "Это ваша собственная ссылка"),
            ("NOSUCH", "Приглашение друга — для новых клиентов"),
        ):
            said = await anna.start(f"ref_{useless}")
            assert "Вы в программе" in said
            assert why in said
        assert "Промокод принят" in await anna.start(f"ref_{code}")
        assert "Этот промокод вы уже ввели" in await anna.start(f"ref_{code}")
        assert "приглашени" not in (await anna.start()).lower()


async def test_the_button_for_a_code_is_for_those_who_can_use_it(core: Services) -> None:
    code = await promo_code(core)
    async with chatting(core) as anna:
        await anna.register()
        await anna.say("/invite")
        assert anna.keys == ["📤 Отправить другу", "✏️ Ввести промокод друга"]
        assert "Промокод принят" in await anna.say(code)
        assert "Этот промокод вы уже ввели" in await anna.say(code)
        await anna.say("/invite")
        assert anna.keys == ["📤 Отправить другу"]


@pytest.mark.parametrize("payload", ["ref_NOSUCH", "ref_", "claim_abc", "hello", "ref_<b>", "а" * 64])
async def test_a_strange_payload_is_a_plain_start(core: Services, payload: str) -> None:
    async with chatting(core) as anna:
        said = await anna.start(payload)
        assert "Чтобы получить карту" in said
        assert "приглашению" not in said
        await anna.share()
        await anna.press("✅ Согласен")
        assert await inviter_of(anna) is None


async def test_the_invitation_can_be_read_by_a_friends_phone(core: Services) -> None:
    await core.programmes.change({"referral_friend_points": 1_00, "referral_inviter_points": 2_00})
    async with chatting(core) as anna:
        await anna.register()
        said = await anna.say("🎁 Пригласить друга")
        assert "Друг получит 1 балл, вы — 2 балла после его первой покупки" in said
        link = re.search(r"https://t\.me/kopilka_test_bot\?start=ref_(\w{6})", said)
        assert link is not None
        assert f"Промокод: {link[1]}" in said
        assert "ещё никто не пришёл" in said
        media = anna.last.media
        assert media is not None
        assert media.file is not None
        assert await read_codes(media.file.data) == [link[0]]

        await enrol(core, 5, referral_code=link[1])
        assert "Пришли: 1, купили: 0, вы получили 0 баллов" in await anna.say("/invite")


async def test_inviting_is_hidden_while_it_is_off(core: Services) -> None:
    await core.programmes.change({"referral_on": False})
    code = await promo_code(core)
    async with chatting(core) as anna:
        assert "приглашению" not in await anna.start(f"ref_{code}")
        await anna.share()
        await anna.press("✅ Согласен")
        await anna.press("Пропустить")
        await anna.press("Пропустить")
        assert anna.menu == ["💳 Карта", "💰 Баланс", "🧾 История", "⚙️ Настройки"]
        assert "Приглашать друзей сейчас нельзя" in await anna.say("/invite")
        assert "Такого промокода нет" in await anna.say(code)
        assert await inviter_of(anna) is None


@pytest.mark.parametrize("written", ["{}", "  {} ", "lower", "cyrillic"])
async def test_a_promo_code_may_simply_be_typed(core: Services, written: str) -> None:
    code = await promo_code(core)
    typed = {
        "lower": code.lower(),
        "cyrillic": code.translate(str.maketrans("ABEKMHPCTYX", "АВЕКМНРСТУХ")),
    }.get(written, written.format(code))
    async with chatting(core) as anna:
        await anna.register()
        assert "Промокод принят" in await anna.say(typed)
        assert await inviter_of(anna) == (await core.identification.customer(FRIEND, "ru")).id


async def test_a_promo_code_is_asked_for_by_a_button(core: Services) -> None:
    code = await promo_code(core)
    async with chatting(core) as anna:
        await anna.register()
        await anna.say("/invite")
        assert "Введите промокод друга" in await anna.press("✏️ Ввести промокод друга")
        assert "Такого промокода нет" in await anna.say("не помню")
        assert "Введите промокод друга" in await anna.do(lambda: anna.bots.world.send_sticker(ANNA, 100))
        own = (await core.referrals.invitation(await anna.actor())).promo_code
        assert "Это ваш собственный промокод" in await anna.say(own)
        assert "Промокод принят" in await anna.say(code)
        assert "Не удалось это понять" in await anna.say("не помню"), "the question is closed"
        assert "Отменять нечего" in await anna.say("/cancel")


async def test_a_promo_code_comes_too_late(core: Services, clock: ManualClock) -> None:
    code = await promo_code(core)
    async with chatting(core) as anna:
        await anna.register()
        clock.forward(days=7, seconds=1)
        assert "в течение 7 дней после регистрации" in await anna.say(code)
        assert await inviter_of(anna) is None


async def test_a_link_of_the_till_asks_only_for_the_code(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"welcome_points": 10_00})
    registration = await core.till_registrations.open_at_till(cashier, "79000000001", name="Анна Петровна")
    await core.till_registrations.send_link(cashier, registration, key="link")
    async with chatting(core) as anna:
        sms = await anna.bots.world.wait_sms("79000000001")
        assert sms.text.startswith("Ваша карта: https://t.me/kopilka_test_bot?start=reg_")
        said = await anna.start(sms.text.partition("?start=")[2])
        assert "Здравствуйте, Анна Петровна! Осталось подтвердить номер +7 900 ***-**-01" in said
        assert "4 цифры" in said
        assert anna.menu == ["📱 Отправить мой номер", "🌐 Язык · Language"]
        await anna.bots.world.wait_sms("79000000001", count=2)
        assert "подтверждён" in await anna.say(await anna.code(2))
        said = await anna.press("✅ Согласен")
        assert "Готово! Вы в программе" in said
        assert "Баланс: 10 баллов" in said
        assert (await anna.actor()).name == "Анна Петровна"
        assert "Здравствуйте, Анна Петровна!" in await anna.start(sms.text.partition("?start=")[2])


async def test_a_link_of_the_till_and_ones_own_contact(core: Services, cashier: StaffActor) -> None:
    registration = await core.till_registrations.open_at_till(cashier, "79000000001", card_number="5555")
    await core.till_registrations.send_link(cashier, registration, key="link")
    async with chatting(core) as anna:
        sms = await anna.bots.world.wait_sms("79000000001")
        await anna.start(sms.text.partition("?start=")[2])
        await anna.share()
        await anna.press("✅ Согласен")
        await anna.press("Пропустить")
        assert "Карта: 5555" in await anna.press("Пропустить")


async def test_a_dead_link_says_so_and_goes_on(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    registration = await core.till_registrations.open_at_till(cashier, "79000000001")
    await core.till_registrations.send_link(cashier, registration, key="link")
    async with chatting(core) as anna:
        sms = await anna.bots.world.wait_sms("79000000001")
        clock.forward(days=3)
        for payload in (sms.text.partition("?start=")[2], "reg_made_up"):
            said = await anna.start(payload)
            assert "Эта регистрация уже завершена, или её срок вышел" in said
            assert "Чтобы получить карту" in said
        assert "подтверждён" in await anna.share()
