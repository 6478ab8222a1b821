"""Reading decimal amounts that people type. One reader for money and points: both have two decimals."""

import re

from core.domain.errors import InvalidAmount

_SPACES = "\u00a0\u2007\u2009\u200a\u202f"
_TO_SPACE = {ord(space): " " for space in _SPACES}
_LONGEST = 32
_PLAIN = re.compile(r"(?P<whole>[0-9]{1,12})(?:[.,](?P<part>[0-9]{1,2}))?")
_GROUPED = re.compile(r"(?P<whole>[0-9]{1,3}(?: [0-9]{3})+)(?:[.,](?P<part>[0-9]{1,2}))?")
_SIGN = re.compile(r"\s*(?:₽|р\.?|руб\.?|rub)$", re.IGNORECASE)


def parse_hundredths(text: str, *, low: int, high: int) -> int:
    """Read ``1500``, ``1 500,50`` or ``1500.50`` as an integer of hundredths.

    Spaces of any width may stand between groups of three digits, a currency sign may follow.
    Raises InvalidAmount with ``reason`` ``format`` or ``bounds``; ``low`` and ``high`` are inclusive.
    """
    if len(text) > _LONGEST:
        raise InvalidAmount(reason="format", low=low, high=high)
    cleaned = _SIGN.sub("", text.translate(_TO_SPACE).strip())
    match = _PLAIN.fullmatch(cleaned) or _GROUPED.fullmatch(cleaned)
    if match is None:
        raise InvalidAmount(reason="format", low=low, high=high)
    whole = int(match["whole"].replace(" ", ""))
    part = int((match["part"] or "0").ljust(2, "0"))
    value = whole * 100 + part
    if not low <= value <= high:
        raise InvalidAmount(reason="bounds", low=low, high=high)
    return value
