"""The same barcode again and again at the till: how many pieces that is."""

from core.domain.people import Role
from core.services import Services
from tests.bots.till_kit import CASHIER, PHONE, counter
from tests.conftest import ManualClock, hire
from tests.core.kit import fresh_key
from tests.handlers_kit.codes import Format, encoded, picture_of
from tests.rows.test_catalogue import BARCODE, anna, on_sqlite, stock, tap


@on_sqlite
async def test_a_barcode_scanned_again_is_one_more_piece(core: Services, clock: ManualClock) -> None:
    """As at any till: by a photo or typed, after another product too. A weight is not counted up."""
    await anna(core)
    await stock(core)
    photo = encoded(picture_of(BARCODE, Format.EAN13))
    async with counter(core) as at:
        await at.say(f"{PHONE[1]} 200")
        await at.press("🧺 Позиции")
        assert "Количество: 1" in await at.photo(photo)
        assert "Количество: 2" in await at.photo(photo)
        await at.say("суп")
        await tap(at, "Суп дня · 50,00 ₽")
        assert "Количество: 3" in await at.say(BARCODE)
        await at.say("0,350")
        assert "Количество: 0,35" in await at.say(BARCODE)


async def test_the_same_scan_counts_once_and_the_next_one_again(core: Services, clock: ManualClock) -> None:
    """Telegram may hand a message in twice, also after others of the same sale."""
    customer = await anna(core)
    goods = await stock(core)
    cashier = await hire(core, CASHIER.id, Role.CASHIER)
    lemonade = goods["lemonade"]
    basket = await core.till_lines.basket_with(cashier, lemonade, scan="first")
    sale = await core.till.open_sale(cashier, customer, basket, key=fresh_key())
    counted = []
    for scan in ("first", "second", "second", "third", "first", "second"):
        now = await core.till_lines.put(cashier, sale.purchase_id, lemonade, scan=scan)
        counted.append(now.lines[0].quantity // 1000)
    assert counted == [1, 2, 2, 3, 3, 3]
    # Taking one away is the cashier's word: a scan that comes twice does not bring it back.
    await core.till_lines.put(cashier, sale.purchase_id, lemonade, 1000)
    now = await core.till_lines.put(cashier, sale.purchase_id, lemonade, scan="third")
    assert now.lines[0].quantity == 1000
    assert now.subtotal == 15_00
