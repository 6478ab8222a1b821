"""Birthdays, names, codes and start payloads: what is taken, what is refused, and that nothing else happens."""

import contextlib
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parse import InputError, Payload, Reason, parse_birthday, parse_code, parse_name, parse_payload

TODAY = date(2026, 11, 21)
HOSTILE = [
    "",
    " ",
    "\x00",
    "\u202e\u2066",
    "x" * 10_000,
    "NaN",
    "1e5",
    "−5",
    "-5",
    "\ud800",
    "👨‍👩‍👧",
    "<b>",
    "{{7*7}}",
]


def refused(call, *args):
    with pytest.raises(InputError) as caught:
        call(*args)
    return caught.value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("05.03.1990", date(1990, 3, 5)),
        ("5.3.1990", date(1990, 3, 5)),
        ("5.3.90", date(1990, 3, 5)),
        ("05/03/1990", date(1990, 3, 5)),
        ("05-03-1990", date(1990, 3, 5)),
        ("5 3 1990", date(1990, 3, 5)),
        ("5\u00a03\u00a01990", date(1990, 3, 5)),
        ("1990-03-05", date(1990, 3, 5)),
        (" 05.03.1990\n", date(1990, 3, 5)),
        ("29.02.2024", date(2024, 2, 29)),
        ("29.02.00", date(2000, 2, 29)),
        ("29.02.28", date(1928, 2, 29)),
        ("21.11.26", date(2026, 11, 21)),
        ("22.11.26", date(1926, 11, 22)),
        ("21.11.2026", date(2026, 11, 21)),
        ("21.11.1906", date(1906, 11, 21)),
    ],
)
def test_birthdays(text, wanted):
    assert parse_birthday(text, TODAY) == wanted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("29.02.2023", Reason.NO_SUCH_DAY),
        ("29.02.23", Reason.NO_SUCH_DAY),
        ("29.02.1900", Reason.NO_SUCH_DAY),
        ("31.04.1990", Reason.NO_SUCH_DAY),
        ("00.01.1990", Reason.NO_SUCH_DAY),
        ("03/25/1990", Reason.NO_SUCH_DAY),
        ("01.01.0000", Reason.NO_SUCH_DAY),
        ("22.11.2026", Reason.IN_FUTURE),
        ("01.01.9999", Reason.IN_FUTURE),
        ("20.11.1906", Reason.TOO_OLD),
        ("01.01.0001", Reason.TOO_OLD),
        ("5 марта 1990", Reason.DATE_FORMAT),
        ("05.03-1990", Reason.DATE_FORMAT),
        ("05.03.190", Reason.DATE_FORMAT),
        ("05.03", Reason.DATE_FORMAT),
        ("05031990", Reason.DATE_FORMAT),
        ("-5.3.1990", Reason.DATE_FORMAT),
        ("٠٥.٠٣.١٩٩٠", Reason.FOREIGN_DIGITS),
        ("\uff10\uff15.03.1990", Reason.FOREIGN_DIGITS),
        ("", Reason.EMPTY),
        ("1" * 33, Reason.TOO_LONG),
    ],
)
def test_birthdays_refused(text, reason):
    assert refused(parse_birthday, text, TODAY).reason is reason


