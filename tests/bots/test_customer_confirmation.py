"""The till asks to spend points; the customer says yes, no, or nothing."""

from dataclasses import dataclass

import pytest

from core.actors import StaffActor
from core.services import Services
from core.store import purchases
from handlers.callbacks import Confirm
from tests.bots.customer_chat import Chat, chatting
from tests.bots.world import ANNA, BORIS, CUSTOMER_BOT
from tests.conftest import ManualClock, enrol

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@dataclass
class Asked:
    """A question in the customer's chat."""

    purchase_id: int
    hold_id: int
    message: int

    def press(self, *, yes: bool) -> str:
        """What its button carries."""
        return Confirm(purchase_id=self.purchase_id, hold_id=self.hold_id, yes=yes).pack()


async def ask(
    core: Services, chat: Chat, cashier: StaffActor, points: int = 300_00, total: int = 1500_00
) -> Asked:
    """The till asks Anna, who has points, to confirm."""
    chat.bots.world.acquaint(ANNA, CUSTOMER_BOT)
    customer = (await chat.actor()).id
    sale = await core.till.open_sale(cashier, customer, total, key=f"sale:{chat.bots.world.mark()}")
    await core.redemption.spend(cashier, sale.purchase_id, points, key=f"spend:{sale.purchase_id}")
    said = await chat.told("Списать")
    assert "Списать 300 баллов?\nПокупка 1 500,00 ₽, Основная точка" in said
    assert "в течение 5 минут" in said
    assert chat.keys == ["✅ Списать", "❌ Нет"]
    row = await purchases.get(sale.purchase_id)
    assert row is not None
    assert row.hold_id is not None
    return Asked(sale.purchase_id, row.hold_id, chat.last.id)


async def with_points(core: Services) -> None:
    await core.programmes.change({"welcome_points": 400_00})
    await enrol(core, ANNA.id, "79000000001")


def question(chat: Chat, asked: Asked) -> str:
    (found,) = [each for each in chat.bots.world.from_bot(ANNA, CUSTOMER_BOT) if each.id == asked.message]
    assert not (found.markup or {}).get("inline_keyboard"), "the question has lost its buttons"
    return found.text.translate({0xA0: " "})


async def balance(core: Services, chat: Chat) -> int:
    return (await core.balances.open(await chat.actor())).points


async def test_yes(core: Services, cashier: StaffActor) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        assert "Списано 300 баллов" in await anna.press("✅ Списать")
        assert "К оплате: 1 200,00 ₽" in question(anna, asked)
        said = await anna.told("Покупка 1 500,00 ₽\n")
        assert "Списано: 300 баллов\nК оплате: 1 200,00 ₽\nНачислено: +60 баллов\n\nБаланс: 160 баллов" in said
        assert (await core.till.look(cashier, asked.purchase_id)).status == "completed"


async def test_yes_pressed_twice_spends_once(core: Services, cashier: StaffActor) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        yes = asked.press(yes=True)
        world = anna.bots.world
        presses = [world.press(ANNA, CUSTOMER_BOT, asked.message, yes, force=True) for _ in range(3)]
        for press in presses:
            await world.wait_answer(press)
        await anna.settled()
        assert "Списано 300 баллов" in question(anna, asked)
        assert await balance(core, anna) == 160_00


async def test_no(core: Services, cashier: StaffActor) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        assert "Вы отказались, баллы не списаны" in await anna.press("❌ Нет")
        question(anna, asked)
        assert await balance(core, anna) == 400_00
        assert (await core.till.look(cashier, asked.purchase_id)).status == "draft"
        yes = asked.press(yes=True)
        assert "Подтверждать уже нечего" in await anna.press(yes, asked.message, force=True)
        assert await balance(core, anna) == 400_00


