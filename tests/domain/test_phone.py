"""Phones of every shape: read as E.164, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidPhone
from core.domain.phone import is_mobile, is_slip, mask, parse_phone

READ = {
    "9161234567": "79161234567",
    "8 916 123 45 67": "79161234567",
    "8(916)123-45-67": "79161234567",
    "+7 916 123-45-67": "79161234567",
    "+7\u00a0916\u00a01234567": "79161234567",
    "  +79161234567  ": "79161234567",
    "7 916 123 45 67": "79161234567",
    "79161234567": "79161234567",
    "8.916.123.45.67": "79161234567",
    # A trunk eight before an area code is home, whatever country its digits would be without it.
    "8 495 123 45 67": "74951234567",
    "8 863 212 34 56": "78632123456",
    "8 812 123 45 67": "78121234567",
    "+375 29 123-45-67": "375291234567",
    "375291234567": "375291234567",
    "8 10 375 29 123 45 67": "375291234567",
    "+1 202 555 0123": "12025550123",
    "998901234567": "998901234567",
}

REFUSED = [
    "",
    " ",
    "+",
    "8",
    "112",
    "123456",
    "916123456",
    "91612345678",
    "+7 916 123 45 67 8",
    "+7 916 123 45 67 доб. 5",
    "+7 916 123 45 67 ext 5",
    "+7 916 123 45 67;ext=5",
    "тел. 9161234567",
    "9161234567a",
    "٩١٦١٢٣٤٥٦٧",
    "\uff19\uff11\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
    "1e10",
    "-9161234567x",
    "<b>9161234567</b>",
    "{{7*7}}",
    '=HYPERLINK("9161234567")',
    "\x00",
    "+0 000 000 00 00",
    "0000000000",
    "👨‍👩‍👧‍👦",
    "9" * 10_000,
    "+7 916 123 45 67 +7 916 123 45 68",
]


@pytest.mark.parametrize(("text", "phone"), READ.items())
def test_phones_that_are_read(text: str, phone: str) -> None:
    assert parse_phone(text, "RU") == phone


@pytest.mark.parametrize("text", REFUSED)
def test_phones_that_are_refused(text: str) -> None:
    with pytest.raises(InvalidPhone):
        parse_phone(text, "RU")


def test_ten_digits_are_never_taken_for_a_foreign_number() -> None:
    assert parse_phone("+3726123456", "RU") == "3726123456"
    assert parse_phone("37256123456", "RU") == "37256123456"
    with pytest.raises(InvalidPhone):
        parse_phone("3726123456", "RU")


def test_a_phone_of_32_characters_is_read_and_no_longer_one() -> None:
    assert parse_phone(f"8{' ' * 21}9161234567", "RU") == "79161234567"
    with pytest.raises(InvalidPhone):
        parse_phone(f"8{' ' * 22}9161234567", "RU")


def test_the_region_decides_what_a_number_without_a_country_is() -> None:
    assert parse_phone("029 123-45-67", "BY") == "375291234567"
    assert parse_phone("8 701 123 45 67", "KZ") == "77011234567"
    assert parse_phone("(202) 555-0123", "US") == "12025550123"


@given(st.text(max_size=40))
def test_any_text_is_digits_with_a_country_or_refused(text: str) -> None:
    try:
        phone = parse_phone(text, "RU")
    except InvalidPhone:
        return
    assert phone.isascii()
    assert phone.isdigit()
    assert 7 <= len(phone) <= 15
    assert parse_phone(f"+{phone}", "RU") == phone


@given(st.integers(900_000_0000, 999_999_9999))
def test_mobiles_survive_every_way_of_writing(number: int) -> None:
    text = str(number)
    shapes = [f"+7{text}", f"8{text}", f"7{text}", text, f"8 ({text[:3]}) {text[3:6]}-{text[6:8]}-{text[8:]}"]
    outcomes = set()
    for shape in shapes:
        try:
            outcomes.add(parse_phone(shape, "RU"))
        except InvalidPhone:
            outcomes.add("refused")
    assert len(outcomes) == 1
    assert outcomes <= {f"7{text}", "refused"}


def test_mobiles_and_others() -> None:
    assert is_mobile("79161234567")
    assert not is_mobile("74951234567")
    assert is_mobile("12025550123")  # its plan does not tell them apart: an SMS may arrive


def test_a_masked_phone_shows_country_and_end_only() -> None:
    assert mask("79161234567") == "7********67"


@pytest.mark.parametrize(
    ("digits", "slip"),
    {
        "916123456": True,
        "8916123456": True,
        "7916123456": True,
        "91612345671": True,
        "91612345671500000": True,
        "916123456715000000": False,
        "89161234567500": True,
        "79161234567500": True,
        "9161234567": False,
        "91612345": False,
        "495123456": False,
        "40063813339": False,
        "12345678": False,
    }.items(),
)
def test_a_mobile_with_a_slip(digits: str, slip: bool) -> None:
    assert is_slip(digits, "RU") is slip


def test_where_mobiles_look_like_other_phones_no_slip_is_seen() -> None:
    assert is_slip("202555012", "US") is False


def test_where_nobody_has_a_mobile_no_slip_is_seen() -> None:
    assert is_slip("8999", "TA") is False
