"""Coupon codes: what is read as one however it is typed, how long it may be, and how codes are made."""

import random

import pytest

from core.domain.coupons import LENGTH, LETTERS, MOST_CODES, OWN_LENGTH, make_codes, read_code, written


def test_the_agreed_bounds() -> None:
    assert (LENGTH, MOST_CODES, OWN_LENGTH) == (10, 10_000, (3, 24))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("summer", "SUMMER"),
        ("  Sum-mer 26 ", "SUMMER26"),
        ("S.U–M—M_E-R", "SUMMER"),
        ("СЕВЕР", "CEBEP"),  # all but the last of these Cyrillic letters look Latin
        ("CEBEP", "CEBEP"),
        ("ёлка", "EЛKA"),
        ("79161234567", None),
        ("A79161234567", "A79161234567"),
        ("привет, как дела?", None),
    ],
)
def test_codes_however_they_are_typed(typed: str, code: str | None) -> None:
    assert read_code(typed) == code


@pytest.mark.parametrize(("length", "is_code"), [(2, False), (3, True), (24, True), (25, False)])
def test_a_code_is_of_3_to_24_signs(length: int, is_code: bool) -> None:
    assert read_code("A" * length) == ("A" * length if is_code else None)


@pytest.mark.parametrize(("length", "is_code"), [(96, True), (97, False)])
def test_spaces_do_not_count_as_long_as_it_is_not_a_whole_letter(length: int, is_code: bool) -> None:
    assert read_code("summer".ljust(length)) == ("SUMMER" if is_code else None)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("ACDEFHJKMN", "ACDEF-HJKMN"),
        ("ACDEFHJKM", "ACDEFHJKM"),
        ("ACDEFHJKMNP", "ACDEFHJKMNP"),
        ("SUMMERSALE", "SUMMERSALE"),  # as long as a generated one, but not of its letters
        ("SUMMER", "SUMMER"),
    ],
)
def test_only_a_generated_code_is_written_in_two_groups(code: str, shown: str) -> None:
    assert written(code) == shown


def test_generated_codes_differ_and_can_not_be_misread() -> None:
    codes = make_codes(MOST_CODES, random.Random(1).choice)
    assert codes == sorted(set(codes))
    assert len(codes) == MOST_CODES
    assert {len(code) for code in codes} == {LENGTH}
    assert not set("".join(codes)) - set(LETTERS)
    assert not set(LETTERS) & set("01ILOQ")
    for code in codes[:50]:
        assert read_code(written(code)) == read_code(written(code).lower()) == code


def test_a_code_that_comes_up_twice_is_made_once() -> None:
    letters = iter("A" * LENGTH * 2 + "C" * LENGTH)
    assert make_codes(2, lambda _: next(letters)) == ["A" * LENGTH, "C" * LENGTH]
