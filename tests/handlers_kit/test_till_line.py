"""The till's line: every usual way to write a customer and a sum, what can be confused, and what is refused."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core.domain.errors import InvalidPhone
from core.domain.money import MAX_MONEY
from core.domain.phone import parse_phone
from handlers.parse import CardNumber, InputError, Phone, Reason, ShownCode, TillLine, parse_till_line

P = Phone("79161234567")


def read(text, region="RU", **options):
    line = parse_till_line(text, region, **options)
    return line.identifier, line.amount


def refused(text, region="RU", **options):
    with pytest.raises(InputError) as caught:
        parse_till_line(text, region, **options)
    return caught.value


PHONE_WRITINGS = [
    "9161234567",
    "89161234567",
    "79161234567",
    "+79161234567",
    "8 916 123 45 67",
    "8 (916) 123-45-67",
    "8(916)123-45-67",
    "8-916-123-45-67",
    "8 9161234567",
    "8916 1234567",
    "8916 123 45 67",
    "7 916 123 45 67",
    "+7 916 123-45-67",
    "+7 (916) 123 45 67",
    "+7(916)1234567",
    "(916) 123-45-67",
    "916 123 45 67",
    "916 123-45-67",
    "916 1234567",
    "916-123-45-67",
    "8.916.123.45.67",
    "8 916 123\u201145\u201167",
    "8\u00a0916\u00a0123\u00a045\u00a067",
    "916  123  45  67",
]
SUM_WRITINGS = [
    ("1500", 150000),
    ("1 500", 150000),
    ("1\u00a0500", 150000),
    ("1\u2009500,50", 150050),
    ("1500.50", 150050),
    ("1500,5", 150050),
    ("1 500,50", 150050),
    ("1 234 567", 123456700),
    ("12 345", 1234500),
    ("123 456", 12345600),
    ("1", 100),
    ("15", 1500),
    ("0,01", 1),
    ("1500 ₽", 150000),
    ("1500 руб.", 150000),
    ("1 500р", 150000),
]


@pytest.mark.parametrize("phone", PHONE_WRITINGS)
def test_a_phone_alone(phone):
    assert read(phone) == (P, None)
    assert read(f"  {phone}\n") == (P, None)


@pytest.mark.parametrize("phone", PHONE_WRITINGS)
@pytest.mark.parametrize(("written", "amount"), SUM_WRITINGS)
@pytest.mark.parametrize("between", [" ", "\n", ", ", "\u00a0", " – "])
def test_a_phone_and_a_sum(phone, written, amount, between):
    assert read(f"{phone}{between}{written}") == (P, amount)
    assert read(f"{phone}{between}{written}", awaiting_sum=True) == (P, amount)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1234", (CardNumber("1234"), None)),
        ("12345", (CardNumber("12345"), None)),
        ("1234567", (CardNumber("1234567"), None)),
        ("0000123", (CardNumber("0000123"), None)),
        ("1" * 20, (CardNumber("1" * 20), None)),
        ("1234-5678", (CardNumber("12345678"), None)),
        ("1234 5678 9012 3456", (CardNumber("1234567890123456"), None)),
        ("4 600123 456789", (CardNumber("4600123456789"), None)),
        ("1234 500", (CardNumber("1234"), 50000)),
        ("1234 1 500", (CardNumber("1234"), 150000)),
        ("1234 5678", (CardNumber("1234"), 567800)),
        ("4600123456789 1 500,50", (CardNumber("4600123456789"), 150050)),
        ("1234 5678 9012 3456 500", (CardNumber("1234567890123456"), 50000)),
        ("4 600123 456789 500", (CardNumber("4600123456789"), 50000)),
        ("123456", (ShownCode("123456"), None)),
        ("123 456", (ShownCode("123456"), None)),
        ("123-456", (ShownCode("123456"), None)),
        ("123456 1500", (ShownCode("123456"), 150000)),
        ("123456 1 500", (ShownCode("123456"), 150000)),
        ("123 456 1500", (ShownCode("123456"), 150000)),
        ("123 456 1 500,50", (ShownCode("123456"), 150050)),
        ("1234 - 1500", (CardNumber("1234"), 150000)),
        ("1234; 1500", (CardNumber("1234"), 150000)),
        ("123 456\n1500", (ShownCode("123456"), 150000)),
    ],
)
def test_cards_and_codes(text, wanted):
    assert read(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # The digits would also make a phone, but nobody writes a phone like that.
        ("9161 234567", (CardNumber("9161"), 23456700)),
        ("9161234 500", (CardNumber("9161234"), 50000)),
        ("912345 1500", (ShownCode("912345"), 150000)),
        # Three, three and four digits are how a phone is written.
        ("912 345 1500", (Phone("79123451500"), None)),
        # Glued to the sum's first digits they would be a foreign phone.
        ("9161234567 15", (P, 1500)),
        ("916 123 45 67 12 345", (P, 1234500)),
        # A phone without its 8 and one more digit would be another one with it.
        ("841 234 56 78 1 500", (Phone("78412345678"), 150000)),
        ("(841) 234-56-78 1 500", (Phone("78412345678"), 150000)),
        ("777 123 45 67 1 500", (Phone("77771234567"), 150000)),
        ("8412 34-56-78 1 500", (Phone("78412345678"), 150000)),
        ("8 (8412) 34-56-78 1 500", (Phone("78412345678"), 150000)),
        # Foreign ones are phones with a plus, and cards without it when in one piece.
        ("+375 29 123-45-67 1500", (Phone("375291234567"), 150000)),
        ("375 29 123-45-67 1500", (Phone("375291234567"), 150000)),
        ("375291234567 1500", (CardNumber("375291234567"), 150000)),
        # A phone of any length with a sum: a line each.
        ("+49 30 1234567\n1 500", (Phone("49301234567"), 150000)),
        ("1234\n5 678", (CardNumber("1234"), 567800)),
        ("1234 5678\n9012", None),
    ],
)
def test_what_could_be_confused(text, wanted):
    if wanted is None:
        assert refused(text).reason is Reason.UNCLEAR
    else:
        assert read(text) == wanted


def test_a_foreign_phone_that_may_end_in_two_places_is_not_guessed():
    assert refused("+49 30 123456 78 500,50").reason is Reason.AMBIGUOUS


@pytest.mark.parametrize(
    ("text", "amount"), [*SUM_WRITINGS, ("123456", 12345600), ("1234567", 123456700), ("123-", None)]
)
def test_where_a_sum_is_awaited_a_sum_is_a_sum(text, amount):
    if amount is None:
        assert refused(text, awaiting_sum=True).reason is Reason.AMOUNT
    else:
        assert read(text, awaiting_sum=True) == (None, amount)


@pytest.mark.parametrize("text", ["9161234567", "8 916 123-45-67"])
def test_a_phone_is_no_sum_even_where_one_is_awaited(text):
    assert read(text, awaiting_sum=True) == (P, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.EMPTY),
        (" \n\u00a0 ", Reason.EMPTY),
        ("9" * 10_000, Reason.TOO_LONG),
        ("9161234567 " * 1000, Reason.TOO_LONG),
        ("1500", None),
        ("500", Reason.NO_CUSTOMER),
        ("1 500", Reason.NO_CUSTOMER),
        ("1500,50", Reason.NO_CUSTOMER),
        ("9161234567 -5", Reason.AMOUNT),
        ("9161234567 −5", Reason.AMOUNT),
        ("9161234567 –5", Reason.AMOUNT),
        ("9161234567 1e5", Reason.AMOUNT),
        ("9161234567 NaN", Reason.AMOUNT),
        ("9161234567 inf", Reason.AMOUNT),
        ("9161234567 0", Reason.AMOUNT),
        ("9161234567 1500 500000", Reason.AMOUNT),
        ("9161234567 1,500.00", Reason.AMOUNT),
        ("9161234567 99999999999", Reason.AMOUNT),
        ("123456 x", Reason.AMOUNT),
        ("1234 5,555", Reason.AMOUNT),
        ("9161234567\x00 1500", Reason.UNCLEAR),
        ("9161234567 1500\x00", Reason.AMOUNT),
        ("\u202e9161234567", Reason.UNCLEAR),
        ("٩١٦١٢٣٤٥٦٧ 1500", Reason.FOREIGN_DIGITS),
        ("\uff19\uff11\uff16 1500", Reason.FOREIGN_DIGITS),
        ("9161234567 15²", Reason.FOREIGN_DIGITS),
        ("1️⃣2️⃣3️⃣4️⃣", Reason.UNCLEAR),
        ("👨‍👩‍👧 1500", Reason.UNCLEAR),
        ("<b>1500</b>", Reason.UNCLEAR),
        ("{{7*7}}", Reason.UNCLEAR),
        ("=HYPERLINK(1)", Reason.UNCLEAR),
        ("\ud800", Reason.UNCLEAR),
        ("+123", Reason.PHONE),
        ("+7 916 123 45 6", Reason.PHONE),
        ("1" * 21, Reason.CARD),
        ("12 345 6", Reason.UNCLEAR),
        ("9161234567.50", Reason.UNCLEAR),
        ("Анна", Reason.UNCLEAR),
    ],
)
def test_refusals_say_why(text, reason):
    if reason is None:
        assert read(text) == (CardNumber(text), None)
        return
    error = refused(text)
    assert error.reason is reason
    assert error.code == f"input_{reason.value}"
    assert str(error) == reason.value


def test_refusals_tell_the_bounds():
    assert refused("9161234567 0").data == {"low": 1, "high": MAX_MONEY}
    assert refused("1" * 21).data == {"low": 4, "high": 20}
    assert refused("1" * 65).data == {"high": 64}


def test_other_countries_read_their_own_phones():
    assert read("029 123-45-67 1 500", region="BY") == (Phone("375291234567"), 150000)
    assert read("701 123 45 67 1 500", region="KZ") == (Phone("77011234567"), 150000)
    assert read("+7 916 123 45 67 1 500", region="BY") == (P, 150000)


@pytest.mark.parametrize("text", ["8 495 123-45-67", "8 863 223-45-67", "88632234567", "8 812 323-45-67"])
def test_a_landline_with_its_leading_eight_is_of_the_home_country(text):
    digits = "".join(c for c in text if c.isdigit())
    assert read(text) == (Phone(f"7{digits[1:]}"), None)


MOBILE = ["903", "916", "926", "950", "981", "999", "701", "777"]
LANDLINE = ["495", "499", "812", "843", "841", "861", "863", "383"]


@st.composite
def phones(draw):
    area, rest = draw(st.sampled_from(MOBILE + LANDLINE)), draw(st.from_regex(r"[0-9]{7}", fullmatch=True))
    try:
        e164 = parse_phone(f"+7{area}{rest}", "RU")
    except InvalidPhone:
        assume(False)
    prefix = draw(st.sampled_from(["", "8", "7", "+7"]))
    between = draw(st.sampled_from(["", " ", "-"])) if prefix else ""
    opened = draw(st.sampled_from([f"{area} ", f"({area}) ", f"({area})", f"{area}-", area]))
    one, two, three = rest[:3], rest[3:5], rest[5:]
    tails = [rest]
    if opened != area or (prefix and not between):
        tails += [f"{one} {two} {three}", f"{one}-{two}-{three}"]
    if opened != area:
        tails.append(f"{one} {two}{three}")
    tail = draw(st.sampled_from(tails))
    return f"{prefix}{between}{opened}{tail}", e164


@st.composite
def sums(draw):
    amount = draw(st.one_of(st.integers(1, 10_000_00), st.integers(1, MAX_MONEY)))
    whole, part = divmod(amount, 100)
    grouped = draw(st.booleans())
    space = draw(st.sampled_from([" ", "\u00a0", "\u2009", "\u202f"]))
    text = f"{whole:,}".replace(",", space) if grouped else str(whole)
    if part or draw(st.booleans()):
        text += f"{draw(st.sampled_from(',.'))}{part:02}"
    return text + draw(st.sampled_from(["", " ₽", " руб.", "р"])), amount


@given(phones(), sums(), st.sampled_from([" ", "\n", "  "]))
@example(("841 234 56 78", "78412345678"), ("1 500", 150000), " ")
def test_any_usual_phone_and_sum_are_read_back(phone, money, between):
    written, e164 = phone
    text, amount = money
    assert parse_till_line(f"{written}{between}{text}", "RU") == TillLine(Phone(e164), amount)


@given(phones())
def test_any_usual_phone_is_read_back(phone):
    written, e164 = phone
    assert parse_till_line(written, "RU") == TillLine(Phone(e164), None)


@given(st.from_regex(r"[0-9]{4,20}", fullmatch=True), sums())
def test_a_card_or_code_in_one_word_and_a_sum(digits, money):
    text, amount = money
    line = parse_till_line(f"{digits} {text}", "RU")
    if len(digits) == 6:
        assert line == TillLine(ShownCode(digits), amount)
    elif not isinstance(line.identifier, Phone):
        assert line == TillLine(CardNumber(digits), amount)
    else:
        assert len(digits) in (10, 11) or (digits[0] in "78" and len(digits) == 4)


@given(st.one_of(st.text(max_size=80), st.text("0123456789 +-(),.\n", max_size=70)), st.booleans())
def test_anything_typed_is_read_or_refused(text, awaiting):
    try:
        line = parse_till_line(text, "RU", awaiting_sum=awaiting)
    except InputError:
        return
    assert line.identifier or line.amount
    assert line.amount is None or 1 <= line.amount <= MAX_MONEY


@pytest.mark.parametrize(
    ("text", "awaiting_sum", "who"),
    [
        ("9161234567 0", False, Phone("79161234567")),
        ("9161234567 0", True, Phone("79161234567")),
        ("28739756 x", False, CardNumber("28739756")),
        ("28739756 x", True, None),
    ],
)
def test_whose_an_unreadable_sum_is(text, awaiting_sum, who):
    assert getattr(refused(text, awaiting_sum=awaiting_sum), "who", None) == who
