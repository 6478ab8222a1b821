"""One line at the till: a customer, a sum, or both.

How a line is read. It is cut between words into a customer (left) and a sum (right, may be missing), with
a comma or a lone dash between them if one likes; a cut counts when both sides are valid. Among the cuts
that count, the kind of customer decides, in this order:

1. A phone written like one: with a ``+``, or of the home country in one piece (``9161234567``), with its
   leading 8 or 7 apart or glued to a whole area code (``8 916 …``, ``8(916)…``, ``8916 …``), or beginning
   with an area code of three digits (``916 …``).
2. The six digits that the customer's bot shows (``123456``, ``123 456``). A card of six digits is told from
   it by nobody here: who finds no such code looks for the card.
3. A card: 4-20 digits in one word (``1234 500`` is a card and a sum), or grouped as 4-4-4-4 or 1-6-6.
4. Any other way to write a phone of the home country, then of another one. A foreign phone without its
   ``+`` in one piece is a card number: EAN cards look the same, and the ``+`` can always be typed.

Within a kind a customer alone goes before a customer with a sum, and two cuts that differ are refused as
ambiguous: then the sum can be sent on a line of its own. Two lines are always the customer and the sum.
A receipt's number follows its sign, anywhere between words: ``9161234567 1500 #1234``.
Where a sum is awaited, a line that is a sum is that sum, whatever else it might be.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import phonenumbers

from core.domain import cards
from core.domain.errors import InvalidAmount, InvalidPhone
from core.domain.money import MAX_MONEY, parse_money
from core.domain.phone import parse_phone
from handlers.input_error import InputError, Reason, tidy

_LONGEST = 64
_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014"}
_SEPARATORS = " ,;:-="
_PHONE = re.compile(r"\+?[0-9(][0-9 ().-]*")
_CODE = re.compile(r"[0-9]{6}|[0-9]{3}[ -][0-9]{3}")
_CARD = re.compile(r"[0-9]+|[0-9]{4}(?:-[0-9]{4}){1,4}|[0-9]{4}(?: [0-9]{4}){3}|[0-9](?: [0-9]{6}){2}")
_RECEIPT = re.compile(r"(?:^|(?<=\s))[#№] ?(?P<number>[^\W_][\w/-]{0,31})(?=\s|$)")
_AREA = 3


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone in E.164 without the plus."""

    e164: str


@dataclass(frozen=True, slots=True)
class CardNumber:
    """4 to 20 digits."""

    number: str


@dataclass(frozen=True, slots=True)
class ShownCode:
    """The six digits under the QR in the customer's bot."""

    code: str


Identifier = Phone | CardNumber | ShownCode


@dataclass(frozen=True, slots=True)
class TillLine:
    """Who was named and what they pay, in minor units, and the receipt's number; one of them is there."""

    identifier: Identifier | None
    amount: int | None
    receipt: str | None = None


class SumUnread(InputError):
    """The sum can't be read while the customer before it can: what is sent next is not somebody else's sum."""

    def __init__(self, who: Identifier) -> None:
        super().__init__(Reason.AMOUNT, low=1, high=MAX_MONEY)
        self.who = who


def parse_till_line(text: str, region: str, *, awaiting_sum: bool = False) -> TillLine:
    """Read what a cashier typed; ``region`` (ISO 3166) is the home country of phones.

    Raises InputError: EMPTY, TOO_LONG, FOREIGN_DIGITS, AMBIGUOUS, AMOUNT (SumUnread when it is clear whose),
    PHONE, CARD, NO_CUSTOMER (a sum that nobody awaits) or UNCLEAR.
    """
    typed = tidy(text, _LONGEST)
    marked = _RECEIPT.search(typed)
    if marked is not None:
        rest = f"{typed[: marked.start()]} {typed[marked.end() :]}".strip()
        if not rest:
            return TillLine(None, None, marked["number"])
        return replace(parse_till_line(rest, region, awaiting_sum=awaiting_sum), receipt=marked["number"])
    lines = [line.split(" ") for line in typed.split("\n")]
    words = [word for line in lines for word in line]
    whole = _sum(words)
    if awaiting_sum and whole is not None:
        return TillLine(None, whole)
    cuts = [len(lines[0])] if len(lines) == 2 else range(len(words), 0, -1)
    named = [(cut, *found) for cut in cuts if (found := _identify(words[:cut], region))]
    readings = [
        (rank, TillLine(who, amount))
        for cut, rank, who in named
        if (amount := _sum(words[cut:])) is not None or cut == len(words)
    ]
    if not readings:
        raise _refusal(words, [(rank, who) for _, rank, who in named], whole, awaiting_sum)
    best = min(rank for rank, _ in readings)
    chosen = [line for rank, line in readings if rank == best]
    if chosen[0].amount is not None and len(chosen) > 1:
        raise InputError(Reason.AMBIGUOUS)
    return chosen[0]


def _identify(words: list[str], region: str) -> tuple[int, Identifier] | None:
    """The customer these words name, with the rank of the way they are named."""
    text = " ".join(words).translate(_DASHES).rstrip(_SEPARATORS)
    return min(_meanings(text, region), key=lambda found: found[0], default=None)


def _meanings(text: str, region: str) -> Iterator[tuple[int, Identifier]]:
    if _CODE.fullmatch(text):
        yield 2, ShownCode(re.sub("[ -]", "", text))
    if _CARD.fullmatch(text) and cards.LOW <= len(re.sub("[ -]", "", text)) <= cards.HIGH:
        yield 3, CardNumber(cards.parse_card(text))
    if not _PHONE.fullmatch(text):
        return
    try:
        phone = parse_phone(text, region)
    except InvalidPhone:
        return
    country = str(phonenumbers.country_code_for_region(region))
    at_home = phone.startswith(country)
    if text.startswith("+") or (at_home and _written_like_a_phone(text, len(phone) - len(country))):
        yield 1, Phone(phone)
    elif "." not in text:
        yield 4 if at_home else 5, Phone(phone)


def _written_like_a_phone(text: str, national: int) -> bool:
    """Whether a home phone of ``national`` digits is grouped so that it can't be two numbers by chance."""
    groups = re.findall("[0-9]+", text)
    prefix = sum(map(len, groups)) - national
    if "(" in text:
        return len(re.findall("[0-9]", text.split("(")[0])) == prefix
    if len(groups) == 1 or len(groups[0]) == prefix + _AREA:
        return True
    return len(groups[0]) == prefix and len(groups[1]) in (_AREA, national)


def _sum(words: list[str]) -> int | None:
    try:
        return parse_money(" ".join(words))
    except InvalidAmount:
        return None


def _refusal(
    words: list[str], named: list[tuple[int, Identifier]], whole: int | None, awaiting_sum: bool
) -> InputError:
    """Why nothing came of the line, in the order of how sure one can be of what was meant."""
    best = min((rank for rank, _ in named), default=0)
    whose = [who for rank, who in named if rank == best]
    if len(whose) == 1 and (isinstance(whose[0], Phone) or not awaiting_sum):
        return SumUnread(whose[0])
    if named or awaiting_sum:
        return InputError(Reason.AMOUNT, low=1, high=MAX_MONEY)
    if whole is not None:
        return InputError(Reason.NO_CUSTOMER)
    if words[0].startswith("+"):
        return InputError(Reason.PHONE)
    digits = "".join(words)
    if digits.isdigit() and len(digits) > cards.HIGH:
        return InputError(Reason.CARD, low=cards.LOW, high=cards.HIGH)
    return InputError(Reason.UNCLEAR)
