"""One transaction per verb: begin, commit, and the retries of what is nobody's fault."""

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError, TransactionManagementError
from tortoise.transactions import in_transaction

T = TypeVar("T")

Collision = IntegrityError
"""A rival wrote the same unique value first; the verb may look again."""

_ATTEMPTS = 10
_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 1.0

_LOST: tuple[type[BaseException], ...] = (
    OSError,
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a query on a connection that has just heard that it is being ended
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
_COLLIDED: tuple[type[BaseException], ...] = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)


# Codes of SQLite by https://sqlite.org/rescode.html; the disk is full, read-only or broken.
_CLOSED_SQLITE = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
)
_CLOSED_POSTGRES: tuple[type[BaseException], ...] = (
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
)


class StoreUnavailable(Exception):
    """The database can't be reached or stays busy: nothing was changed as far as is known; try again."""


def is_passing(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is run again."""
    if isinstance(error, StoreUnavailable) and error.__cause__ is not None:
        error = error.__cause__
    error = _drivers_own(error)
    if isinstance(error, TimeoutError):
        return False  # a statement that took too long would take as long again
    if isinstance(error, sqlite3.Error):
        return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return isinstance(error, _LOST + _COLLIDED)


def is_closed(error: BaseException) -> bool:
    """Whether the database takes no writes for now: its disk is full, read-only or failing."""
    error = _drivers_own(error)
    if isinstance(error, sqlite3.Error):
        return _code(error) in _CLOSED_SQLITE
    return isinstance(error, _CLOSED_POSTGRES)


def is_waited_for(error: BaseException) -> bool:
    """Whether an error says that the database is away, busy or closed: whoever needs it tries again later."""
    return isinstance(error, StoreUnavailable) or is_closed(error) or (is_of_database(error) and is_passing(error))


def _drivers_own(error: BaseException) -> BaseException:
    """What Tortoise has wrapped."""
    wrapped = isinstance(error, OperationalError | TransactionManagementError) and bool(error.args)
    inner = error.args[0] if wrapped else error
    return inner if isinstance(inner, BaseException) else error


def _code(error: sqlite3.Error) -> int:
    """The primary result code, without what an extended one adds."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_of_database(error: BaseException) -> bool:
    """Whether an error is the database driver's, and not the network's at large."""
    kinds = (
        OperationalError,
        TransactionManagementError,
        DBConnectionError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
    )
    return isinstance(error, kinds)


async def run_in_transaction(work: Callable[[], Awaitable[T]], *, attempts: int = _ATTEMPTS) -> T:
    """Run ``work`` in one transaction and commit it.

    Inside another transaction it joins that one. Deadlocks, serialization failures, a busy SQLite and a
    lost connection are retried with growing pauses. A connection lost during COMMIT leaves the outcome
    open, so ``work`` must be idempotent: every verb carries a request key. ``work`` must not await the
    network or start tasks. Raises StoreUnavailable when the attempts are used up, or one took too long.
    """
    if isinstance(get_connection("default"), TransactionalDBClient):
        return await work()

    async def committed() -> T:
        async with in_transaction("default"):
            return await work()

    return await _insisting(committed, attempts)


async def run_alone(work: Callable[[], Awaitable[T]]) -> T:
    """The same for work of one single statement, which is a transaction by itself: no BEGIN, no COMMIT."""
    if isinstance(get_connection("default"), TransactionalDBClient):
        return await work()
    return await _insisting(work, _ATTEMPTS)


async def _insisting(work: Callable[[], Awaitable[T]], attempts: int) -> T:
    cancelled = _times_cancelled()
    for attempt in range(attempts):
        try:
            return await work()
        except Exception as error:
            if _times_cancelled() > cancelled:
                # A connection that broke while the work was being cancelled raises its own error instead.
                raise asyncio.CancelledError from error
            if isinstance(error, TimeoutError):
                raise StoreUnavailable("timeout") from error
            if not is_passing(error):
                raise
            if attempt + 1 == attempts:
                raise StoreUnavailable(type(error).__name__) from error
        await asyncio.sleep(_pause(attempt))
    raise AssertionError("unreachable: the last attempt returns or raises")


def _times_cancelled() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0


async def run_against_rivals(work: Callable[[], Awaitable[T]]) -> T:
    """The same, run once more when a rival wrote the same unique value first: ``work`` then finds it."""
    try:
        return await run_in_transaction(work)
    except Collision:
        return await run_in_transaction(work)


def _pause(attempt: int) -> float:
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt)
    return random.uniform(longest / 2, longest)  # noqa: S311 - jitter, not a secret
