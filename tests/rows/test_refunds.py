"""The acceptance table's rows on refunds and on the N-th gift."""

import pytest

from core.domain.basket import Basket, Line, Terms
from core.domain.programme import Programme
from core.domain.quote import quote
from core.domain.refund import Sold, SoldLine, Wanted, parts, totals, with_parts
from tests.bots.till_kit import counter, customer_with

ORDER = 40_00
BRINGS_70 = (Programme(accrual_percent=3500), Terms(factor=500))


def order() -> Sold:
    programme, terms = BRINGS_70
    priced = quote(programme, Basket.of_total(ORDER), available=0, terms=terms)
    assert priced.accrual == 70_00
    lines = (SoldLine(1, ORDER, 0, ORDER, eligible=True),)
    return Sold(programme, Basket((Line(ORDER),)), terms, lines, 0, priced.accrual, ORDER, ORDER)


def test_order_of_40_70_points_20_returned_35_taken_back() -> None:
    sold = order()
    lines = with_parts(sold.lines, parts(sold.lines, Wanted(20_00)))
    assert totals(sold, lines).taken_back == 35_00


def test_in_ten_small_refunds_the_same_35() -> None:
    sold = order()
    lines, taken = sold.lines, 0
    for _ in range(10):
        before = totals(sold, lines)
        lines = with_parts(lines, parts(lines, Wanted(2_00)))
        taken += totals(sold, lines).since(before).taken_back
    assert taken == 35_00


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_order_of_40_half_returned_at_the_till_once_or_in_ten(core):
    """As people see it: an order of 4 000 at 5 % brings 200, half of it returned takes back 100."""
    await customer_with(core, 0)
    async with counter(core) as till:
        for refunds in (["2000"], ["200"] * 10):
            await till.say("9000000001 4000")
            await till.press("✅ Начислить 200")
            for amount in refunds:
                await till.say("/refund")
                await till.press(till.last.buttons[0][0])
                await till.press("✏️ Сумма")
                await till.say(amount)
                said = await till.press("✅ Вернуть")
            assert f"Баланс: {100 if len(refunds) == 1 else 200} баллов" in said


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_10th_purchase_free_resets_the_counter(core):
    customer = await customer_with(core, 0)
    await core.programmes.change({"nth_purchase": 10})
    async with counter(core) as till:
        for _ in range(9):
            await till.say("9000000001 100")
            await till.press("✅ Начислить 5")
        quote = await till.say("9000000001 350")
        assert "Это 10-я покупка: подарок" in quote
        assert "К оплате: 0,00 ₽" in quote
        assert "К оплате: 0,00 ₽" in await till.press("✅ Провести")
        assert "К оплате: 100,00 ₽" in await till.say("9000000001 100")
    actor = await core.identification.customer(1, "ru")
    assert actor.id == customer
    assert (await core.balances.open(actor)).nth.left == 9
