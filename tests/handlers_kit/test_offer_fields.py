"""What is typed for the dates, hours, sums and codes of a promotion or a coupon."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidOffer
from handlers.staff.office.offers.draft import empty, missing
from handlers.staff.office.offers.fields import pressed, typed

MONDAY, ZONE = date(2026, 3, 2), "Europe/Moscow"
FACTOR = empty("promotion") | {"benefit": "factor"}
COUPON = empty("coupon")


def midnight(day: str) -> str:
    return f"{day}T21:00:00+00:00"  # the day after it begins in Moscow


@pytest.mark.parametrize(
    ("text", "before_first", "last"),
    [
        ("15.03", "2026-03-01", "2026-03-15"),
        ("до 15.03", "2026-03-01", "2026-03-15"),
        ("05.03-15.03", "2026-03-04", "2026-03-15"),
        ("5/3 – 15/3", "2026-03-04", "2026-03-15"),
        ("05.03.2026-15.03.27", "2026-03-04", "2027-03-15"),
        ("20.12-10.01", "2026-12-19", "2027-01-10"),
        ("01.03", "2026-03-01", "2027-03-01"),
    ],
)
def test_dates(text, before_first, last):
    assert typed("dates", text, FACTOR, MONDAY, ZONE) == {"starts": midnight(before_first), "ends": midnight(last)}


@pytest.mark.parametrize(
    ("word", "today", "before_first", "last"),
    [
        ("today", MONDAY, "2026-03-01", "2026-03-02"),
        ("weekend", MONDAY, "2026-03-06", "2026-03-08"),
        ("weekend", date(2026, 3, 7), "2026-03-06", "2026-03-08"),
        ("weekend", date(2026, 3, 8), "2026-03-07", "2026-03-08"),
        ("week", MONDAY, "2026-03-01", "2026-03-08"),
        ("month", MONDAY, "2026-03-01", "2026-03-31"),
    ],
)
def test_quick_dates(word, today, before_first, last):
    found = pressed("dates", word, FACTOR, today, ZONE)
    assert found == {"starts": midnight(before_first), "ends": midnight(last)}
    assert pressed("dates", "forever", FACTOR, today, ZONE)["ends"] is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [("9-12", [540, 720]), ("с 9:30 до 12", [570, 720]), ("22:00–02:00", [1320, 120]), ("18-24", [1080, 0])],
)
def test_hours(text, hours):
    assert typed("hours", text, FACTOR, MONDAY, ZONE) == {"hours": hours}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("dates", "31.02"),
        ("dates", "завтра"),
        ("dates", "15.12.2026-01.12.2026"),
        ("hours", "9"),
        ("hours", "9-9"),
        ("hours", "24-9"),
        ("hours", "9:70-10"),
        ("amount", "1"),
        ("amount", "10,01"),
        ("minimum", "-5"),
        ("total", "0"),
        ("each", "1,5"),
        ("codes", "10001"),
        ("codes", "!"),
        ("name", " "),
    ],
)
def test_what_can_not_be_read_is_refused_with_the_way_on(field, text):
    with pytest.raises(InvalidOffer):
        typed(field, text, FACTOR, MONDAY, ZONE)


def test_numbers_with_their_units():
    assert typed("amount", "x2,5", FACTOR, MONDAY, ZONE) == {"amount": 250}
    assert typed("amount", "15 %", FACTOR | {"benefit": "percent"}, MONDAY, ZONE) == {"amount": 1500}
    assert typed("amount", "300 руб.", FACTOR | {"benefit": "amount"}, MONDAY, ZONE) == {"amount": 300_00}
    assert typed("amount", "50 баллов", FACTOR | {"benefit": "points"}, MONDAY, ZONE) == {"amount": 50_00}
    assert typed("codes", "ле-то 26", COUPON, MONDAY, ZONE) == {"own": "ЛETO26", "count": 1, "total": None}
    assert typed("codes", "250", COUPON, MONDAY, ZONE) == {"own": None, "count": 250}


def test_ticks_turn_and_can_all_be_taken_off():
    one = pressed("weekdays", "3", FACTOR, MONDAY, ZONE)
    assert one == {"weekdays": [3]}
    assert pressed("weekdays", "3", FACTOR | one, MONDAY, ZONE) == {"weekdays": []}
    assert pressed("weekdays", "none", FACTOR | one, MONDAY, ZONE) == {"weekdays": []}


def test_what_is_asked_first():
    assert missing(empty("promotion")) == "benefit"
    assert missing(FACTOR) == "amount"
    assert missing(FACTOR | {"amount": 200}) == "dates"
    assert missing(FACTOR | {"amount": 200, "starts": "x"}) is None
    assert missing(COUPON | {"benefit": "factor", "amount": 200, "starts": "x"}) == "codes"


@given(
    st.sampled_from(["dates", "hours", "amount", "minimum", "total", "each", "codes", "name"]),
    st.text(max_size=80),
)
def test_nothing_that_is_typed_breaks_it(field, text):
    with suppress(InvalidOffer):  # refused in words, which is as good
        assert typed(field, text, FACTOR, MONDAY, ZONE)
