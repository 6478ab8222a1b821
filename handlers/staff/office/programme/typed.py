"""Reading a setting's value as people type it, by its unit. Pure; refusals are InvalidSetting with the bounds."""

import re
import unicodedata

from core.domain.amounts import parse_hundredths
from core.domain.errors import InvalidAmount, InvalidSetting
from core.domain.settings import Spec, Unit
from handlers.input_error import InputError, tidy

EMPTY = {"пусто", "нет", "убрать", "-", "—", "empty", "none", "no", "remove"}
_LONGEST = 4096
_COUNTED = re.compile(r"(?P<number>[0-9]{1,9}) ?(?P<unit>[^\W\d_]*)\.?")
_UNITS: dict[Unit, dict[int, tuple[str, ...]]] = {
    Unit.HOURS: {1: ("", "ч", "час", "h", "hour"), 24: ("д", "дн", "ден", "сут", "d"), 168: ("нед", "w")},
    Unit.DAYS: {1: ("", "д", "дн", "ден", "сут", "d"), 7: ("нед", "w")},
    Unit.MINUTES: {1: ("", "мин", "m"), 60: ("ч", "час", "h")},
    Unit.COUNT: {1: ("", "шт", "раз")},
}
"""How much one of a unit is in the setting's own, and the beginnings of its word. The longest beginning counts."""
_POINTS_WORD = re.compile(r" ?(?:балл\w*|б\.?|points?|pts)$", re.IGNORECASE)


def parse_setting(spec: Spec, text: str) -> int | str | None:
    """What was typed as the setting's value: percents in basis points, money and points in hundredths.

    Raises InvalidSetting. Settings of other units are chosen by buttons.
    """
    try:
        if spec.nullable and tidy(text, _LONGEST).casefold() in EMPTY:
            return None
        value = _parsed(spec, text)
    except (InputError, InvalidAmount) as error:
        raise InvalidSetting(name=spec.name, low=spec.low, high=spec.high) from error
    size = len(value) if isinstance(value, str) else value
    if spec.low is not None and spec.high is not None and not spec.low <= size <= spec.high:
        raise InvalidSetting(name=spec.name, low=spec.low, high=spec.high)
    return value


def _parsed(spec: Spec, text: str) -> int | str:
    if spec.unit is Unit.TEXT:
        return _words(spec, text)
    typed = tidy(text, 64)
    if spec.unit is Unit.PERCENT:
        return _hundredths(typed.removesuffix("%").rstrip())
    if spec.unit is Unit.MONEY:
        return _hundredths(typed)
    if spec.unit is Unit.POINTS:
        return _hundredths(_POINTS_WORD.sub("", typed))
    return _counted(spec, typed)


def _hundredths(text: str) -> int:
    return parse_hundredths(text, low=0, high=2**62)


def _counted(spec: Spec, typed: str) -> int:
    """``24``, ``36 ч``, ``1 день``, ``2 недели``."""
    match = _COUNTED.fullmatch(typed.casefold())
    scales = [
        (len(word), scale)
        for scale, words in _UNITS.get(spec.unit, {}).items()
        for word in words
        if match and (match["unit"].startswith(word) if word else not match["unit"])
    ]
    if match is None or not scales:
        raise InvalidSetting(name=spec.name, low=spec.low, high=spec.high)
    return int(match["number"]) * max(scales)[1]


def _words(spec: Spec, text: str) -> str:
    """A text without control characters; a short one in one line."""
    kept = "".join(c for c in unicodedata.normalize("NFC", text) if c == "\n" or unicodedata.category(c) != "Cc")
    one_line = spec.high is not None and spec.high <= 64
    words = " ".join(kept.split()) if one_line else kept.strip()
    return words.upper() if spec.name == "currency" else words
