"""What the core needs of the world outside, as Protocols; adapters and test doubles fit them by shape."""

import enum
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The moment, aware and in UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the clock


class SmsOutcome(enum.Enum):
    """What is known of one SMS after it was handed to the gateway.

    Only ``NOT_SENT`` may be tried again: after ``UNKNOWN`` the person may already hold the message.
    """

    SENT = "sent"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SmsResult:
    """The gateway's answer.

    ``provider_id`` names the message at the gateway; ``cost`` is in minor units of its currency;
    ``reason`` is a short machine word (``no_money``, ``bad_number``, ``unreachable``, ``timeout``,
    ``garbage``, ``auth``, ``refused``) and never holds the text, the phone or a secret.
    """

    outcome: SmsOutcome
    provider_id: str | None = None
    cost: int | None = None
    reason: str | None = None


class Delivery(enum.Enum):
    """What became of an SMS that the gateway took."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SmsStatus:
    """What a gateway says of a message that it took: why it failed (a machine word), and its cost where told."""

    delivery: Delivery
    reason: str | None = None
    cost: int | None = None


class SmsGateway(Protocol):
    """Sends SMS. Implementations never raise for the gateway's faults: they say the outcome."""

    async def send(self, phone: str, text: str, *, sender: str | None = None) -> SmsResult:
        """Hand over one message.

        ``phone`` is E.164 without the plus (``79161234567``), ``text`` as the person will read it. ``sender`` is
        the name that stands for the number; without it the gateway's own setting does.
        """

    async def find(self, phone: str, text: str, since: datetime) -> SmsResult:
        """Ask whether a message whose answer was lost did arrive at the gateway after ``since``.

        SENT with its id when it did, NOT_SENT when the gateway surely does not have it, UNKNOWN when
        it can't be asked.
        """

    async def status(self, provider_id: str) -> SmsStatus:
        """What became of a message that was SENT; UNKNOWN when the gateway can't say."""

    async def balance(self) -> int | None:
        """Money on the account in minor units; None when it can't be learnt."""

    async def close(self) -> None:
        """Give back connections."""
