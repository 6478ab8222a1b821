"""Products as people type them, and what a line costs."""

import pytest

from core.domain.basket import Line
from core.domain.catalogue import (
    LONGEST_ARTICLE,
    LONGEST_CATEGORY,
    LONGEST_NAME,
    MAX_QUANTITY,
    Product,
    barcode,
    cost,
    line_of,
    name_key,
    price,
    quantity,
    words,
    yes_or_no,
)
from core.domain.errors import InvalidAmount
from core.store.models import catalogue as models


def test_names_are_the_same_whatever_the_case_and_spaces() -> None:
    assert name_key("  Чёрный   ЧАЙ ") == "черный чай"


def test_words_stand_in_one_line() -> None:
    assert words(" Чай \n зелёный ", 11) == "Чай зелёный"
    assert words("Ч", 1) == "Ч"
    for text in ("", "  ", "x" * 12, "a\x07b"):
        with pytest.raises(ValueError, match="no such words"):
            words(text, 11)


def test_a_letter_that_is_folded_into_two_counts_as_two() -> None:
    assert words("Süßes", 6) == "Süßes"
    with pytest.raises(ValueError, match="no such words"):
        words("Süßes", 5)


def test_the_longest_names_are_what_their_columns_hold() -> None:
    of_product, of_category = models.Product._meta.fields_map, models.ProductCategory._meta.fields_map
    for longest, fields, name in (
        (LONGEST_NAME, of_product, "name"),
        (LONGEST_NAME, of_product, "name_key"),
        (LONGEST_ARTICLE, of_product, "article"),
        (LONGEST_CATEGORY, of_category, "name"),
        (LONGEST_CATEGORY, of_category, "name_key"),
    ):
        assert fields[name].max_length == longest


def test_a_barcode_is_what_a_scanner_reads() -> None:
    assert barcode("4 601234 567893") == "4601234567893"
    assert barcode("ABC-1") == "ABC-1"
    for text in ("", "123", "4.60123E+12", "x" * 33, "код1"):
        with pytest.raises(ValueError, match="no barcode"):
            barcode(text)


def test_no_price_is_typed_at_the_till() -> None:
    assert price("100,50") == 100_50
    assert price("100 000 000") == 100_000_000_00
    assert price("0") is None
    with pytest.raises(InvalidAmount) as refusal:
        price("100000001")
    assert (refusal.value.data["low"], refusal.value.data["high"]) == (0, 100_000_000_00)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Да", True),
        ("yes", True),
        ("1", True),
        ("+", True),
        ("НЕТ", False),
        ("no", False),
        ("0", False),
        ("-", False),
    ],
)
def test_yes_and_no(text: str, said: bool) -> None:
    assert yes_or_no(text) is said
    with pytest.raises(ValueError, match="neither"):
        yes_or_no(f"{text}?")


@pytest.mark.parametrize(
    ("text", "thousandths"),
    [
        ("2", 2000),
        (" 3 шт. ", 3000),
        ("1.5 кг", 1500),
        ("0,350", 350),
        ("0,001", 1),
        ("12 x", 12_000),
        ("1,05", 1050),
        ("100000", MAX_QUANTITY),
    ],
)
def test_quantities_are_thousandths(text: str, thousandths: int) -> None:
    assert quantity(text) == thousandths


@pytest.mark.parametrize("text", ["", "0", "0,000", "-1", "1,2345", "100000,001", "100001", "2 л", "1e3", "шт"])
def test_other_quantities_are_refused_with_their_bounds(text: str) -> None:
    with pytest.raises(InvalidAmount) as refusal:
        quantity(text)
    assert refusal.value.data == {"reason": "quantity", "low": 1, "high": 100_000_000}


def test_half_a_kopeck_is_rounded_up() -> None:
    assert cost(100_00, 1000) == 100_00
    assert [cost(1, thousandths) for thousandths in (499, 500, 1499, 1500)] == [0, 1, 1, 2]
    assert cost(99_99, 333) == 33_30


def test_a_line_says_what_it_is_of() -> None:
    tea = Product(7, "T-1", None, "Чай", 3, "Напитки", 100_00, True)
    assert line_of(tea, 90_00, 1500) == Line(
        135_00, title="Чай", product_id=7, category_id=3, quantity=1500, price=90_00
    )
    assert line_of(tea, 1, 1000).amount == 1
    assert line_of(tea, 10**10, 1000).amount == 10**10
    for unit, thousandths in ((1, 499), (10**10, 1001)):
        with pytest.raises(InvalidAmount) as refusal:
            line_of(tea, unit, thousandths)
        assert refusal.value.data == {"reason": "bounds", "low": 1, "high": 10**10}
