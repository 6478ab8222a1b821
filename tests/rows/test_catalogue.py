"""Rows of the table that need lines or a way of paying: through the bots, as a cashier goes through them."""

import pytest

from core.domain.eligibility import Pair
from core.domain.people import Role
from core.domain.refund import Wanted
from core.domain.settings import plain
from core.services import Services
from core.store.sql import fetch
from tests.bots.till_kit import CASHIER, MANAGER, NBSP, PHONE, Counter, counter
from tests.bots.world import STAFF_BOT
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import fresh_key, one
from tests.handlers_kit.codes import Format, encoded, picture_of

BARCODE = "4607001234562"
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
PAIRS = (Pair("delivery", "card"), *(Pair("on_spot", method) for method in ("cash", "card", "online")))
WORDS = {
    "delivery": "Доставка",
    "on_spot": "На месте",
    "takeaway": "С собой",
    "cash": "Наличные",
    "card": "Карта",
    "online": "Онлайн",
}
SALES = {
    ("delivery", "card"): 50,
    ("delivery", "cash"): 0,
    ("delivery", "online"): 0,
    ("on_spot", "cash"): 50,
    ("on_spot", "card"): 50,
    ("on_spot", "online"): 50,
    ("takeaway", "card"): 0,
}


async def anna(core: Services) -> int:
    return await enrol(core, 1, "79000000001")


async def tap(at: Counter, shown: str) -> str:
    """Press a button as it is read: with whatever spaces its numbers have."""
    exact = [text for row in at.last.buttons for text in row if text.translate(NBSP) == shown]
    assert exact, (shown, at.keys)
    return await at.press(exact[0])


async def choose(at: Counter, sale_type: str, method: str) -> str:
    """Both choices of «⚙️ Оплата»; what the till says in the end."""
    await at.press("⚙️ Оплата")
    await at.press(f"▫️ {WORDS[sale_type]}")
    return await at.press(f"▫️ {WORDS[method]}")


async def stock(core: Services) -> dict[str, int]:
    """Soup for 50, lemonade for 15 in a category, and bread without a price."""
    manager = await hire(core, 9501, Role.MANAGER)
    soup = await core.catalogue.add(manager, "Суп дня", 50_00, key="soup")
    lemonade = await core.catalogue.add(manager, "Лимонад", 15_00, key="lemonade")
    bread = await core.catalogue.add(manager, "Хлеб на развес", None, key="bread")
    drinks = await core.catalogue.add_category(manager, "Напитки")
    await core.catalogue.change(manager, lemonade.id, category_id=drinks, barcode=BARCODE)
    return {"soup": soup.id, "lemonade": lemonade.id, "bread": bread.id, "drinks": drinks}


# --- delivery x card on: delivery x cash earns 0, on the spot any method earns ------------------------
@on_sqlite
async def test_delivery_x_card_on_delivery_x_cash_earns_0_on_the_spot_any_method_earns(
    core: Services, clock: ManualClock
) -> None:
    await anna(core)
    await core.programmes.change({"eligible_pairs": plain(PAIRS)})
    async with counter(core) as at:
        for (sale_type, method), points in SALES.items():
            said = await at.say(f"{PHONE[1]} 1000")
            assert "Сначала выберите, как продаём и чем платят" in said
            assert not [key for key in at.keys if "Начислить" in key or "Провести" in key or "Списать" in key]
            said = await choose(at, sale_type, method)
            if points:
                assert f"Начислено: {points} баллов" in await at.press(f"✅ Начислить {points}"), (
                    sale_type,
                    method,
                )
            else:
                assert "в чеке нет участвующих покупок" in said, (sale_type, method)
                assert "К оплате: 1 000,00 ₽" in await at.press("✅ Провести")
    rows = await fetch("SELECT sale_type, accrual FROM purchase ORDER BY id")
    assert [(row["sale_type"], row["accrual"]) for row in rows] == [
        (sale_type, points * 100) for (sale_type, _), points in SALES.items()
    ]
    paid = await fetch("SELECT method, amount FROM purchase_payment ORDER BY id")
    assert [(row["method"], row["amount"]) for row in paid] == [(method, 1000_00) for _, method in SALES]


