"""Texts of errors that may be logged or stored: without tokens, and without what people wrote."""

import os
import re
import traceback
from pathlib import Path

from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramRetryAfter
from pydantic import ValidationError

LONGEST_TEXT = 500
"""Characters of an error's text that are kept."""

_IN_URL = re.compile(r"(/bot)[^/\s'\"]+")
_BARE = re.compile(r"\b\d{3,}(?::|%3A)[A-Za-z0-9_-]{6,}", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\d[\d() -]{5,}\d")
_OWN = ("bot", "core", "handlers", "sms")


def mask(text: str) -> str:
    """Replace whatever looks like a bot token, in an address or bare, by stars."""
    return _BARE.sub("***", _IN_URL.sub(r"\1***", text))


def safe_text(exc: BaseException) -> str:
    """One line about an error, at most `LONGEST_TEXT` characters, that quotes nothing a person wrote.

    Words are kept of Telegram's refusals, of the system's errors and of the project's own, tokens and long
    numbers masked. Any other message may quote the data it failed on: such errors are named by their type,
    those of the database with the constraint or state, and `where` tells the rest.
    """
    name = type(exc).__name__
    if isinstance(exc, ClientDecodeError):
        return f"{name}: {exc.message} ({type(exc.original).__name__})"
    if isinstance(exc, TelegramRetryAfter):
        return f"{name}: retry in {exc.retry_after} s"
    if isinstance(exc, ValidationError):
        fields = ", ".join(sorted({".".join(map(str, e["loc"])) for e in exc.errors(include_input=False)}))
        return f"{name}: {fields}"[:LONGEST_TEXT]
    text = _LONG_NUMBER.sub("***", mask(" ".join(_harmless(exc).split())))
    return (f"{name}: {text}" if text else name)[:LONGEST_TEXT]


def _harmless(exc: BaseException) -> str:
    """What may be told of an error besides its type."""
    if isinstance(exc, TelegramAPIError) or type(exc).__module__.partition(".")[0] in _OWN:
        return str(exc)
    if isinstance(exc, OSError):
        return os.strerror(exc.errno) if exc.errno else ""
    if type(exc).__module__.partition(".")[0] == "sqlite3":
        return str(exc)
    # The object-relational mapper's errors carry the driver's.
    inner = exc.args[0] if exc.args else None
    if isinstance(inner, BaseException):
        return safe_text(inner)
    return str(getattr(exc, "constraint_name", None) or getattr(exc, "sqlstate", None) or "")


def where(exc: BaseException, frames: int = 3) -> str:
    """The last `frames` places an error passed, innermost last: "core/till.py:33 quote". Holds no values."""
    places = traceback.extract_tb(exc.__traceback__)[-frames:]
    return " > ".join(f"{'/'.join(Path(f.filename).parts[-2:])}:{f.lineno} {f.name}" for f in places)
