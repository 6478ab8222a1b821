"""Rows of the programme's table: accrual, redemption, delay, eligible payments, and the switches of a branch.

What people see goes through the bots against the simulator; what is arithmetic is asked of the domain too.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.actors import StaffActor
from core.domain.basket import Basket, Line, Payment
from core.domain.eligibility import Pair
from core.domain.errors import PointsNotEnough
from core.domain.people import Role
from core.domain.programme import Kind, Programme
from core.domain.quote import NoAccrual, quote
from core.services import Services
from core.store import branches
from tests.bots.till_kit import BORIS, CASHIER, MANAGER, PHONE, Counter, counter
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, fresh_key, points_of

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def anna_with(core: Services, clock: ManualClock, points: int, branch_id: int | None = None) -> int:
    """A customer with so many whole points, earned before the rules of the row began."""
    customer = await enrol(core, 1, "79000000001")
    if points:
        earner = await hire(core, 9400, Role.CASHIER, branch_id)
        await buy(core, earner, customer, points * 20 * 100)
    clock.forward(minutes=1)
    return customer


async def at_setting(at: Counter, *steps: str) -> str:
    said = await at.say("/admin")
    for step in ("📋 Программа", *steps):
        said = await (at.say(step[1:]) if step.startswith("=") else at.press(step))
    return said


# --- 80.00 at 5 % gives 4.00 (hundredths) -------------------------------------------------------------
def test_80_00_at_5_percent_gives_4_00_hundredths() -> None:
    cashback = Programme(kind=Kind.CASHBACK)
    assert quote(cashback, Basket.of_total(80_00), available=0).accrual == 4_00
    assert quote(cashback, Basket.of_total(80_20), available=0).accrual == 4_01
    assert quote(cashback, Basket.of_total(80_19), available=0).accrual == 4_00


@on_sqlite
async def test_80_00_at_5_percent_gives_4_00_at_the_till(core: Services, clock: ManualClock) -> None:
    await anna_with(core, clock, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Основное", "Вид", "Кешбэк", "✅ Сохранить")
        await at.say(f"{PHONE[1]} 80")
        assert "Начислено: 4 балла" in await at.press("✅ Начислить 4")
        await at.say(f"{PHONE[1]} 80,20")
        assert "Начислено: 4,01 балла" in await at.press("✅ Начислить 4,01")


# --- one kopeck under the minimum gives 0 -------------------------------------------------------------
def test_one_kopeck_under_the_minimum_gives_0() -> None:
    programme = Programme(min_purchase=500_00)
    under, at = (quote(programme, Basket.of_total(total), available=0) for total in (499_99, 500_00))
    assert (under.accrual, under.no_accrual) == (0, NoAccrual.BELOW_MINIMUM)
    assert (at.accrual, at.no_accrual) == (25_00, None)


@on_sqlite
async def test_one_kopeck_under_the_minimum_gives_0_at_the_till(core: Services, clock: ManualClock) -> None:
    await anna_with(core, clock, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Начисление", "Покупка от", "✏️ Изменить", "=500", "✅ Сохранить")
        said = await at.say(f"{PHONE[1]} 499,99")
        assert "Баллы не начислим: покупка меньше 500,00 ₽" in said
        assert "К оплате: 499,99 ₽" in await at.press("✅ Провести")
        await at.say(f"{PHONE[1]} 500")
        assert "Начислено: 25 баллов" in await at.press("✅ Начислить 25")


# --- same purchase "no" with redemption gives 0 -------------------------------------------------------
def test_same_purchase_no_with_redemption_gives_0() -> None:
    programme = Programme(accrue_when_redeeming=False)
    with_points = quote(programme, Basket.of_total(1000_00), available=700_00, points=1_00)
    assert (with_points.accrual, with_points.no_accrual) == (0, NoAccrual.REDEEMED)
    assert quote(programme, Basket.of_total(1000_00), available=700_00).accrual == 50_00


@on_sqlite
async def test_same_purchase_no_with_redemption_gives_0_at_the_till(core: Services, clock: ManualClock) -> None:
    await anna_with(core, clock, 700)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Начисление", "Начислять при списании", "🚫 Выключить", "✅ Сохранить")
        await at.say(f"{PHONE[1]} 1000")
        await at.press("💸 Списать 500")
        await at.confirms()
        done = await at.sees("💵")
        assert "Списано: 500 баллов" in done
        assert "Начислено" not in done
        assert "Баланс: 200 баллов" in done


# --- receipt 1000, share 50 %, balance 700: proposes 500, 300 accepted, 501 refused -------------------
def test_receipt_1000_share_50_balance_700_proposes_500_takes_300_refuses_501() -> None:
    programme, receipt = Programme(redemption_share=5000), Basket.of_total(1000_00)
    assert quote(programme, receipt, available=700_00).points_limit == 500_00
    lowered = quote(programme, receipt, available=700_00, points=300_00)
    assert (lowered.points, lowered.payable) == (300_00, 700_00)
    with pytest.raises(PointsNotEnough) as refused:
        quote(programme, receipt, available=700_00, points=501_00)
    assert refused.value.data["limit"] == 500_00


@on_sqlite
async def test_receipt_1000_share_50_balance_700_at_the_till(core: Services, clock: ManualClock) -> None:
    await anna_with(core, clock, 700)
    async with counter(core, CASHIER, Role.OWNER) as at:
        said = await at.say(f"{PHONE[1]} 1000")
        assert "Можно списать: 500 баллов" in said
        assert "💸 Списать 500" in at.keys
        await at.press("✏️ Другая сумма")
        assert "500" in await at.say("501")
        assert "300" in await at.say("300")
        await at.confirms()
        done = await at.sees("💵")
        assert "Списано: 300 баллов" in done
        assert "К оплате: 700,00 ₽" in done


# --- delay 1 day: unusable at +23:59:59, usable at +24:00:00 ------------------------------------------
MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
DAYS = {
    "an ordinary day": datetime(2026, 3, 10, 12, 0, 0, tzinfo=MOSCOW),
    "the spring change of clocks": datetime(2026, 3, 28, 12, 0, 0, tzinfo=BERLIN),
    "the autumn change of clocks": datetime(2026, 10, 24, 12, 0, 0, tzinfo=BERLIN),
    "a month's end": datetime(2026, 2, 28, 18, 30, 15, tzinfo=MOSCOW),
    "a year's end": datetime(2026, 12, 31, 23, 59, 59, tzinfo=MOSCOW),
    "a leap day": datetime(2028, 2, 28, 23, 0, 0, tzinfo=MOSCOW),
}


@pytest.mark.parametrize("day", DAYS)
async def test_delay_1_day_unusable_at_23_59_59_usable_at_24_00_00(
    core: Services, clock: ManualClock, day: str
) -> None:
    clock.at = DAYS[day].astimezone(UTC)
    branch = await branches.add("Точка", str(DAYS[day].tzinfo), clock.now())
    cashier = await hire(core, 9300, Role.CASHIER, branch)
    await core.programmes.change({"activation_delay_hours": 24})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 1000_00)
    bought_at = clock.now()
    clock.at = bought_at + timedelta(hours=23, minutes=59, seconds=59)
    assert await points_of(core, customer) == 0
    early = await core.till.open_sale(cashier, customer, 200_00, key=fresh_key())
    assert early.points_limit == 0
    clock.at = bought_at + timedelta(hours=24)
    assert await points_of(core, customer) == 50_00
    usable = await core.till.open_sale(cashier, customer, 200_00, key=fresh_key())
    assert usable.points_limit == 50_00


@on_sqlite
async def test_delay_1_day_at_the_till(core: Services, clock: ManualClock) -> None:
    await anna_with(core, clock, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Начисление", "Активация через", "✏️ Изменить", "=1 день", "✅ Сохранить")
        await at.say(f"{PHONE[1]} 1000")
        await at.press("✅ Начислить 50")
        clock.forward(hours=23, minutes=59, seconds=59)
        assert "списать" not in await at.say(f"{PHONE[1]} 200")
        clock.forward(seconds=1)
        assert "Можно списать: 50 баллов" in await at.say(f"{PHONE[1]} 200")


# --- delivery x card on: delivery x cash earns 0, on the spot any method earns ------------------------
PAIRS = (Pair("delivery", "card"), *(Pair("on_spot", method) for method in ("cash", "card", "online")))
SALES = {
    ("delivery", "card"): 50_00,
    ("delivery", "cash"): 0,
    ("delivery", "online"): 0,
    ("on_spot", "cash"): 50_00,
    ("on_spot", "card"): 50_00,
    ("on_spot", "online"): 50_00,
    ("takeaway", "card"): 0,
}


@pytest.mark.parametrize(("sale_type", "method"), SALES)
def test_delivery_by_card_on_delivery_by_cash_earns_0_on_the_spot_any_method_earns(
    sale_type: str, method: str
) -> None:
    basket = Basket((Line(1000_00),), sale_type, (Payment(method),))
    found = quote(Programme(eligible_pairs=PAIRS), basket, available=0)
    assert found.accrual == SALES[sale_type, method]
    assert found.no_accrual is (None if found.accrual else NoAccrual.NOT_ELIGIBLE)


@on_sqlite
async def test_delivery_by_card_is_ticked_in_the_office_and_holds_at_the_till(
    core: Services, clock: ManualClock
) -> None:
    customer = await anna_with(core, clock, 0)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at_setting(at, "Что участвует", "Продажи и оплаты", "✏️ Изменить", "С собой", "Доставка")
        await at.press("f:pair:0:eligible_pairs:delivery-card", at.last.id)
        await at.press("Готово")
        assert "Сохранено" in await at.press("✅ Сохранить")
    owner = await core.staff.identify(CASHIER.id, "ru")
    assert isinstance(owner, StaffActor)
    for (sale_type, method), accrual in SALES.items():
        basket = Basket((Line(1000_00),), sale_type, (Payment(method),))
        sale = await core.till.open_sale(owner, customer, basket, key=fresh_key())
        assert sale.accrual == accrual, (sale_type, method)


# --- programme off in A -------------------------------------------------------------------------------
@on_sqlite
async def test_programme_off_in_a_no_accrual_in_a_redemption_until_as_points_payment_is_off_b_unchanged(
    core: Services, clock: ManualClock
) -> None:
    b = await branches.add("Б", "Europe/Moscow", clock.now())
    customer = await anna_with(core, clock, 700, b)
    async with counter(core, MANAGER, Role.MANAGER) as at_a:
        await hire(core, BORIS.id, Role.CASHIER, b)
        at_b = Counter(at_a.bots, BORIS)
        await at_b.start()
        await at_setting(at_a, "Основное", "Программа включена", "🚫 Выключить", "✅ Сохранить")

        said = await at_a.say(f"{PHONE[1]} 400")
        assert "Баллы не начислим: начисление выключено" in said
        await at_a.press("💸 Списать 200")
        await at_a.confirms()
        assert "Баланс: 500 баллов" in await at_a.sees("💵")

        await at_setting(at_a, "Списание", "Оплата баллами", "🚫 Выключить", "✅ Сохранить")
        said = await at_a.say(f"{PHONE[1]} 400")
        assert "списать" not in said
        assert not [key for key in at_a.keys if "Списать" in key]

        said = await at_b.say(f"{PHONE[1]} 400")
        assert "Можно списать: 200 баллов" in said
        assert "Начислено: 20 баллов" in await at_b.press("✅ Начислить 20")
    assert (await core.balances.open(actor_of(customer))).points == 520_00