@on_sqlite
async def test_a_branch_has_its_own_pairs_and_others_are_not_asked(core: Services, clock: ManualClock) -> None:
    await anna(core)
    async with counter(core, MANAGER, Role.MANAGER) as at:
        own = await core.staff.identify(MANAGER.id, "ru")
        assert own is not None
        await at.say(f"{PHONE[1]} 1000")
        assert "⚙️ Оплата" not in at.keys
        await core.programmes.change({"eligible_pairs": plain(PAIRS[:1])}, branch_id=own.branch_id, by=own)
        await at.say(f"{PHONE[1]} 1000")
        assert "⚙️ Оплата" in at.keys
        await at.press(f"s:accrue:{await one('SELECT max(id) FROM purchase')}", at.last.id, force=True)
        assert "Сначала выберите" in at.alerts[-1]
        assert await one("SELECT count(*) FROM purchase WHERE status = 'completed'") == 0
        assert "Начислим: 50 баллов" in await choose(at, "delivery", "card")
        assert "не начисляются" not in at.text
        await at.press("⚙️ Оплата")
        assert "нет участвующих" in await at.press("▫️ Наличные")


@on_sqlite
async def test_the_rest_of_a_purchase_is_paid_as_its_first_part_was(core: Services, clock: ManualClock) -> None:
    await anna(core)
    await core.programmes.change({"eligible_pairs": plain(PAIRS), "part_payments_on": True})
    async with counter(core) as at:
        await at.say(f"{PHONE[1]} 1000")
        await choose(at, "on_spot", "cash")
        await at.press("💵 Оплачена часть")
        await at.say("400")
        await at.press("✅ Начислить 20")
        await at.press("💵 Доплата")
        await tap(at, "💵 Всё: 600,00 ₽")
    assert await one("SELECT accrual FROM purchase") == 50_00


@on_sqlite
async def test_a_sale_paid_partly_by_card_and_partly_in_cash_earns_by_its_parts(
    core: Services, clock: ManualClock
) -> None:
    await anna(core)
    await core.programmes.change({"eligible_pairs": plain(PAIRS)})
    async with counter(core) as at:
        await at.say(f"{PHONE[1]} 1000")
        assert "Начислим: 50 баллов" in await choose(at, "delivery", "card")
        await at.press("⚙️ Оплата")
        assert "Всего: 1 000,00 ₽. Остальное: карта" in await at.press("➕ Часть: Наличные")
        for wrong in ("1000,01", "10" * 20, "-1", "карта", "🙂"):
            said = await at.say(wrong)
            assert "от 0 до" in said or "цифрами" in said, (wrong, said)
        said = await at.say("400")
        assert "Начислим: 30 баллов" in said
        assert "Оплата: карта 600,00 ₽, наличные 400,00 ₽" in said
        await at.press("✅ Начислить 30")
    paid = await fetch("SELECT method, amount FROM purchase_payment ORDER BY id")
    assert [(row["method"], row["amount"]) for row in paid] == [("card", 600_00), ("cash", 400_00)]
    seller = await core.staff.identify(CASHIER.id, "ru")
    assert seller is not None
    purchase = await one("SELECT id FROM purchase")
    half = await core.refunds.refund(seller, purchase, Wanted(amount=500_00), key=fresh_key())
    assert half.balance == 15_00


# --- drinks excluded, 80 with 30 of drinks at 5 %: 2.50 -----------------------------------------------
@on_sqlite
async def test_drinks_excluded_80_with_30_of_drinks_at_5_percent_2_50(core: Services, clock: ManualClock) -> None:
    await anna(core)
    goods = await stock(core)
    await core.programmes.change({"kind": "cashback", "exclusions": [{"kind": "category", "id": goods["drinks"]}]})
    async with counter(core) as at:
        await at.say(f"{PHONE[1]} 80")
        await at.press("🧺 Позиции")
        await at.press("🏷 Категории")
        await at.press("Напитки")
        assert [key for key in at.keys if "₽" in key] == ["Лимонад · 15,00 ₽"]
        await tap(at, "Лимонад · 15,00 ₽")
        said = await at.press("➕ 1")
        assert "Количество: 2" in said
        assert "Баллы за эту позицию не начисляются" in said
        assert "Чек: 80,00 ₽" in said
        said = await at.press("✅ К чеку")
        assert "Лимонад × 2: 30,00 ₽ · без баллов" in said
        assert "Остальное: 50,00 ₽" in said
        assert "Начислим: 2,50 балла" in said
        assert "Начислено: 2,50 балла" in await at.press("✅ Начислить 2,50")
    lines = await fetch("SELECT title, amount, quantity, eligible FROM purchase_line ORDER BY number")
    assert [(row["title"], row["amount"], row["quantity"], bool(row["eligible"])) for row in lines] == [
        ("Лимонад", 30_00, 2000, False),
        ("", 50_00, 1000, True),
    ]
    assert await one("SELECT subtotal FROM purchase") == 80_00


