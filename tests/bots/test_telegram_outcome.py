"""What an error of a call means, and what may be said of it."""

import asyncio
import errno
import sqlite3
from types import SimpleNamespace

import asyncpg
import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage
from aiogram.types import Update
from aiohttp import (
    ClientConnectorError,
    ClientOSError,
    ClientPayloadError,
    ConnectionTimeoutError,
    ServerDisconnectedError,
    SocketTimeoutError,
)
from pydantic import ValidationError
from tortoise.exceptions import IntegrityError

from bot.telegram import NotSent, Outcome, OutcomeUnknown, classify, mask, safe_text, where
from tests.bots.telegram_stub import TOKEN

CALL = SendMessage(chat_id=4242, text="a secret")
HOST = SimpleNamespace(host="h", port=1, ssl=True, is_ssl=True)


def network(cause: BaseException | None) -> TelegramNetworkError:
    exc = TelegramNetworkError(CALL, "trouble")
    exc.__cause__ = cause
    return exc


@pytest.mark.parametrize(
    ("exc", "outcome"),
    [
        (network(ClientConnectorError(HOST, OSError(111, "refused"))), Outcome.NOT_SENT),
        (network(ConnectionTimeoutError()), Outcome.NOT_SENT),
        (network(ClientOSError(104, "reset")), Outcome.UNKNOWN),
        (network(ServerDisconnectedError()), Outcome.UNKNOWN),
        (network(SocketTimeoutError()), Outcome.UNKNOWN),
        (network(TimeoutError()), Outcome.UNKNOWN),
        (network(ClientPayloadError()), Outcome.UNKNOWN),
        (network(None), Outcome.UNKNOWN),
        (TelegramRetryAfter(CALL, "slow down", 3), Outcome.NOT_SENT),
        (TelegramAPIError(CALL, "Too Many Requests: retry later"), Outcome.NOT_SENT),
        (RestartingTelegram(CALL, "restart"), Outcome.NOT_SENT),
        (NotSent("sendMessage"), Outcome.NOT_SENT),
        (TelegramServerError(CALL, "Internal Server Error"), Outcome.UNKNOWN),
        (ClientDecodeError("Failed", ValueError(), "<html>"), Outcome.UNKNOWN),
        (ClientDecodeError("Failed", ValueError(), {"ok": True, "result": {}}), Outcome.SENT),
        (OutcomeUnknown("sendMessage", 2), Outcome.UNKNOWN),
        (TelegramForbiddenError(CALL, "Forbidden: bot was blocked by the user"), Outcome.BLOCKED),
        (TelegramBadRequest(CALL, "Bad Request: chat not found"), Outcome.BLOCKED),
        (TelegramBadRequest(CALL, "Bad Request: PEER_ID_INVALID"), Outcome.BLOCKED),
        (TelegramBadRequest(CALL, "Bad Request: message text is empty"), Outcome.REFUSED),
        (TelegramEntityTooLarge(CALL, "too large"), Outcome.REFUSED),
        (TelegramUnauthorizedError(CALL, "Unauthorized"), Outcome.REFUSED),
        (TelegramConflictError(CALL, "Conflict"), Outcome.REFUSED),
        (RuntimeError("else"), Outcome.UNKNOWN),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.value,
)
def test_an_error_tells_the_outcome(exc: Exception, outcome: Outcome) -> None:
    assert classify(exc) is outcome


@pytest.mark.parametrize(
    "text",
    [
        f"404, message='Not Found', url='https://api.telegram.org/file/bot{TOKEN}/photos/1.jpg'",
        f"http://127.0.0.1:8081/bot{TOKEN}/getMe",
        f"the token {TOKEN}, bare",
        f"quoted {TOKEN.replace(':', '%3A')} and once more {TOKEN}",
        "/bot1:a/getMe",
    ],
)
def test_tokens_are_masked(text: str) -> None:
    masked = mask(text)
    assert TOKEN.split(":")[1] not in masked
    assert "bot1:a" not in masked
    assert "***" in masked


def test_what_is_no_token_stays() -> None:
    text = "Cannot connect to host 127.0.0.1:43210 at 10:11:12, 2026-03-01T10:11:12.123456+00:00"
    assert mask(text) == text


def test_safe_text_quotes_no_data() -> None:
    with pytest.raises(ValidationError) as invalid:
        Update.model_validate({"update_id": "a person's words", "message": {"text": "more words"}})
    texts = [
        safe_text(ClientDecodeError("Failed to decode object", ValueError("x"), "a person's words")),
        safe_text(invalid.value),
        safe_text(TelegramRetryAfter(CALL, "slow", 7)),
    ]
    assert texts[0] == "ClientDecodeError: Failed to decode object (ValueError)"
    assert "update_id" in texts[1]
    assert texts[2] == "TelegramRetryAfter: retry in 7 s"
    assert not any("words" in text or "4242" in text for text in texts)


def test_an_error_that_may_quote_a_person_is_named_by_its_type() -> None:
    error = asyncpg.UniqueViolationError("duplicate key")
    error.constraint_name, error.detail = "customer_phone", "Key (phone)=(79161234567) already exists."
    for given, said in (
        (ValueError("Anna, 79161234567"), "ValueError"),
        (KeyError("Anna"), "KeyError"),
        (IntegrityError(error), "IntegrityError: UniqueViolationError: customer_phone"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "to Anna"), "ConnectionRefusedError: Connection refused"),
        (ConnectionResetError("Anna"), "ConnectionResetError"),
        (sqlite3.OperationalError("no such table: x"), "OperationalError: no such table: x"),
        (TelegramBadRequest(CALL, "no chat 8 (916) 123-45-67"), "no chat ***"),
    ):
        assert safe_text(given).endswith(said)


def test_safe_text_is_one_short_line() -> None:
    text = safe_text(NotSent("many\nlines " * 500))
    assert text.startswith("NotSent: many lines many")
    assert "\n" not in text
    assert len(text) <= 500
    assert safe_text(asyncio.CancelledError()) == "CancelledError"


def test_where_names_places_without_values() -> None:
    def innermost(secret: str) -> None:
        raise RuntimeError(secret)

    with pytest.raises(RuntimeError) as caught:
        innermost("a person's words")
    place = where(caught.value)
    assert place.endswith("innermost")
    assert "test_telegram_outcome.py:" in place
    assert "words" not in place
    assert where(RuntimeError()) == ""
