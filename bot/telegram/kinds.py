"""What kinds of Bot API methods there are, by name: which may be repeated, which wait for their turn."""

from typing import Any

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import TelegramMethod

Method = TelegramMethod[Any]

_REPEATABLE = ("get", "set", "edit", "delete", "pin", "unpin")
_REPEATABLE_NAMES = {"answerCallbackQuery", "answerInlineQuery", "sendChatAction"}
_MESSAGES = ("send", "copy", "forward")


def is_fetch(method: Method) -> bool:
    """Whether it is getUpdates, which is never paced, paused or retried here."""
    return method.__api_method__ == "getUpdates"


def is_idempotent(method: Method) -> bool:
    """Whether making the call twice is the same as making it once."""
    name = method.__api_method__
    return name in _REPEATABLE_NAMES or name.startswith(_REPEATABLE)


def is_message(method: Method) -> bool:
    """Whether a new message appears in a chat: such calls are limited per chat and per bot."""
    name = method.__api_method__
    return name.startswith(_MESSAGES) and name not in _REPEATABLE_NAMES


def is_edit(method: Method) -> bool:
    """Whether a message changes: limited per bot only, as a person may press keys quickly."""
    return method.__api_method__.startswith("edit")


def chat_of(method: Method) -> int | str | None:
    """The chat a call is about, if any."""
    chat: int | str | None = getattr(method, "chat_id", None)
    return chat


_ALREADY = {
    # what the call wants is so already, perhaps by its own first try
    "edit": ("message is not modified", True),
    "delete": ("message to delete not found", True),
    # the press is too old to be answered: nobody waits for it any more
    "answerCallbackQuery": ("query is too old", False),
}


def excused(method: Method, exc: Exception) -> bool | None:
    """The value that stands for a refusal that is no error, or None when it is one.

    True: an edit that changes nothing, a deletion of what is gone. False: an answer to a stale press.
    """
    if not isinstance(exc, TelegramBadRequest):
        return None
    text = exc.message.lower()
    for prefix, (words, value) in _ALREADY.items():
        if method.__api_method__.startswith(prefix) and words in text:
            return value
    return None
