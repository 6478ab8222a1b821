"""Campaigns: their states, their text with fields, their button, and who is kept out. Pure."""

import enum
import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from core.domain.errors import LoyaltyError

MOST_CONTROL = 2_000
"""The largest control group, in basis points."""
CAPTION_LENGTH, TEXT_LENGTH = 1024, 4096
"""What Telegram takes under a picture and without one, in UTF-16 units."""
BUTTON_LENGTH, LINK_LENGTH = 32, 512
RESULT_DAYS = (3, 7, 14, 30)
LATE = timedelta(hours=12)
"""A campaign that could not begin for so long after its time does not begin at all: its news is old."""


class State(enum.StrEnum):
    """Where a campaign stands. The last two are ends."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    CHOOSING = "choosing"  # recipients are being written
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


FIELDS: Mapping[str, int] = {
    "name": 64,
    "first_name": 64,
    "balance": 16,
    "worth": 16,
    "level": 32,
    "card": 20,
    "branch_name": 64,
    "merchant": 64,
}
"""What a text may name, and how long it can get."""


class CampaignUnknown(LoyaltyError):
    """There is no such campaign, or it is another branch's."""


class CampaignBegun(LoyaltyError):
    """It was sent, scheduled or stopped meanwhile: ``state``. What it says can't be changed any more."""


class CampaignIncomplete(LoyaltyError):
    """``lacks`` something before it can be sent: a text, or people (nobody)."""


class CampaignText(LoyaltyError):
    """The text can't be taken: ``reason`` is field (``field`` is not known), brace, empty or long (``high``)."""


class CampaignLink(LoyaltyError):
    """Not a link that a button may open: https only. ``high`` is the longest."""


class CampaignTime(LoyaltyError):
    """It can't begin then: ``reason`` is past, far (``high`` days) or quiet (``quiet_from`` to ``quiet_to``)."""


class TestersMissing(LoyaltyError):
    """No staff member has the customer bot open."""


_FIELD = re.compile(r"\{\{?\s*([^{}\n]{1,32}?)\s*\}?\}")
_NAMES = r"\{\{ (?:name|first_name) \}\}"
_BEHIND = re.compile(rf"[ \u00a0]*[,—–-]?[ \u00a0]*{_NAMES}")
_AT_HEAD = re.compile(rf"(?m)^{_NAMES}[,!]?[ \u00a0]*(\w?)")


def take_fields(typed: str, words: Mapping[str, str]) -> str:
    """A text as people type it, with ``{имя}`` or ``{{ name }}``, with its fields as ``{{ name }}``.

    ``words`` gives the field of each word (lower case). Nothing else in braces is left, so that the result holds
    no template but the fields. Raises CampaignText.
    """

    def field(match: re.Match[str]) -> str:
        word = match[1].lower()
        name = words.get(word, word if word in FIELDS else None)
        if name is None:
            raise CampaignText(reason="field", field=match[1])
        return f"{{{{ {name} }}}}"

    body = _FIELD.sub(field, typed.strip())
    if re.search(r"[{}]", re.sub(r"\{\{ [a-z_]+ \}\}", "", body)):
        raise CampaignText(reason="brace", field="")
    if not body:
        raise CampaignText(reason="empty", field="")
    return body


def with_words(body: str, words: Mapping[str, str]) -> str:
    """The text as people type it: ``words`` gives the word of each field."""
    return re.sub(r"\{\{ ([a-z_]+) \}\}", lambda match: f"{{{words[match[1]]}}}", body)


def longest(body: str) -> int:
    """How long the text can get with its fields, in UTF-16 units as Telegram counts."""
    rest = re.sub(r"\{\{ ([a-z_]+) \}\}", "", body)
    named = re.findall(r"\{\{ ([a-z_]+) \}\}", body)
    return len(rest.encode("utf-16-le")) // 2 + sum(FIELDS[name] for name in named)


def refuse_long(body: str, *, under_picture: bool) -> None:
    """Raises CampaignText for a text that may get longer than Telegram takes."""
    high = CAPTION_LENGTH if under_picture else TEXT_LENGTH
    if longest(body) > high:
        raise CampaignText(reason="long", field="", high=high, length=longest(body))


def without_name(body: str) -> str:
    """The text for somebody whose name is not known: «Анна, здравствуйте!» becomes «Здравствуйте!»."""
    return _BEHIND.sub("", _AT_HEAD.sub(lambda match: match[1].upper(), body))


def checked_link(typed: str) -> str:
    """An https address for a button. Raises CampaignLink."""
    link = typed.strip()
    refusal = CampaignLink(high=LINK_LENGTH)
    if len(link) > LINK_LENGTH or re.search(r"[\s<>\"'\\{}|^`]", link) or not link.isprintable():
        raise refusal
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise refusal from None
    if parts.scheme.lower() != "https" or "." not in host.strip(".") or "@" in parts.netloc:
        raise refusal
    return link


# --- the control group --------------------------------------------------------------------------------
# Park and Miller's prime: products of two numbers below it fit 63 bits, so that both databases count the same.
PRIME = 2_147_483_647
STEP = 48_271


def is_control(customer_id: int, salt: int, share: int) -> bool:
    """Whether a customer is kept out, by a hash of id and salt: the same whenever it is asked.

    ``share`` in basis points, 0 <= salt < PRIME. ``core.store.segments.CONTROL`` says the same in SQL.
    """
    first = (customer_id % PRIME * STEP + salt) % PRIME
    second = (first * first + salt) % PRIME
    return second * STEP % PRIME % 10_000 < share