@pytest.mark.parametrize("button", ["✅ Списать", "❌ Нет"])
async def test_a_press_after_the_time_changes_nothing(
    core: Services, cashier: StaffActor, clock: ManualClock, button: str
) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        clock.forward(minutes=10)
        said = await anna.press(button)
        assert "Подтверждать уже нечего" in said or "баллы не списаны" in said
        assert question(anna, asked)
        assert await balance(core, anna) == 400_00


async def test_a_press_after_the_till_gave_up(core: Services, cashier: StaffActor) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        await core.redemption.stop_waiting(cashier, asked.purchase_id)
        assert "Этот вопрос закрыт" in await anna.told("Этот вопрос закрыт")
        question(anna, asked)
        yes = asked.press(yes=True)
        assert "Подтверждать уже нечего" in await anna.press(yes, asked.message, force=True)
        assert await balance(core, anna) == 400_00


async def test_no_after_the_sale_was_completed(core: Services, cashier: StaffActor) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        await anna.press("✅ Списать")
        no = asked.press(yes=False)
        assert "Эта покупка уже завершена" in await anna.press(no, asked.message, force=True)
        assert await balance(core, anna) == 160_00


async def test_a_sale_completed_without_points_is_told_as_it_is(core: Services, cashier: StaffActor) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        await core.redemption.stop_waiting(cashier, asked.purchase_id)
        await core.till.accrue(cashier, asked.purchase_id)
        yes = asked.press(yes=True)
        said = await anna.press(yes, asked.message, force=True)
        assert "Покупка завершена, баллы не списаны" in said


@pytest.mark.parametrize("yes", [True, False])
async def test_nobody_answers_for_another(core: Services, cashier: StaffActor, yes: bool) -> None:
    await with_points(core)
    await enrol(core, BORIS.id, "79000000002")
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        boris = Chat(anna.bots, BORIS)
        await boris.start()
        forged = asked.press(yes=yes)
        assert "Такой покупки здесь нет" in await boris.press(forged, boris.last.id, force=True)
        assert (await core.till.look(cashier, asked.purchase_id)).status == "waiting"
        assert "Списано 300 баллов" in await anna.press("✅ Списать", asked.message)


@pytest.mark.parametrize(
    "data",
    ["c:0:1", "c:999999:1", f"c:{2**63}:1", f"c:{'9' * 50}:0", "c:-1:1", "c::1", "c:1", "c:x:y", "zzz", "g:"],
)
async def test_a_made_up_button_is_answered(core: Services, data: str) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        await anna.start()
        said = await anna.press(data, anna.last.id, force=True)
        assert "Такой покупки здесь нет" in said or "Эта кнопка больше не действует" in said


async def test_a_stranger_confirms_nothing(core: Services, cashier: StaffActor) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        boris = Chat(anna.bots, BORIS)
        await boris.start()
        forged = asked.press(yes=True)
        assert "Сначала зарегистрируйтесь" in await boris.press(forged, boris.last.id, force=True)


async def test_an_undone_purchase_is_told(core: Services, cashier: StaffActor) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        await anna.press("✅ Списать")
        await anna.told("Баланс: 160 баллов")
        await core.refunds.undo(cashier, asked.purchase_id)
        said = await anna.told("Покупка отменена")
        assert "Возвращено: +300 баллов\nСнято начисленное: −60 баллов\n\nБаланс: 400 баллов" in said


async def test_an_old_question_does_not_answer_a_new_one(core: Services, cashier: StaffActor) -> None:
    await with_points(core)
    async with chatting(core) as anna:
        asked = await ask(core, anna, cashier)
        await core.redemption.stop_waiting(cashier, asked.purchase_id)
        await core.redemption.spend(cashier, asked.purchase_id, 200_00, key="spend:anew")
        await anna.told("Списать 200 баллов?")
        press = anna.bots.world.press(ANNA, CUSTOMER_BOT, asked.message, asked.press(yes=True), force=True)
        assert (await anna.bots.world.wait_answer(press))["show_alert"]
        assert (await core.till.look(cashier, asked.purchase_id)).status == "waiting"
        assert await balance(core, anna) == 400_00
