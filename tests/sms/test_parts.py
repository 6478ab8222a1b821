"""The price of a text, checked against boundaries of the standard and against an independent splitter."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.parts import Parts, count_parts, make_plain

CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяё 0123456789№—«»…"
gsm_texts = st.text("abc ABC 019 @£éÄ\n€[]{}~^|\\", max_size=400)
any_texts = st.text(max_size=400)
mixed_texts = st.text(
    CYRILLIC + "abc€😀👍🏽 \u00a0\u202f\u2009\u200b\u200d\ufeff\t\r\n“”’–e\u0301и\u0306", max_size=300
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Parts("gsm7", 0, 0, 160)),
        ("a" * 160, Parts("gsm7", 160, 1, 0)),
        ("a" * 161, Parts("gsm7", 161, 2, 145)),
        ("a" * 306, Parts("gsm7", 306, 2, 0)),
        ("a" * 307, Parts("gsm7", 307, 3, 152)),
        ("€" * 80, Parts("gsm7", 160, 1, 0)),
        ("€" * 81, Parts("gsm7", 162, 2, 143)),
        ("a" * 152 + "€" + "a" * 152, Parts("gsm7", 306, 3, 152)),
        ("ж" * 70, Parts("ucs2", 70, 1, 0)),
        ("ж" * 71, Parts("ucs2", 71, 2, 63)),
        ("ж" * 134, Parts("ucs2", 134, 2, 0)),
        ("ж" * 135, Parts("ucs2", 135, 3, 66)),
        ("😀" * 35, Parts("ucs2", 70, 1, 0)),
        ("ж" * 66 + "😀" + "ж" * 66, Parts("ucs2", 134, 3, 66)),
        ("a" * 70 + "\u00a0", Parts("ucs2", 71, 2, 63)),
        ("`", Parts("ucs2", 1, 1, 69)),
        ("ç", Parts("ucs2", 1, 1, 69)),
        ("Ç", Parts("gsm7", 1, 1, 159)),
        ("\uffff", Parts("ucs2", 1, 1, 69)),  # the last that is one unit, and the first that is two
        ("\U00010000", Parts("ucs2", 2, 1, 68)),
    ],
)
def test_boundaries(text: str, expected: Parts) -> None:
    assert count_parts(text) == expected


def split_utf16(text: str) -> list[bytes]:
    """Cut the bytes as a phone's modem would, stepping back where a cut would tear a pair."""
    raw = text.encode("utf-16-be")
    if len(raw) <= 140:
        return [raw] if raw else []
    pieces = []
    while raw:
        cut = 134
        if len(raw) > cut and 0xD8 <= raw[cut - 2] <= 0xDB:
            cut -= 2
        pieces.append(raw[:cut])
        raw = raw[cut:]
    return pieces


@given(mixed_texts.map(lambda text: text + "ж"))
def test_ucs2_matches_cutting_the_bytes(text: str) -> None:
    pieces = split_utf16(text)
    counted = count_parts(text)
    assert "".join(piece.decode("utf-16-be") for piece in pieces) == text
    assert (counted.encoding, counted.parts) == ("ucs2", len(pieces))
    assert counted.characters == sum(map(len, pieces)) // 2


def split_septets(text: str) -> list[str]:
    escaped = "".join("\x1b" + sign if sign in "€[]{}~^|\\" else sign for sign in text)
    if len(escaped) <= 160:
        return [escaped] if escaped else []
    pieces = []
    while escaped:
        cut = 152 if len(escaped) > 153 and escaped[152] == "\x1b" else 153
        pieces.append(escaped[:cut])
        escaped = escaped[cut:]
    return pieces


@given(gsm_texts)
def test_gsm7_matches_cutting_the_septets(text: str) -> None:
    pieces = split_septets(text)
    counted = count_parts(text)
    assert (counted.encoding, counted.parts) == ("gsm7", len(pieces))
    assert counted.characters == sum(map(len, pieces))


@given(st.one_of(gsm_texts, mixed_texts).filter(bool))
def test_what_is_left_fits_and_one_more_does_not(text: str) -> None:
    counted = count_parts(text)
    filler = "a" * counted.left_in_part
    assert count_parts(text + filler).parts == counted.parts
    assert count_parts(text + filler).left_in_part == 0
    assert count_parts(text + filler + "a").parts == counted.parts + 1


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1\u00a0000,50 ₽", "1 000,50 ₽"),
        ("1\u202f000\u2009000", "1 000 000"),
        ("Код\u200b: 12\ufeff34\u00ad", "Код: 1234"),
        ("  ведущие остаются, хвост нет \t\n\n", "  ведущие остаются, хвост нет"),
        ("line \r\nnext\rlast\u2028end", "line\nnext\nlast\nend"),
        ("“Coffee” – it’s 5…", '"Coffee" - it\'s 5...'),
        ("«Кофейня» — ваш код…", "«Кофейня» — ваш код…"),
        ("“Coffee” for 5 ₽", "“Coffee” for 5 ₽"),
        ("cafe\u0301", "café"),
        ("и\u0306", "й"),
        ("\u212b", "Å"),  # the sign of the unit is the letter, and that is in GSM-7
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("👩\u200d👧", "👩👧"),
        ("\u202eabc\u2066", "abc"),
        ("\u00a0 \u200b", ""),
    ],
)
def test_plain_texts(text: str, plain: str) -> None:
    assert make_plain(text) == plain


def test_an_ellipsis_stays_where_three_dots_would_cost_a_part() -> None:
    assert make_plain("…" * 53) == "..." * 53
    assert make_plain("…" * 54) == "…" * 54


@given(st.one_of(any_texts, mixed_texts))
def test_plain_is_stable_and_never_dearer(text: str) -> None:
    plain = make_plain(text)
    assert make_plain(plain) == plain
    assert count_parts(plain).parts <= count_parts(text).parts


@given(st.one_of(any_texts, mixed_texts))
def test_plain_holds_nothing_invisible_but_line_ends(text: str) -> None:
    plain = make_plain(text)
    assert {unicodedata.category(sign) for sign in plain if sign not in " \n"}.isdisjoint(
        {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
    )
    assert not plain.endswith((" ", "\n"))
    assert " \n" not in plain


@given(st.text(CYRILLIC + "\u00a0\u200b“", min_size=1))
def test_cyrillic_keeps_its_typography(text: str) -> None:
    kept = [sign for sign in make_plain("ж" + text) if sign in "«»—…“"]
    assert kept == [sign for sign in text if sign in "«»—…“"]
