"""Whether the till has to ask how a sale is made and paid."""

from core.domain.asking import asks_how_paid, how_paid, how_paid_is_missing
from core.domain.basket import Basket, Line, Payment
from core.domain.eligibility import Pair
from core.domain.programme import Kind, Programme

PAIRS = (Pair("delivery", "card"),)
ASKS = Programme(eligible_pairs=PAIRS)


def basket(sale_type: str | None, *methods: str) -> Basket:
    return Basket((Line(100),), sale_type, tuple(Payment(method) for method in methods))


def test_only_where_points_depend_on_it() -> None:
    assert asks_how_paid(ASKS) is True
    for programme in (
        Programme(),
        Programme(eligible_pairs=()),
        Programme(eligible_pairs=PAIRS, status_on=False),
        Programme(eligible_pairs=PAIRS, kind=Kind.DISCOUNT),
    ):
        assert asks_how_paid(programme) is False
        assert how_paid_is_missing(programme, basket(None)) is False


def test_both_have_to_be_answered() -> None:
    assert how_paid(basket("delivery", "card")) == ("delivery", "card")
    assert how_paid(basket(None, "unasked", "cash")) == (None, "cash")
    assert how_paid(basket("by pigeon", "unasked")) == (None, None)
    assert not how_paid_is_missing(ASKS, basket("delivery", "card"))
    assert how_paid_is_missing(ASKS, basket("delivery"))
    assert how_paid_is_missing(ASKS, basket(None, "card"))
