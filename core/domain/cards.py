"""Card numbers: 4 to 20 digits; virtual ones are made by the system."""

import secrets

from core.domain.errors import InvalidCard

LOW, HIGH = 4, 20
_VIRTUAL_DIGITS = 8


def parse_card(text: str) -> str:
    """A card number as typed or scanned; spaces and dashes inside are dropped. Raises InvalidCard."""
    cleaned = "".join(c for c in text if c not in " -\u00a0") if len(text) <= 2 * HIGH else ""
    if not (cleaned.isascii() and cleaned.isdigit() and LOW <= len(cleaned) <= HIGH):
        raise InvalidCard(low=LOW, high=HIGH)
    return cleaned


def new_card_number() -> str:
    """A random virtual card number: 8 digits without a leading zero, so that it is never a phone."""
    return str(secrets.randbelow(9 * 10 ** (_VIRTUAL_DIGITS - 1)) + 10 ** (_VIRTUAL_DIGITS - 1))


def new_promo_code() -> str:
    """A personal code to be read aloud: 6 capitals without look-alikes."""
    return "".join(secrets.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(6))
