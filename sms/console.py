"""The gateway of a developer's machine."""

import sys
from datetime import datetime
from typing import TextIO

from core.ports import Delivery, SmsOutcome, SmsResult, SmsStatus
from sms.parts import count_parts


class ConsoleGateway:
    """Prints each SMS in a frame, with the phone and the text in full: that is its job, the codes are to be
    read there. So it is for development only and never for real people's phones.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        """``stream``: where to print; without it, to what ``sys.stderr`` is at that moment."""
        self._stream = stream

    async def send(self, phone: str, text: str, *, sender: str | None = None) -> SmsResult:
        """Print and say SENT, or NOT_SENT ``unreachable`` when the stream can't be written."""
        cost = count_parts(text)
        head = f"┌─ SMS to +{_printable(phone)} ({cost.parts} × {cost.encoding}, {cost.characters} characters)"
        lines = [head, *(f"│ {_printable(line)}" for line in text.split("\n")), "└─"]
        stream = self._stream or sys.stderr
        try:
            stream.write("\n".join(lines) + "\n")
            stream.flush()
        except OSError:
            return SmsResult(SmsOutcome.NOT_SENT, reason="unreachable")
        return SmsResult(SmsOutcome.SENT, cost=0)

    async def find(self, phone: str, text: str, since: datetime) -> SmsResult:
        """NOT_SENT always: nothing is remembered, and a line printed twice harms nobody."""
        return SmsResult(SmsOutcome.NOT_SENT)

    async def status(self, provider_id: str) -> SmsStatus:
        """UNKNOWN always: nothing is remembered."""
        return SmsStatus(Delivery.UNKNOWN)

    async def balance(self) -> int | None:
        """None: printing costs nothing."""
        return None

    async def close(self) -> None:
        """Nothing to give back: the stream belongs to whoever opened it."""


def _printable(text: str) -> str:
    """Without the control signs by which a text could move the cursor or recolour the terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
