"""Structured logs to standard error: JSON for machines, one readable line each on a terminal."""

import contextlib
import logging
import sys
from typing import TextIO, cast

import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
# These speak of addresses and texts that are nobody's business.
_QUIET = ("aiogram", "aiohttp", "asyncio", "tortoise", "aiosqlite", "smsaero", "asyncpg", "taskiq")


class Unfailing:
    """A stream that loses what it can't write: a full disk under the log shall not end the sales, too."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or don't; the length either way."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush as far as it goes."""
        with contextlib.suppress(OSError):
            self._stream.flush()


def set_up_logs(level: str) -> None:
    """Configure structlog and the libraries' loggers for this process."""
    terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Unfailing(sys.stderr))),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It repeats with a traceback what is said in one line by whoever needed the connection.
    logging.getLogger("asyncpg").setLevel(logging.ERROR)