@on_sqlite
async def test_everything_excluded_but_one_product_found_by_its_name(core: Services, clock: ManualClock) -> None:
    await anna(core)
    goods = await stock(core)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at.say("/admin")
        for step in ("📋 Программа", "Что участвует", "Исключения", "✏️ Изменить", "🚫 Исключить всё"):
            await at.press(step)
        assert "🚫 Напитки" in at.keys
        await at.say("суп")
        await at.press("🚫 Суп дня")
        assert "✅ Суп дня" in at.keys
        await at.press("Готово")
        await at.press("✅ Сохранить")
        programme = await core.programmes.current()
        assert (programme.exclude_all, plain(programme.exclusions)) == (
            True,
            [{"kind": "product", "id": goods["soup"]}],
        )
        assert "нет участвующих" in await at.say(f"{PHONE[1]} 80")
        await at.press("🧺 Позиции")
        await tap(at, "Суп дня · 50,00 ₽")
        said = await at.press("✅ К чеку")
        assert "Остальное: 30,00 ₽ · без баллов" in said
        assert "Начислим: 2 балла" in said


@on_sqlite
async def test_lines_from_the_first_to_redemption_and_a_refund_of_one(core: Services, clock: ManualClock) -> None:
    await anna(core)
    goods = await stock(core)
    async with counter(core, CASHIER, Role.MANAGER) as at:
        await at.say(f"{PHONE[1]} 10000")
        await at.press("✅ Начислить 500")
        clock.forward(minutes=1)
        await at.say(PHONE[1])
        await at.press("🧾 Покупка")
        await at.press("🧺 Позиции")
        assert "Количество: 1" in await at.say(BARCODE)
        assert "Нашлось: 1" in await at.press("➕ Ещё") or "Нажмите товар" in at.text
        await at.say("хлеб")
        await at.press("Хлеб на развес · своя цена")
        assert "Цена: 120,00 ₽" in await at.say("120")
        assert "от 0,001 до 100 000" in await at.say("0")
        assert "Сумма: 42,00 ₽" in await at.say("0,350 кг")
        await at.press("🧺 В чеке: 2")
        await tap(at, "Лимонад · 15,00 ₽")
        await at.say("3")
        said = await at.press("✅ К чеку")
        assert "Лимонад × 3: 45,00 ₽" in said
        assert "Хлеб на развес × 0,35: 42,00 ₽" in said
        assert "Чек: 87,00 ₽" in said
        await at.press("💸 Списать 43")
        await at.confirms()
        assert "К оплате: 44,00 ₽" in await at.sees("Списано: 43 балла")
        purchase = await one("SELECT max(id) FROM purchase")
        await at.press(f"b:lines:{purchase}:0", at.last.id, force=True)
        assert "▫️" in str(at.keys) or "⬜️ Лимонад · 45,00 ₽" in at.keys
        await tap(at, "⬜️ Лимонад · 45,00 ₽")
        await at.press("Дальше")
        await at.press("✅ Вернуть")
    assert await one("SELECT refunded FROM purchase WHERE id = (SELECT max(id) FROM purchase)") == 45_00
    assert await one("SELECT refunded FROM purchase_line WHERE product_id = $1", goods["lemonade"]) == 45_00


@on_sqlite
async def test_a_photographed_barcode_takes_its_product_at_once(core: Services, clock: ManualClock) -> None:
    await anna(core)
    await stock(core)
    photo, other = (encoded(picture_of(code, Format.EAN13)) for code in (BARCODE, "4006381333931"))
    async with counter(core) as at:
        await at.say(f"{PHONE[1]} 100")
        await at.press("🧺 Позиции")
        said = await at.photo(photo)
        assert "Лимонад" in said
        assert "К оплате: 100,00 ₽" in await at.press("✅ К чеку")
        await at.press("🧺 Позиции")
        assert "4006381333931" in await at.photo(other)
        assert "штрихкода" in await at.do(lambda: at.bots.world.send_sticker(CASHIER, STAFF_BOT))
    assert await one("SELECT count(*) FROM purchase_line WHERE product_id IS NOT NULL") == 1


