"""What an error of handling an update means for the update."""

from enum import StrEnum

from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiohttp import ClientError

from bot.telegram import DownloadFailed, NotSent, Outcome, OutcomeUnknown, classify


class Verdict(StrEnum):
    """What to do with an update whose handling raised."""

    TRANSIENT = "transient"
    """The network or Telegram fails: try again for a bounded time, then park."""
    STORAGE = "storage"
    """The database fails: try again as long as it takes, as nothing could be parked anyway."""
    POISON = "poison"
    """The update or the code is at fault: a few tries, then park."""
    FINISHED = "finished"
    """The effect is there and only the answer failed for good: another try would not help, or double it."""


def judge(exc: BaseException) -> Verdict:
    """The usual judgement; it doesn't know the database's errors (they are its owner's to name).

    Presumes that handling commits before it answers: then a person who has blocked the bot, and an answer
    that was sent as often as allowed without knowing whether it arrived, are no reason to try again.
    """
    match exc:
        case OutcomeUnknown():
            return Verdict.FINISHED
        case TelegramAPIError() | ClientDecodeError() | NotSent():
            return _OF_OUTCOME[classify(exc)]
        case DownloadFailed():
            return Verdict.TRANSIENT if exc.transient else Verdict.POISON
        case OSError() | TimeoutError() | ClientError():
            return Verdict.TRANSIENT
        case _:
            return Verdict.POISON


_OF_OUTCOME = {
    Outcome.SENT: Verdict.POISON,  # no message (that is OutcomeUnknown), but an answer beyond understanding
    Outcome.NOT_SENT: Verdict.TRANSIENT,
    Outcome.UNKNOWN: Verdict.TRANSIENT,
    Outcome.BLOCKED: Verdict.FINISHED,
    Outcome.REFUSED: Verdict.POISON,
}
