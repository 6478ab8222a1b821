"""The secret key: hashes, signed QR codes, sealed values. Whatever is scanned, nothing raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.keyring import Keyring, SealBroken, fingerprint, looks_like_card_qr, new_digits, new_token

KEYS = Keyring("first-secret-of-tests")
OTHER = Keyring("other-secret-of-tests")


def test_a_signed_card_is_read_by_its_own_key_only() -> None:
    text = KEYS.sign_card(42, 1_800_000_000)
    assert KEYS.read_card(text) == (42, 1_800_000_000)
    assert looks_like_card_qr(text)
    assert OTHER.read_card(text) is None
    assert len(text) < 60


@given(st.integers(0, 10**12), st.integers(0, 2**40), st.data())
def test_a_tampered_card_is_refused(customer: int, expires: int, data: st.DataObject) -> None:
    text = KEYS.sign_card(customer, expires)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda c: c != text[at]))
    assert KEYS.read_card(text[:at] + letter + text[at + 1 :]) is None
    assert KEYS.read_card(text[:at]) is None
    assert KEYS.read_card(text + letter) is None


def test_a_card_of_another_customer_or_time_needs_another_signature() -> None:
    body, _, mac = KEYS.sign_card(1, 1000).rpartition(".")
    assert body == "KPL1.1.1000"
    for forged in (f"KPL1.2.1000.{mac}", f"KPL1.1.9999.{mac}", f"KPL1.1.1000.{mac}=", f"KPL1.11.000.{mac}"):
        assert KEYS.read_card(forged) is None


GARBAGE = [
    "",
    ".",
    "...",
    "KPL1",
    "KPL1.",
    "KPL1..",
    "KPL1...",
    "KPL1.1.1.",
    "KPL1.я.я.я",
    "Привет",
    "\x00",
    "\ud800",
]


@pytest.mark.parametrize("text", [*GARBAGE, "KPL1.1.1.\udfff", "KPL1.\ud800.1.x", "9" * 10_000, "KPL1." * 5000])
def test_garbage_is_no_card(text: str) -> None:
    assert KEYS.read_card(text) is None


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_no_scanned_text_raises(text: str) -> None:
    assert KEYS.read_card(text) is None
    assert KEYS.read_card(f"KPL1.{text}") is None


def test_hashes_depend_on_key_use_and_every_part() -> None:
    hashes = {
        KEYS.hash("code", "a", "b"),
        KEYS.hash("code", "ab"),
        KEYS.hash("code", "a", "b", ""),
        KEYS.hash("code", "", "a", "b"),
        KEYS.hash("invite", "a", "b"),
        OTHER.hash("code", "a", "b"),
    }
    assert len(hashes) == 6
    assert KEYS.matches(KEYS.hash("code", "a", "b"), "code", "a", "b")
    assert not KEYS.matches(KEYS.hash("code", "a", "b"), "code", "a", "c")


def test_sealed_values_open_with_their_key_only() -> None:
    sealed = KEYS.seal({"code": "1234", "имя": "ё"})
    assert "1234" not in sealed
    assert KEYS.unseal(sealed) == {"code": "1234", "имя": "ё"}
    for broken in (sealed[:-4] + "AAAA", "", "garbage"):
        with pytest.raises(SealBroken):
            KEYS.unseal(broken)
    with pytest.raises(SealBroken):
        OTHER.unseal(sealed)


def test_the_secret_is_neither_short_nor_shown() -> None:
    with pytest.raises(ValueError, match="16 characters"):
        Keyring("short")
    assert "first-secret" not in repr(KEYS)


@pytest.mark.parametrize("length", range(3, 9))
def test_digits_never_begin_with_a_zero(length: int) -> None:
    made = [new_digits(length) for _ in range(300)]
    assert all(len(digits) == length and digits.isdigit() and digits[0] != "0" for digits in made)
    assert len(set(made)) > 200 or length == 3


def test_tokens_fit_a_deep_link() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(f"join_{token}") <= 64 for token in tokens)
    assert all(c.isascii() and (c.isalnum() or c in "_-") for token in tokens for c in token)


def test_fingerprints_tell_inputs_apart_whatever_their_order() -> None:
    assert fingerprint(a=1, b=2) == fingerprint(b=2, a=1)
    assert fingerprint(a=1, b=2) != fingerprint(a=2, b=1)
