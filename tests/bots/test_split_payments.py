"""Parts of a payment while the price still changes: kept as long as they fit, told of when they are left out."""

import pytest

from core.check import check_ledger
from core.domain.eligibility import Pair
from core.domain.people import Role
from core.domain.promotions import Benefit
from core.services import Services
from core.store.sql import fetch
from tests.bots.till_kit import counter, customer_with
from tests.conftest import enrol, hire
from tests.core.kit import fresh_key
from tests.core.offers_kit import issue

LEFT_OUT = "Введённые части оплаты больше новой суммы"


@pytest.fixture
async def asking(core: Services) -> None:
    """It matters how a sale is paid, and purchases may be paid in parts."""
    await core.programmes.change({"eligible_pairs": [Pair("on_spot", "card")], "part_payments_on": True})


async def payments_of(purchase_id: int) -> list[tuple[str, int]]:
    rows = await fetch(
        "SELECT method, amount FROM purchase_payment WHERE purchase_id = $1 ORDER BY id", purchase_id
    )
    return [(row["method"], row["amount"]) for row in rows]


@pytest.mark.usefixtures("asking")
async def test_parts_stay_while_they_fit_and_are_forgotten_when_they_do_not(core, cashier):
    owner = await hire(core, 7001, Role.OWNER)
    cheap = (await core.catalogue.add(owner, "Чай", 100_00, key="tea")).id
    await issue(core, owner, Benefit.PERCENT, 5000)
    sale = await core.till.open_sale(cashier, await enrol(core, 1), 1_000_00, key=fresh_key())
    at = (cashier, sale.purchase_id)
    await core.pay_ways.choose(*at, sale_type="on_spot", method="card")
    split = await core.pay_ways.split(*at, "cash", 300_00)
    assert split.split == (("card", 700_00), ("cash", 300_00))

    more = await core.till_lines.put(*at, cheap, 11_000)
    assert (more.payable, more.split) == (1_100_00, (("card", 800_00), ("cash", 300_00)))
    less = await core.couponing.enter(*at, "SUMMER")
    assert (less.payable, less.split) == (550_00, (("card", 250_00), ("cash", 300_00)))
    assert not less.parts_dropped
    part = await core.payments.pay_now(*at, 500_00)
    assert (part.paid, part.split) == (500_00, (("card", 200_00), ("cash", 300_00)))

    gone = await core.till_lines.put(*at, cheap, 5_000)
    assert (gone.payable, gone.paid, gone.split, gone.method) == (250_00, 250_00, (), "card")
    assert gone.parts_dropped
    assert (await core.till.look(*at)).parts_dropped
    again = await core.pay_ways.split(*at, "cash", 50_00)
    assert (again.split, again.parts_dropped) == ((("card", 200_00), ("cash", 50_00)), False)
    whole = await core.payments.pay_now(*at, None)
    assert (whole.split, whole.parts_dropped) == (again.split, False)
    small = await core.payments.pay_now(*at, 40_00)
    assert (small.paid, small.split, small.parts_dropped) == (40_00, (), True)
    await core.payments.pay_now(*at, 60_00)
    await core.pay_ways.split(*at, "cash", 10_00)
    done = await core.till.accrue(*at)
    assert (done.paid, await payments_of(done.purchase_id)) == (60_00, [("card", 50_00), ("cash", 10_00)])
    assert not (await check_ledger()).findings


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("asking")
async def test_the_cashier_is_told_until_the_parts_are_typed_again(core):
    owner = await hire(core, 7001, Role.OWNER)
    await issue(core, owner, Benefit.PERCENT, 5000)
    await customer_with(core, 0)
    async with counter(core) as till:
        await till.say("9000000001 1000")
        await till.press("⚙️ Оплата")
        await till.press("▫️ На месте")
        await till.press("▫️ Карта")
        await till.press("⚙️ Оплата")
        await till.press("➕ Часть: Наличные")
        assert "наличные 600,00 ₽" in await till.say("600")
        await till.press("🏷 Купон")
        told = await till.say("SUMMER")
        assert "К оплате: 500,00 ₽" in told
        assert LEFT_OUT in told
        await till.press("⚙️ Оплата")
        assert LEFT_OUT in await till.press("⬅️ Назад")
        await till.press("⚙️ Оплата")
        await till.press("➕ Часть: Наличные")
        assert LEFT_OUT not in await till.say("200")
        assert "наличные 200,00 ₽" in till.text
