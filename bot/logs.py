"""Structured logs to standard error: JSON for machines, one readable line each on a terminal."""

import contextlib
import logging
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TextIO, cast

import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
# These speak of addresses and texts that are nobody's business.
_QUIET = ("aiogram", "aiohttp", "asyncio", "tortoise", "aiosqlite", "smsaero", "asyncpg", "taskiq")
_LAST_FRAMES = 12


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


class _Terse(logging.Formatter):
    """A library's record in one line: messages' first lines, and errors by type and place. What follows may
    quote what people wrote."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        first = logging.makeLogRecord({**record.__dict__, "exc_info": None, "exc_text": None, "stack_info": None})
        line = super().format(first).partition("\n")[0]
        return line if error is None else f"{line} {_named(error)}"


def _named(error: BaseException, frames: int = 3) -> str:
    places = traceback.extract_tb(error.__traceback__)[-frames:]
    return (
        f"{type(error).__name__} at {' > '.join(f'{Path(f.filename).name}:{f.lineno} {f.name}' for f in places)}"
    )


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends a process, by type and place: the words of an error, a database's above all, may quote people."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    errors = [_named(each, _LAST_FRAMES) for each in _leaves(error)]
    structlog.get_logger(__name__).critical("process_failed", errors=errors)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


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
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Unfailing(sys.stderr))),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Terse("%(levelname)s:%(name)s:%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    if not terminal:
        sys.excepthook = _last_words
    # It repeats with a traceback what is said in one line by whoever needed the connection.
    logging.getLogger("asyncpg").setLevel(logging.ERROR)
