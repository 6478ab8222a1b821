"""Card numbers: 4 to 20 digits; virtual ones are made by the system."""

import re
import secrets

from core.domain.errors import CardRangeWrong, InvalidCard
from core.domain.phone import is_slip

LOW, HIGH = 4, 20
MOST_AT_ONCE = 100_000
_RANGE = re.compile(r"([0-9 ]+?)\s*(?:-|–|—|\.\.)\s*([0-9 ]+)")
SHOWN_CODE_DIGITS = 6
_VIRTUAL_DIGITS = 8
_BARCODE_DIGITS = (12, 13)


def parse_card(text: str) -> str:
    """A card number as typed or scanned; spaces and dashes inside are dropped. Raises InvalidCard."""
    cleaned = "".join(c for c in text if c not in " -\u00a0") if len(text) <= 2 * HIGH else ""
    if not (cleaned.isascii() and cleaned.isdigit() and LOW <= len(cleaned) <= HIGH):
        raise InvalidCard(low=LOW, high=HIGH)
    return cleaned


def card_range(text: str) -> tuple[int, int, int]:
    """``10000-10999`` as the first and the last number and their width; zeros in front are a part of a number.

    One number is a range of itself. Raises CardRangeWrong.
    """
    typed = text.strip()
    match = _RANGE.fullmatch(typed) if len(typed) <= 4 * HIGH else None
    ends = [each.replace(" ", "") for each in (match.groups() if match else (typed, typed))]
    first, last = ends
    fit = all(each.isascii() and each.isdigit() and LOW <= len(each) <= HIGH for each in ends)
    if not fit or len(first) != len(last) or not 0 <= int(last) - int(first) < MOST_AT_ONCE:
        raise CardRangeWrong(low=LOW, high=HIGH, most=MOST_AT_ONCE)
    return int(first), int(last), len(first)


def may_be_new_card(number: str, region: str) -> bool:
    """Whether digits typed at the till and known to nobody are a new card rather than a slip in a phone.

    A barcode's own check digit speaks for a card.
    """
    return not is_slip(number, region) or _has_check_digit(number)


def may_be_shown_code(digits: str) -> bool:
    """Whether digits have the form of the code on a customer's screen: six, without a leading zero."""
    return len(digits) == SHOWN_CODE_DIGITS and not digits.startswith("0")


def _has_check_digit(number: str) -> bool:
    """Whether it is a UPC or an EAN-13 (GS1 General Specifications, 7.9)."""
    if len(number) not in _BARCODE_DIGITS:
        return False
    weighed = (int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(reversed(number)))
    return sum(weighed) % 10 == 0


def new_card_number() -> str:
    """A random virtual card number: 8 digits without a leading zero, so that it is never a phone."""
    return str(secrets.randbelow(9 * 10 ** (_VIRTUAL_DIGITS - 1)) + 10 ** (_VIRTUAL_DIGITS - 1))


def new_promo_code() -> str:
    """A personal code to be read aloud: 6 capitals without look-alikes."""
    return "".join(secrets.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(6))
