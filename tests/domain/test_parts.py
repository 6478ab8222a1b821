"""Parts of a payment while the price changes."""

import pytest

from core.domain.basket import UNASKED, Basket, Payment
from core.domain.parts import fitting, paid_in


def basket(*payments: Payment, dropped: bool = False) -> Basket:
    return Basket(Basket.of_total(1_000_00).lines, payments=payments, parts_dropped=dropped)


def test_parts_that_are_typed_end_the_word_of_those_that_were_dropped() -> None:
    found = paid_in(basket(Payment("cash"), dropped=True), Payment("card", 300_00), Payment("cash"))
    assert found == basket(Payment("card", 300_00), Payment("cash"))


@pytest.mark.parametrize(
    "payments",
    [
        (),
        (Payment("cash"),),
        (Payment("cash"), Payment("card", 300_00)),
        (Payment("cash", 100_00), Payment("card", 200_00)),
    ],
)
@pytest.mark.parametrize("dropped", [True, False])
def test_parts_that_still_fit_stay_as_they_were_typed(payments: tuple[Payment, ...], dropped: bool) -> None:
    kept = basket(*payments, dropped=dropped)
    assert fitting(kept, 300_00) == kept


@pytest.mark.parametrize(
    ("payments", "way"),
    [
        ((Payment("cash"), Payment("card", 300_01)), ("cash",)),
        ((Payment("card", 200_00), Payment("cash", 100_01)), ("card",)),
        ((Payment(UNASKED, 100_00), Payment("card", 200_01)), ("card",)),
        ((Payment(UNASKED, 300_01),), ()),
    ],
)
def test_parts_that_are_more_than_the_price_leave_the_way_that_was_chosen_first(
    payments: tuple[Payment, ...], way: tuple[str, ...]
) -> None:
    assert fitting(basket(*payments), 300_00) == basket(*(Payment(each) for each in way), dropped=True)
