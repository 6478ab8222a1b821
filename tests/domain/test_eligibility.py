"""Which sales and products take part."""

from typing import Any

import pytest

from core.domain.eligibility import (
    PAYMENT_METHODS,
    SALE_TYPES,
    Exclusion,
    Pair,
    line_is_eligible,
    pair_is_eligible,
)


def test_pairs_and_exclusions_are_of_what_there_is() -> None:
    assert SALE_TYPES == ("on_spot", "takeaway", "delivery")
    assert PAYMENT_METHODS == ("cash", "card", "online")
    assert Pair("delivery", "card").payment == "card"
    assert (Exclusion("product", 5).id, Exclusion("category", 5).kind) == (5, "category")


@pytest.mark.parametrize(
    ("sale_type", "payment"), [("cash", "card"), ("delivery", "delivery"), ("", "card"), ("delivery", "")]
)
def test_other_pairs_are_refused(sale_type: str, payment: str) -> None:
    with pytest.raises(ValueError, match="no such"):
        Pair(sale_type, payment)


@pytest.mark.parametrize(
    ("kind", "number"), [("brand", 5), ("product", "5"), ("category", True), ("product", None)]
)
def test_other_exclusions_are_refused(kind: str, number: Any) -> None:
    with pytest.raises(ValueError, match="an exclusion"):
        Exclusion(kind, number)


def test_a_pair_needs_both() -> None:
    pairs = (Pair("delivery", "card"), Pair("on_spot", "cash"))
    assert pair_is_eligible(pairs, "delivery", "card")
    assert pair_is_eligible(pairs, "on_spot", "cash")
    assert not pair_is_eligible(pairs, "delivery", "cash")
    assert not pair_is_eligible(pairs, "on_spot", "card")
    assert not pair_is_eligible(pairs, None, "card")
    assert not pair_is_eligible((), "delivery", "card")
    assert pair_is_eligible(None, None, None)


LISTED = (Exclusion("product", 1), Exclusion("category", 2))


@pytest.mark.parametrize(
    ("product", "category", "is_listed"),
    [
        (1, None, True),
        (1, 9, True),
        (9, 2, True),
        (2, 1, False),
        (9, 9, False),
        (None, None, False),
        (None, 2, True),
    ],
)
def test_a_listed_line_is_out_or_with_everything_excluded_in(
    product: int | None, category: int | None, is_listed: bool
) -> None:
    assert line_is_eligible(LISTED, False, product, category) is not is_listed
    assert line_is_eligible(LISTED, True, product, category) is is_listed
