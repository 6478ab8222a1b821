"""Card numbers, promo codes, roles and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import cards
from core.domain.cards import new_card_number, new_promo_code, parse_card
from core.domain.errors import InvalidCard, LoyaltyError
from core.domain.people import Role, name_key

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


def test_an_error_is_printed_by_its_name() -> None:
    error = InvalidCard(low=4, high=20)
    assert (str(error), error.data) == ("invalid_card", {"low": 4, "high": 20})


def test_errors_are_named_after_their_templates() -> None:
    def walk(kind: type[LoyaltyError]) -> list[type[LoyaltyError]]:
        return [kind, *(found for child in kind.__subclasses__() for found in walk(child))]

    codes = [kind.code for kind in walk(LoyaltyError)]
    assert "points_not_enough" in codes
    assert len(set(codes)) == len(codes)
