"""What a text costs as an SMS, and how to make it cheap without changing what it says. Pure."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["gsm7", "ucs2"]

# GSM 03.38: the default alphabet without its escape sign, and the table behind that sign (two septets each).
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")

_WHOLE: dict[Encoding, int] = {"gsm7": 160, "ucs2": 70}
_JOINED: dict[Encoding, int] = {"gsm7": 153, "ucs2": 67}

_SMART = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"')
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2039\u203a", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u2026": "..."}
)


@dataclass(frozen=True, slots=True)
class Parts:
    """The price of a text in parts.

    ``characters`` is counted as the network counts: septets in gsm7 (``€`` and ``[`` weigh 2), UTF-16 units
    in ucs2 (an emoji weighs 2). ``left_in_part`` is how many more of weight 1 fit before a further part.
    An empty text has no parts.
    """

    encoding: Encoding
    characters: int
    parts: int
    left_in_part: int


def count_parts(text: str) -> Parts:
    """Count the parts of a text exactly as given; nothing is cleaned first."""
    encoding: Encoding = "gsm7" if _is_gsm7(text) else "ucs2"
    weights = [_weight(character, encoding) for character in text]
    total, whole, joined = sum(weights), _WHOLE[encoding], _JOINED[encoding]
    if total <= whole:
        return Parts(encoding, total, 1 if text else 0, whole - total)
    parts, used = 1, 0
    for weight in weights:
        if used + weight > joined:  # an escape or a surrogate pair is never torn between two parts
            parts, used = parts + 1, 0
        used += weight
    return Parts(encoding, total, parts, joined - used)


def make_plain(text: str) -> str:
    """Make a text cheap and safe to send; doing it twice changes nothing more, and no text gets dearer.

    Always: letters are composed (NFC), every kind of space and the tab become a space, every kind of line end
    becomes ``\\n``, signs without a width (joiners, marks of direction, soft hyphens, byte order marks) and
    control characters go, and so does white space at the ends of lines and of the text.
    An emoji made of several by joiners falls into those several.

    Typographic quotes, dashes and the ellipsis give way to plain ones only where that alone turns the whole
    text into GSM-7 for no more parts. In a Cyrillic text they cost nothing extra, so they stay.
    """
    cleaned = _compose(_clean(text))
    if _is_gsm7(cleaned):
        return cleaned
    plain = cleaned.translate(_SMART)
    if _is_gsm7(plain) and count_parts(plain).parts <= count_parts(cleaned).parts:
        return plain
    return cleaned


def _clean(text: str) -> str:
    for end in ("\r\n", "\r", "\x85", "\u2028", "\u2029"):
        text = text.replace(end, "\n")
    kept = "".join(_clean_character(character) for character in text)
    return "\n".join(line.rstrip(" ") for line in kept.split("\n")).rstrip("\n")


def _clean_character(character: str) -> str:
    if character == "\n":
        return character
    category = unicodedata.category(character)
    if category == "Zs" or character == "\t":
        return " "
    # Cs: half of a surrogate pair alone says nothing and can't be encoded on the way.
    return "" if category in ("Cc", "Cf", "Cs") else character


def _compose(text: str) -> str:
    """NFC, except for the rare signs that it makes longer."""
    composed = unicodedata.normalize("NFC", text)
    return composed if _utf16_length(composed) <= _utf16_length(text) else text


def _utf16_length(text: str) -> int:
    return sum(_weight(character, "ucs2") for character in text)


def _is_gsm7(text: str) -> bool:
    return all(character in _BASIC or character in _EXTENDED for character in text)


def _weight(character: str, encoding: Encoding) -> int:
    if encoding == "gsm7":
        return 2 if character in _EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1
