"""Texts of errors that may be logged or stored: without tokens, and without what people wrote."""

import re
import traceback
from pathlib import Path

from aiogram.exceptions import ClientDecodeError, TelegramRetryAfter
from pydantic import ValidationError

LONGEST_TEXT = 500
"""Characters of an error's text that are kept."""

_IN_URL = re.compile(r"(/bot)[^/\s'\"]+")
_BARE = re.compile(r"\b\d{3,}(?::|%3A)[A-Za-z0-9_-]{6,}", re.IGNORECASE)


def mask(text: str) -> str:
    """Replace whatever looks like a bot token, in an address or bare, by stars."""
    return _BARE.sub("***", _IN_URL.sub(r"\1***", text))


def safe_text(exc: BaseException) -> str:
    """One line about an error: its type and message, tokens masked, at most `LONGEST_TEXT` characters.

    Errors that quote the data they failed on (an update, an answer of Telegram, a chat's id) are named
    without it. Other libraries' messages are kept, so this is for the database rather than for logs.
    """
    name = type(exc).__name__
    if isinstance(exc, ClientDecodeError):
        return f"{name}: {exc.message} ({type(exc.original).__name__})"
    if isinstance(exc, TelegramRetryAfter):
        return f"{name}: retry in {exc.retry_after} s"
    if isinstance(exc, ValidationError):
        fields = ", ".join(sorted({".".join(map(str, e["loc"])) for e in exc.errors(include_input=False)}))
        return f"{name}: {fields}"[:LONGEST_TEXT]
    text = mask(" ".join(str(exc).split()))
    return (f"{name}: {text}" if text else name)[:LONGEST_TEXT]


def where(exc: BaseException, frames: int = 3) -> str:
    """The last `frames` places an error passed, innermost last: "core/till.py:33 quote". Holds no values."""
    places = traceback.extract_tb(exc.__traceback__)[-frames:]
    return " > ".join(f"{'/'.join(Path(f.filename).parts[-2:])}:{f.lineno} {f.name}" for f in places)
