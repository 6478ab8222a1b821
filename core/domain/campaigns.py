"""Campaigns: their states, bounds and refusals, their button's link. Pure."""

import enum
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from core.domain.errors import InvalidSetting, LoyaltyError

MOST_CONTROL = 2_000
"""The largest control group, in basis points."""
CAPTION_LENGTH, TEXT_LENGTH = 1024, 4096
"""What Telegram takes under a picture and without one, in UTF-16 units."""
SMS_LENGTH = 550
"""The 640 characters that SMS Aero takes, less the line that says how to refuse more of them."""
FARTHEST = timedelta(days=365)
PICTURE_BYTES = 5_000_000
LABEL_LENGTH, LINK_LENGTH = 32, 512
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


class CampaignUnknown(LoyaltyError):
    """There is no such campaign, or it is another branch's."""


class CampaignBegun(LoyaltyError):
    """It was sent, scheduled or stopped meanwhile: ``state``. What it says can't be changed any more."""


class CampaignIncomplete(LoyaltyError):
    """``lacks`` something before it can be sent: a text, or people (nobody)."""


class CampaignLong(LoyaltyError):
    """Something may get longer (``length``, if known) than can be sent (``high``).

    ``where`` is text, picture (a text under one), sms, button, file (a picture's bytes) or document (no photo).
    """


class SpanUnclear(LoyaltyError):
    """Not a span of the condition ``name``: two rising numbers from 0 to ``high`` (in the condition's unit)."""


class CampaignLink(LoyaltyError):
    """Not a link that a button may open: https only. ``high`` is the longest."""


class CampaignTime(LoyaltyError):
    """It can't begin then: ``reason`` is past, far (``high`` days) or quiet (``quiet_from`` to ``quiet_to``)."""


class TestersMissing(LoyaltyError):
    """No staff member has the customer bot open."""


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


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a draft's parts, within their bounds. Raises InvalidSetting, CampaignLink, CampaignLong."""
    found = dict(changes)
    share, days = found.get("control_share", 0), found.get("result_days", RESULT_DAYS[0])
    if not 0 <= share <= MOST_CONTROL:
        raise InvalidSetting(name="control_share", low=0, high=MOST_CONTROL)
    if days not in RESULT_DAYS:
        raise InvalidSetting(name="result_days", low=RESULT_DAYS[0], high=RESULT_DAYS[-1])
    if found.get("button_link") is not None:
        found["button_link"] = checked_link(found["button_link"])
    if len(found.get("button_label") or "") > LABEL_LENGTH:
        raise CampaignLong(where="button", high=LABEL_LENGTH, length=len(found["button_label"]))
    return found
