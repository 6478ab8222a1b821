"""Products come out of a typed total and go back into it."""

from dataclasses import replace

import pytest

from core.domain.basket import Basket, Line
from core.domain.errors import LastLine, TooManyLines
from core.domain.lines import MAX_LINES, drop_line, line_of_product, put_line

TOTAL = Basket((Line(80_00),), "delivery")


def product(number: int, amount: int) -> Line:
    return Line(amount, product_id=number)


def amounts(basket: Basket) -> dict[int | None, int]:
    return {line.product_id: line.amount for line in basket.lines}


def test_a_product_comes_out_of_the_total_while_it_lasts() -> None:
    one = put_line(TOTAL, product(1, 30_00))
    assert (amounts(one), one.sale_type) == ({1: 30_00, None: 50_00}, "delivery")
    assert one.lines[-1].product_id is None
    assert amounts(put_line(one, product(2, 49_99))) == {1: 30_00, 2: 49_99, None: 1}
    assert amounts(put_line(one, product(2, 50_00))) == {1: 30_00, 2: 50_00}
    assert amounts(put_line(one, product(2, 60_00))) == {1: 30_00, 2: 60_00}


def test_a_products_line_is_put_in_its_own_place() -> None:
    two = put_line(put_line(TOTAL, product(1, 30_00)), product(2, 10_00))
    changed = put_line(two, product(1, 35_00))
    assert [line.product_id for line in changed.lines] == [1, 2, None]
    assert amounts(changed) == {1: 35_00, 2: 10_00, None: 35_00}
    assert amounts(put_line(two, product(1, 5_00))) == {1: 5_00, 2: 10_00, None: 65_00}
    assert put_line(two, product(1, 30_00)) == two
    assert line_of_product(two, 2) == product(2, 10_00)
    assert line_of_product(two, 3) is None


def test_a_line_that_goes_gives_its_worth_back_to_the_rest() -> None:
    two = put_line(put_line(TOTAL, product(1, 30_00)), product(2, 10_00))
    assert amounts(drop_line(two, 1)) == {2: 10_00, None: 70_00}
    assert amounts(drop_line(two, None)) == {1: 30_00, 2: 10_00}
    assert drop_line(two, 9) is two
    used_up = Basket((product(1, 30_00), product(2, 10_00)))
    assert amounts(drop_line(used_up, 1)) == {2: 10_00}


def test_something_is_left_of_a_receipt() -> None:
    with pytest.raises(LastLine):
        drop_line(Basket((product(1, 30_00),)), 1)
    with pytest.raises(LastLine):
        drop_line(TOTAL, None)
    assert amounts(drop_line(Basket((product(1, 30_00), Line(5))), 1)) == {None: 30_05}


def test_a_receipt_has_so_many_lines() -> None:
    full = Basket((*(product(number, 1) for number in range(MAX_LINES)), Line(100)))
    assert amounts(put_line(full, product(1, 2)))[1] == 2
    with pytest.raises(TooManyLines) as refusal:
        put_line(full, product(MAX_LINES, 1))
    assert refusal.value.data == {"most": 50}
    room = replace(full, lines=full.lines[1:])
    assert len(put_line(room, product(MAX_LINES, 1)).lines) == MAX_LINES + 1