@given(st.dates(date(1906, 11, 21), TODAY), st.sampled_from(["%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%d %m %Y"]))
def test_every_birthday_is_read_back(day, pattern):
    assert parse_birthday(day.strftime(pattern), TODAY) == day


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Анна", "Анна"),
        ("  Анна   Мария \n Петрова ", "Анна Мария Петрова"),
        ("Анна\x00\u202e", "Анна"),
        ("\u2066Анна\u2069\u200f", "Анна"),
        ("Анна\u00a0Мария", "Анна Мария"),
        ("Ан\u00adна\u200b", "Анна"),
        ("И\u0306осиф", "Йосиф"),
        ("<b>Анна</b>", "<b>Анна</b>"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("Ан\ud800на", "Анна"),
        ("Ж" * 64, "Ж" * 64),
        ("Ж" * 64 + " " * 500, "Ж" * 64),
        ("علي", "علي"),
        ("-5", "-5"),
    ],
)
def test_names(text, wanted):
    assert parse_name(text) == wanted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.NAME),
        (" \n ", Reason.NAME),
        ("\x00\u202e\u200d", Reason.NAME),
        ("\u3164\u2800", Reason.NAME),
        ("\u0301\u0301", Reason.NAME),
        ("Ж" * 65, Reason.NAME),
        ("e" + "\u0301" * 500, Reason.NAME),
        ("x" * 10_000, Reason.TOO_LONG),
    ],
)
def test_names_refused(text, reason):
    error = refused(parse_name, text)
    assert error.reason is reason
    assert error.data["high"] == 64


@given(st.text(max_size=200))
def test_a_name_that_is_taken_is_one_clean_line(text):
    try:
        name = parse_name(text)
    except InputError:
        return
    assert 1 <= len(name) <= 64
    assert name == name.strip()
    assert "  " not in name
    assert all(c in "\u200c\u200d" or unicodedata.category(c)[0] != "C" for c in name)
    assert name.encode()
    assert parse_name(name) == name


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("1234", "1234"), (" 12 34 ", "1234"), ("123-456", "123456"), ("123", "123"), ("1\n2\n3\n4", "1234")],
)
def test_codes(text, wanted):
    assert parse_code(text, len(wanted)) == wanted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12", Reason.CODE),
        ("123456789", Reason.CODE),
        ("12a4", Reason.CODE),
        ("1.234", Reason.CODE),
        ("+1234", Reason.CODE),
        ("−1234", Reason.CODE),
        ("1️⃣2️⃣3️⃣4️⃣", Reason.CODE),
        ("----", Reason.CODE),
        ("١٢٣٤", Reason.FOREIGN_DIGITS),
        ("\uff11\uff12\uff13\uff14", Reason.FOREIGN_DIGITS),
        ("", Reason.EMPTY),
        ("1" * 10_000, Reason.TOO_LONG),
    ],
)
def test_codes_refused(text, reason):
    assert refused(parse_code, text, 4).reason is reason


@pytest.mark.parametrize("length", [3, 4, 8])
def test_a_code_has_the_length_that_the_programme_says(length):
    assert parse_code("1" * length, length) == "1" * length
    for other in (length - 1, length + 1):
        assert refused(parse_code, "1" * other, length).data == {"high": length}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ref_AB12CD", Payload("ref", "AB12CD")),
        ("reg_a-b_c", Payload("reg", "a-b_c")),
        ("claim_x", Payload("claim", "x")),
        ("join_Zz0", Payload("join", "Zz0")),
        (None, Payload(None, "")),
        ("", Payload(None, "")),
        ("ref_", Payload(None, "")),
        ("ref", Payload(None, "")),
        ("REF_x", Payload(None, "")),
        ("other_x", Payload(None, "")),
        ("ref_x y", Payload(None, "")),
        ("ref_x\n", Payload(None, "")),
        ("ref_ж", Payload(None, "")),
        ("ref_" + "x" * 61, Payload(None, "")),
    ],
)
def test_payloads(text, wanted):
    assert parse_payload(text) == wanted


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input_is_refused_or_harmless(text):
    refused(parse_birthday, text, TODAY)
    refused(parse_code, text, 4)
    assert parse_payload(text) == Payload(None, "")


@pytest.mark.parametrize(
    "call", [lambda text: parse_code(text, 4), lambda text: parse_birthday(text, TODAY), parse_payload, parse_name]
)
@given(text=st.text(max_size=100))
def test_anything_typed_is_read_or_refused(call, text):
    with contextlib.suppress(InputError):
        assert call(text) is not None
