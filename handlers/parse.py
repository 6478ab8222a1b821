"""Reading what people type: birthdays, names, codes, links. Pure; refusals are InputError without prose."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, get_args

from handlers.input_error import InputError, Reason, tidy
from handlers.till_line import CardNumber, Identifier, Phone, ShownCode, SumUnread, TillLine, parse_till_line

__all__ = [
    "CardNumber",
    "Identifier",
    "InputError",
    "Payload",
    "Phone",
    "Reason",
    "ShownCode",
    "SumUnread",
    "TillLine",
    "parse_birthday",
    "parse_code",
    "parse_name",
    "parse_payload",
    "parse_till_line",
]

PayloadKind = Literal["ref", "reg", "claim", "join", "stop"]

OLDEST = 120
"""Years of age beyond which a birthday is taken for a slip."""
NAME_LENGTH = 64
LABEL_LENGTH = 32

_LONGEST_NAME_TYPED = 1000
_DAY_FIRST = re.compile(r"(?P<d>[0-9]{1,2})(?P<sep>[./ -])(?P<m>[0-9]{1,2})(?P=sep)(?P<y>[0-9]{4}|[0-9]{2})")
_YEAR_FIRST = re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})")
_PAYLOAD = re.compile(r"(?P<kind>[a-z]+)_(?P<value>[A-Za-z0-9_-]{1,60})")
_MOMENT = re.compile(
    r"(?:(?P<d>[0-9]{1,2})[./](?P<m>[0-9]{1,2})(?:[./](?P<y>[0-9]{4}))?,? )?(?P<h>[0-9]{1,2})[:.](?P<min>[0-9]{2})"
)
_JOINERS = "\u200c\u200d"
_LOOKS_EMPTY = "\u115f\u1160\u2800\u3164\uffa0"
_LETTERLESS = {"Z", "C", "M"}


@dataclass(frozen=True, slots=True)
class Payload:
    """What followed /start: ``ref_<promo code>``, ``reg_<token>``, ``claim_<token>``, ``join_<token>``,
    ``stop_<token>``."""

    kind: PayloadKind | None
    value: str


def parse_birthday(text: str, today: date) -> date:
    """``05.03.1990``, ``5.3.90``, ``05/03/1990``, ``5 3 1990``, ``1990-03-05``; a short year is the last such.

    Raises InputError: DATE_FORMAT, NO_SUCH_DAY (31.04, 29.02 of a common year), IN_FUTURE, TOO_OLD.
    """
    typed = tidy(text, 32)
    match = _DAY_FIRST.fullmatch(typed) or _YEAR_FIRST.fullmatch(typed)
    if match is None:
        raise InputError(Reason.DATE_FORMAT)
    year, month, day = (int(match[name]) for name in "ymd")
    if len(match["y"]) == 2:
        century = today.year // 100 * 100
        this = _day(century + year, month, day)
        born = this if this and this <= today else _day(century - 100 + year, month, day)
    else:
        born = _day(year, month, day)
    if born is None:
        raise InputError(Reason.NO_SUCH_DAY)
    if born > today:
        raise InputError(Reason.IN_FUTURE)
    if (today.year - OLDEST, today.month, today.day) > (born.year, born.month, born.day):
        raise InputError(Reason.TOO_OLD, high=OLDEST)
    return born


def parse_moment(text: str, now: datetime) -> datetime:
    """``15:30`` for today, ``25.03 15:30`` or ``25.03.2027 15:30``, by the clocks of ``now``; a day without a
    year is the next such. Raises InputError: MOMENT, NO_SUCH_DAY."""
    match = _MOMENT.fullmatch(tidy(text, 32))
    if match is None or int(match["h"]) > 23 or int(match["min"]) > 59:
        raise InputError(Reason.MOMENT)
    at = time(int(match["h"]), int(match["min"]))
    if match["d"] is None:
        return datetime.combine(now.date(), at, now.tzinfo)
    month, day = int(match["m"]), int(match["d"])
    years = [int(match["y"])] if match["y"] else [now.year, now.year + 1]
    days = [found for year in years if (found := _day(year, month, day))]
    if not days:
        raise InputError(Reason.NO_SUCH_DAY)
    ahead = [each for each in days if each >= now.date()]
    return datetime.combine(min(ahead, default=days[-1]), at, now.tzinfo)


def parse_name(text: str) -> str:
    """A name in one line: spaces collapsed, control, bidi and invisible characters dropped.

    At most NAME_LENGTH code points, at least one of them visible. Raises InputError NAME or TOO_LONG.
    """
    if len(text) > _LONGEST_NAME_TYPED:
        raise InputError(Reason.TOO_LONG, high=NAME_LENGTH)
    name = "".join(_name_char(c) for c in unicodedata.normalize("NFC", text))
    name = " ".join(name.strip(_JOINERS + " ").split())
    visible = any(unicodedata.category(c)[0] not in _LETTERLESS for c in name)
    if not visible or len(name) > NAME_LENGTH:
        raise InputError(Reason.NAME, low=1, high=NAME_LENGTH)
    return name


def parse_label(text: str) -> str:
    """A name that the merchant gives to a level or a category: like a person's, and shorter. Raises InputError."""
    name = parse_name(text)
    if len(name) > LABEL_LENGTH:
        raise InputError(Reason.TOO_LONG, high=LABEL_LENGTH)
    return name


def parse_level(text: str) -> str:
    """A level's name: a label with a letter in it, as digits alone read like points. Raises InputError."""
    name = parse_label(text)
    if not any(char.isalpha() for char in name):
        raise InputError(Reason.NO_LETTER, typed=name, high=LABEL_LENGTH)
    return name


def parse_code(text: str, length: int) -> str:
    """A code from an SMS: so many digits, spaces and dashes inside allowed. Raises InputError CODE."""
    digits = re.sub(r"[ \n-]", "", tidy(text, 32))
    if not (re.fullmatch("[0-9]+", digits) and len(digits) == length):
        raise InputError(Reason.CODE, high=length)
    return digits


def parse_payload(text: str | None) -> Payload:
    """What stands behind /start; an unknown or damaged payload is a plain start, never an error."""
    match = _PAYLOAD.fullmatch(text or "")
    for kind in get_args(PayloadKind):
        if match and match["kind"] == kind:
            return Payload(kind, match["value"])
    return Payload(None, "")


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _name_char(char: str) -> str:
    category = unicodedata.category(char)
    if char.isspace() or category[0] == "Z":
        return " "
    if char in _JOINERS:
        return char
    return "" if category[0] == "C" or char in _LOOKS_EMPTY else char
