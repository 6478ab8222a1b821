"""Coupon codes: how they are written, read and made. Pure; chance is given."""

import re
from collections.abc import Callable

LETTERS = "ACDEFHJKMNPRTUVWXY34679"
"""What generated codes are made of: nothing that is mistaken for something else, no 0 and O, no 1, I and L."""
LENGTH = 10
"""23^10 codes: of ten thousand good ones a guess finds one in four thousand million."""
MOST_CODES = 10_000
OWN_LENGTH = (3, 24)
"""How long a code may be that the merchant makes up, both ends included."""

_LOOK_ALIKES = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")
_BETWEEN = re.compile(r"[\s\-–—_.]+")
_CODE = re.compile(r"[A-ZА-Я0-9]+")


def read_code(text: str) -> str | None:
    """What was typed as a code is kept: capitals, without spaces and dashes, Cyrillic letters that look Latin as
    the Latin ones. None for what can't be a code: too short, too long, of other signs, or without a letter."""
    if len(text) > 4 * OWN_LENGTH[1]:
        return None
    code = _BETWEEN.sub("", text.upper().replace("Ё", "Е")).translate(_LOOK_ALIKES)
    fits = OWN_LENGTH[0] <= len(code) <= OWN_LENGTH[1] and _CODE.fullmatch(code) and not code.isdigit()
    return code if fits else None


def written(code: str) -> str:
    """A generated code in two groups; another one as it is."""
    made = len(code) == LENGTH and all(letter in LETTERS for letter in code)
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}" if made else code


def make_codes(count: int, choose: Callable[[str], str]) -> list[str]:
    """So many different codes; ``choose`` picks a letter by chance, best ``secrets.choice``."""
    codes: set[str] = set()
    while len(codes) < count:
        codes.add("".join(choose(LETTERS) for _ in range(LENGTH)))
    return sorted(codes)