@on_sqlite
async def test_products_follow_one_another_without_a_press_between_them(
    core: Services, clock: ManualClock
) -> None:
    await anna(core)
    await stock(core)
    async with counter(core) as at:
        await at.say(f"{PHONE[1]} 200")
        await at.press("🧺 Позиции")
        await tap(at, "Суп дня · 50,00 ₽")
        assert "Лимонад" in await at.say(BARCODE)
        await at.say("2")
        assert "Нашлось: 1" in await at.say("суп")
        await tap(at, "Суп дня · 50,00 ₽")
        assert "Лимонад" in await at.photo(encoded(picture_of(BARCODE, Format.EAN13)))
        assert "Количество: 3" in at.text
        assert "ничего" in (await at.say("4006381333931")).lower()
        said = await at.press("✅ К чеку")
        assert "Лимонад × 3: 45,00 ₽" in said
        assert "Остальное: 105,00 ₽" in said


@on_sqlite
async def test_the_tenth_coffee_is_a_gift_by_its_category(core: Services, clock: ManualClock) -> None:
    customer = await anna(core)
    goods = await stock(core)
    await core.programmes.change({"nth_purchase": 2, "nth_category": goods["drinks"]})
    async with counter(core) as at:
        cashier = await core.staff.identify(CASHIER.id, "ru")
        assert cashier is not None
        basket = await core.till_lines.basket_with(cashier, goods["lemonade"])
        first = await core.till.open_sale(cashier, customer, basket, key=fresh_key())
        await core.till.accrue(cashier, first.purchase_id)
        await at.say(f"{PHONE[1]} 65")
        assert "подарок" not in at.text
        await at.press("🧺 Позиции")
        await tap(at, "Лимонад · 15,00 ₽")
        said = await at.press("✅ К чеку")
        assert "Это 2-я покупка: подарок" in said
        assert "К оплате: 50,00 ₽" in said
        await at.press("🧺 Позиции")
        await tap(at, "Лимонад · 15,00 ₽")
        await at.press("🗑 Убрать")
        assert "подарок" not in await at.press("✅ К чеку")


@on_sqlite
async def test_the_category_of_the_n_th_gift_is_chosen_from_a_list(core: Services, clock: ManualClock) -> None:
    goods = await stock(core)
    async with counter(core, CASHIER, Role.OWNER) as at:
        await at.say("/admin")
        for step in ("📋 Программа", "Подарки", "N-я в категории", "✏️ Изменить", "▫️ Напитки"):
            await at.press(step)
        assert "Сохранено" in await at.press("✅ Сохранить")
        assert "Сейчас: Напитки" in at.text
        assert (await core.programmes.current()).nth_category == goods["drinks"]
        await at.press("✏️ Изменить")
        await at.press("Любая покупка")
        await at.press("✅ Сохранить")
    assert (await core.programmes.current()).nth_category is None


@on_sqlite
async def test_the_last_line_stays_and_an_old_button_shows_what_is_true(
    core: Services, clock: ManualClock
) -> None:
    await anna(core)
    goods = await stock(core)
    async with counter(core) as at:
        await at.say(PHONE[1])
        await at.press("🧾 Покупка")
        await at.press("🧺 Позиции")
        await tap(at, "Суп дня · 50,00 ₽")
        assert "последняя позиция" in await at.press("🗑 Убрать")
        purchase = await one("SELECT max(id) FROM purchase")
        await at.press("✅ К чеку")
        await at.press("✅ Начислить 2")
        before = await one("SELECT count(*) FROM purchase_line")
        for data in (f"it:take:{purchase}:{goods['lemonade']}:0", f"it:drop:{purchase}:{goods['soup']}:0"):
            await at.press(data, at.last.id, force=True)
            assert "Начислено" in at.text
        assert await one("SELECT count(*) FROM purchase_line") == before


@on_sqlite
async def test_without_products_there_is_no_button(core: Services, clock: ManualClock) -> None:
    await anna(core)
    async with counter(core) as at:
        await at.say(f"{PHONE[1]} 80")
        assert "🧺 Позиции" not in at.keys
        await at.say(PHONE[1])
        await at.press("🧾 Покупка")
        assert "🧺 Позиции" not in at.keys
