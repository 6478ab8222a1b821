"""Phones: parsed by phonenumbers, kept as E.164 without the plus (``79161234567``)."""

import phonenumbers

from core.domain.errors import InvalidPhone

_LONGEST = 32
_GLUED = 7


def parse_phone(text: str, region: str) -> str:
    """Read a phone typed in any usual form; ``region`` (ISO 3166) is for numbers without a country.

    Raises InvalidPhone for anything that is not one possible, valid number written in ASCII digits.
    """
    cleaned = text.strip()
    if not cleaned or len(cleaned) > _LONGEST or any(c.isdigit() and not c.isascii() for c in cleaned):
        raise InvalidPhone
    if any(c.isalpha() for c in cleaned):
        raise InvalidPhone
    digits = "".join(c for c in cleaned if c.isdigit())
    # The region goes first: 8 495 … is Moscow to the one who types it, and +84 95 … is Vietnam.
    candidates = [cleaned]
    if not cleaned.startswith("+") and len(digits) > 10:
        candidates.append(f"+{digits}")
    for candidate in candidates:
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) and number.extension is None:
            return f"{number.country_code}{phonenumbers.national_significant_number(number)}"
    raise InvalidPhone


def is_slip(digits: str, region: str) -> bool:
    """Whether digits that are no phone read as a mobile of ``region`` with a slip in it.

    That is one digit short at the end, or with up to seven digits of a sum glued to it.
    """
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        return False
    country, length = str(example.country_code), len(phonenumbers.national_significant_number(example))
    for prefix in {"", country, phonenumbers.ndd_prefix_for_region(region, True) or ""}:
        national = digits.removeprefix(prefix)
        if not digits.startswith(prefix) or not length - 1 <= len(national) <= length + _GLUED:
            continue
        if len(national) != length and _is_mobile_only(f"{country}{national[:length].ljust(length, '0')}"):
            return True
    return False


def _is_mobile_only(phone: str) -> bool:
    kind: int = phonenumbers.number_type(phonenumbers.parse(f"+{phone}"))
    return kind == phonenumbers.PhoneNumberType.MOBILE


def is_mobile(phone: str) -> bool:
    """Whether SMS can be expected to arrive at this E.164 number (without the plus)."""
    kind = phonenumbers.number_type(phonenumbers.parse(f"+{phone}"))
    return kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def mask(phone: str) -> str:
    """The phone for logs: its country, two digits of the end (``7********67``)."""
    return f"{phone[:1]}{'*' * (len(phone) - 3)}{phone[-2:]}"
