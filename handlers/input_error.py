"""The refusal of what somebody typed: a reason and its bounds, never prose."""

import enum
import re
from typing import Any

_WIDE_SPACES = {ord(space): " " for space in "\u00a0\u2007\u2009\u200a\u202f\t\r"}
_SPACE_RUN = re.compile(" {2,}")


class Reason(enum.StrEnum):
    """Why it was refused. In brackets: the bounds that come along."""

    EMPTY = "empty"
    TOO_LONG = "too_long"  # (high: characters)
    FOREIGN_DIGITS = "foreign_digits"
    UNCLEAR = "unclear"
    AMBIGUOUS = "ambiguous"
    NO_CUSTOMER = "no_customer"
    PHONE = "phone"
    CARD = "card"  # (low, high: digits)
    AMOUNT = "amount"  # (low, high: minor units)
    CODE = "code"  # (high: digits)
    NAME = "name"  # (low, high: characters)
    NO_LETTER = "no_letter"  # (typed; high: characters)
    DATE_FORMAT = "date_format"
    NO_SUCH_DAY = "no_such_day"
    IN_FUTURE = "in_future"
    TOO_OLD = "too_old"  # (high: years)
    MOMENT = "moment"


class InputError(Exception):
    """What was typed can't be taken. ``data`` is what the template named ``code`` may use."""

    kind = "input"

    def __init__(self, reason: enum.StrEnum, **bounds: Any) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.data = bounds

    @property
    def code(self) -> str:
        """The name of its template in ``templates/<lang>/errors``."""
        return f"{self.kind}_{self.reason.value}"


def tidy(text: str, longest: int) -> str:
    """What was typed with plain single spaces, lines kept apart by newlines.

    Raises EMPTY, TOO_LONG, and FOREIGN_DIGITS for digits other than 0-9.
    """
    if len(text) > longest:
        raise InputError(Reason.TOO_LONG, high=longest)
    if any(c.isdigit() and not c.isascii() for c in text):
        raise InputError(Reason.FOREIGN_DIGITS)
    spaced = _SPACE_RUN.sub(" ", text.translate(_WIDE_SPACES))
    lines = [line for line in (raw.strip() for raw in spaced.split("\n")) if line]
    if not lines:
        raise InputError(Reason.EMPTY)
    return "\n".join(lines)
