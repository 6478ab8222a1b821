"""Card numbers, promo codes, roles and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import cards
from core.domain.cards import (
    card_range,
    may_be_new_card,
    may_be_shown_code,
    new_card_number,
    new_promo_code,
    parse_card,
)
from core.domain.errors import CardRangeWrong, InvalidCard, LoyaltyError
from core.domain.people import Role, name_key, name_tail_key

REFUSED = [
    "",
    " ",
    "123",
    "1" * 21,
    "12345a",
    "١٢٣٤",
    "\uff11\uff12\uff13\uff14",
    "-",
    "12.34",
    "1234\n",
    "\x001234",
    "+1234",
    "9" * 10**4,
]


@pytest.mark.parametrize(
    ("text", "number"),
    {"1234": "1234", "0000": "0000", "4600 0000-0001\u00a02": "4600000000012", "1" * 20: "1" * 20}.items(),
)
def test_cards_that_are_read(text: str, number: str) -> None:
    assert parse_card(text) == number


@pytest.mark.parametrize("text", REFUSED)
def test_cards_that_are_refused(text: str) -> None:
    with pytest.raises(InvalidCard) as refusal:
        parse_card(text)
    assert refusal.value.data == {"low": 4, "high": 20}


@given(st.text(max_size=50))
def test_any_text_is_a_card_or_refused(text: str) -> None:
    try:
        number = parse_card(text)
    except InvalidCard:
        return
    assert number.isascii()
    assert number.isdigit()
    assert 4 <= len(number) <= 20


def test_made_numbers_are_cards_and_never_a_phone_or_a_shown_code() -> None:
    for _ in range(200):
        number = new_card_number()
        assert parse_card(number) == number
        assert len(number) == 8
        assert number[0] != "0"


@pytest.mark.parametrize(("lot", "number"), [(0, "10000000"), (-1, "99999999")])
def test_every_number_of_eight_digits_may_be_made(monkeypatch: pytest.MonkeyPatch, lot: int, number: str) -> None:
    monkeypatch.setattr(cards.secrets, "randbelow", lambda below: lot % below)
    assert new_card_number() == number


def test_a_card_is_looked_for_in_40_characters_at_most() -> None:
    assert parse_card(" 1" * 20) == "1" * 20
    with pytest.raises(InvalidCard):
        parse_card(" " + " 1" * 20)


@pytest.mark.parametrize(
    ("text", "found"),
    {
        "10000-10999": (10_000, 10_999, 5),
        " 0001 – 0100 ": (1, 100, 4),
        "10 000 — 10 999": (10_000, 10_999, 5),
        "1000..1001": (1000, 1001, 4),
        "4600": (4600, 4600, 4),
        "4600 0000": (46_000_000, 46_000_000, 8),
        "4600-4600": (4600, 4600, 4),
        "0" * 20: (0, 0, 20),
        "100000-199999": (100_000, 199_999, 6),
        f"{'9' * 19}8-{'9' * 20}": (10**20 - 2, 10**20 - 1, 20),
        f"1000{' ' * 71}-1005": (1000, 1005, 4),
    }.items(),
)
def test_ranges_of_cards_that_are_read(text: str, found: tuple[int, int, int]) -> None:
    assert card_range(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "abcdef",
        "100a-1005",
        "٤٦٠٠",
        "999",
        "100-105",
        "9" * 21,
        f"{'9' * 21}-{'9' * 21}",
        "1000-",
        "-1000",
        "1000-10000",
        "0999-10000",
        "1001-1000",
        "100000-200000",
        "1000-1001-1002",
        f"1000{' ' * 72}-1005",
        f"1000{' ' * 71}-10050000",  # not the range that its beginning alone would be
    ],
)
def test_ranges_of_cards_that_are_refused(text: str) -> None:
    with pytest.raises(CardRangeWrong) as refusal:
        card_range(text)
    assert refusal.value.data == {"low": 4, "high": 20, "most": 100_000}


def test_digits_that_read_as_a_mobile_with_a_slip_are_no_new_card() -> None:
    assert may_be_new_card("12345678", "RU") is True
    assert may_be_new_card("9161234567", "RU") is True
    assert may_be_new_card("916123456", "RU") is False
    assert may_be_new_card("8916123456", "RU") is False


@pytest.mark.parametrize(("beginning", "check"), [("91612345671", "9"), ("916123456712", "5")])
def test_a_barcodes_own_check_digit_speaks_for_a_card(beginning: str, check: str) -> None:
    taken = [digit for digit in "0123456789" if may_be_new_card(beginning + digit, "RU")]
    assert taken == [check]


@pytest.mark.parametrize("digits", ["91612345672", "91612345671238"])
def test_a_check_digit_of_any_other_length_says_nothing(digits: str) -> None:
    assert may_be_new_card(digits, "RU") is False


@pytest.mark.parametrize(
    ("digits", "may"),
    {"123456": True, "100000": True, "012345": False, "12345": False, "1234567": False, "": False}.items(),
)
def test_a_code_on_a_screen_is_six_digits_without_a_zero_in_front(digits: str, may: bool) -> None:
    assert may_be_shown_code(digits) is may


def test_promo_codes_have_no_look_alikes() -> None:
    for _ in range(200):
        code = new_promo_code()
        assert len(code) == 6
        assert not set(code) & set("ILO01")
        assert code == code.upper()


def test_each_role_reaches_as_far_as_those_before_it() -> None:
    ranks = [Role(name).rank for name in ("cashier", "operator", "manager", "owner")]
    assert ranks == sorted(set(ranks))


def test_names_sort_as_people_expect() -> None:
    names = ["Яна", "алёна", "Алексей", "ЁЛКИН", "Егор", "Жанна"]
    assert sorted(names, key=name_key) == ["Алексей", "алёна", "Егор", "ЁЛКИН", "Жанна", "Яна"]
    assert name_key(None) == ""


def test_what_names_are_sorted_by_fits_where_it_is_kept() -> None:
    assert name_key("ß" * 31) == "s" * 62
    assert name_key("ß" * 40) == "s" * 64
    assert name_tail_key("ß" * 20 + " " + "ß" * 20) == "s" * 23 + " " + "s" * 40


def test_an_error_is_printed_by_its_name() -> None:
    error = InvalidCard(low=4, high=20)
    assert (str(error), error.data) == ("invalid_card", {"low": 4, "high": 20})


def test_errors_are_named_after_their_templates() -> None:
    def walk(kind: type[LoyaltyError]) -> list[type[LoyaltyError]]:
        return [kind, *(found for child in kind.__subclasses__() for found in walk(child))]

    codes = [kind.code for kind in walk(LoyaltyError)]
    assert "points_not_enough" in codes
    assert len(set(codes)) == len(codes)
