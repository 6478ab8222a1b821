"""What became of a call: Telegram has no idempotence key, so "sent" and "not sent" are not all there is."""

from enum import StrEnum

from aiogram.exceptions import (
    ClientDecodeError,
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiohttp import ClientConnectorError, ConnectionTimeoutError


class Outcome(StrEnum):
    """The five ends of a call."""

    SENT = "sent"
    NOT_SENT = "not sent"
    """It certainly didn't reach the person; another try is safe and may succeed."""
    UNKNOWN = "unknown"
    """It may have reached the person: the answer was lost, late or unreadable."""
    BLOCKED = "blocked"
    """The person has blocked the bot, never started it, or is gone: no try will succeed."""
    REFUSED = "refused"
    """Telegram finds fault with the call itself: no try will succeed until the call is changed."""


class NotSent(Exception):
    """A call that was not made: its turn didn't come within the time it may wait.

    `retry_after` is the time in seconds after which a new try makes sense, or None if that isn't known;
    `in_chat`: it is only this chat that is waited for.
    """

    def __init__(self, method: str, retry_after: float | None = None, *, in_chat: bool = False) -> None:
        super().__init__(f"{method} was not sent: its turn didn't come in time")
        self.method = method
        self.retry_after = retry_after
        self.in_chat = in_chat


class OutcomeUnknown(Exception):
    """A message that may have arrived, perhaps more than once: do not send it again."""

    def __init__(self, method: str, attempts: int) -> None:
        super().__init__(f"{method} may have arrived, in {attempts} attempts")
        self.method = method
        self.attempts = attempts


_NOBODY_THERE = ("chat not found", "peer_id_invalid", "user not found", "user is deactivated")
_NEVER_CONNECTED = (ClientConnectorError, ConnectionTimeoutError)


def classify(exc: BaseException) -> Outcome:
    """Tell what an error of a Telegram call means for the call. Errors of other origin count as UNKNOWN.

    A call whose answer says "ok" and can't be read otherwise was SENT, though its result is lost.
    A page instead of JSON (a proxy's 502) is aiogram's ClientDecodeError, which is no TelegramAPIError.
    """
    match exc:
        case NotSent() | TelegramRetryAfter() | RestartingTelegram():
            return Outcome.NOT_SENT
        case ClientDecodeError(data={"ok": True}):
            return Outcome.SENT
        case OutcomeUnknown() | ClientDecodeError() | TelegramServerError():
            return Outcome.UNKNOWN
        case TelegramForbiddenError():
            return Outcome.BLOCKED
        case TelegramBadRequest() if any(words in exc.message.lower() for words in _NOBODY_THERE):
            return Outcome.BLOCKED
        case TelegramEntityTooLarge():
            return Outcome.REFUSED
        case TelegramNetworkError():
            return Outcome.NOT_SENT if isinstance(exc.__cause__, _NEVER_CONNECTED) else Outcome.UNKNOWN
        case TelegramAPIError() if exc.message.startswith("Too Many Requests"):
            return Outcome.NOT_SENT
        case TelegramAPIError():
            return Outcome.REFUSED
        case _:
            return Outcome.NOT_SENT if isinstance(exc, _NEVER_CONNECTED) else Outcome.UNKNOWN
