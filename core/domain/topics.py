"""What people are told about: each topic with its urgency, the consent it needs and the ways it may go."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.domain.programme import Programme

URGENT = 49
"""The last priority that never waits behind what is told to many."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of messages.

    ``consent`` is the group that a customer agrees to (receipts, reminders, offers), None for what must be told.
    A smaller ``priority`` goes first. ``marketing`` keeps to the frequency cap. ``at_most_once``: one that may
    have arrived is never sent again; all others are never lost and arrive twice at most. ``quiet`` waits for the
    end of the quiet hours. ``may_sms``: there are words for an SMS; ``sms``: it goes by SMS where there is no
    Telegram, unless the merchant chose otherwise.
    """

    name: str
    consent: str | None
    priority: int
    marketing: bool = False
    at_most_once: bool = False
    quiet: bool = False
    may_sms: bool = False
    sms: bool = False


def _reminder(name: str, *, consent: str = "reminders", marketing: bool = False, sms: bool = False) -> Topic:
    return Topic(name, consent, 50, marketing, at_most_once=True, quiet=True, may_sms=True, sms=sms)


TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        topic.name: topic
        for topic in (
            Topic("code", None, 0, may_sms=True, sms=True),
            Topic("registration", None, 0, may_sms=True, sms=True),
            Topic("sms", None, 0),  # word to whoever waits for an SMS that did not go
            Topic("alert", None, 5),
            Topic("confirmation", None, 10),
            Topic("till", None, 10),
            Topic("receipts", "receipts", 10),
            Topic("refund", "receipts", 10),
            Topic("reply", None, 10, quiet=True),
            Topic("job", None, 15),
            Topic("referral", "receipts", 20, quiet=True),
            _reminder("level"),
            _reminder("activation"),
            _reminder("expiry_soon", sms=True),
            _reminder("expired"),
            _reminder("birthday", sms=True),
            _reminder("discount_ends"),
            replace(_reminder("review"), may_sms=False),  # its answer is a press
            _reminder("digest"),  # several reminders of one customer in one message
            _reminder("win_back", consent="offers", marketing=True, sms=True),
            replace(_reminder("campaign", consent="offers", marketing=True, sms=True), priority=90),
        )
    }
)


@dataclass(frozen=True, slots=True)
class TopicChoice:
    """What the merchant chose for a topic: whether it is told at all, and by which channels."""

    topic: str
    on: bool
    telegram: bool
    sms: bool

    def __post_init__(self) -> None:
        if not isinstance(self.topic, str):
            raise TypeError("a topic has a name")
        if not all(type(each) is bool for each in (self.on, self.telegram, self.sms)):
            raise ValueError("a topic is on or off")


def topic_of(name: str) -> Topic:
    """A topic by its name; one that an older release wrote is told as what must be told."""
    return TOPICS.get(name) or Topic(name, None, 10)


def choice(programme: "Programme", topic: str) -> TopicChoice:
    """The merchant's choice for a topic, or its default. What must be told can't be switched off."""
    known = topic_of(topic)
    chosen = next((each for each in programme.topics if each.topic == topic), None)
    if chosen is None or known.consent is None:
        return TopicChoice(topic, on=True, telegram=True, sms=known.sms)
    return replace(chosen, sms=chosen.sms and known.may_sms)
