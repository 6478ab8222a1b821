"""Tortoise's SQLite client with transactions that take the write lock at once.

A deferred transaction that reads and then writes dies with "database is locked" when another one wrote
in between; BEGIN IMMEDIATE waits for its turn instead. Tortoise finds a SQLite backend by the word
``sqlite`` in the module's name.

All statements and transactions take turns on one connection, by a lock. Whoever makes the connection, fails or is
cancelled meanwhile gives the lock back (Tortoise's own keeps it, and everybody else waits for ever).
"""

import sqlite3
from typing import Any

from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import IntegrityError, OperationalError


class _Wrapper(SqliteTransactionWrapper):
    async def begin(self) -> None:
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error

    async def commit(self) -> None:
        try:
            await super().commit()
        except sqlite3.Error as error:
            # A COMMIT that failed (a full disk) leaves the transaction open on the only connection.
            await self.rollback()
            kind = IntegrityError if isinstance(error, sqlite3.IntegrityError) else OperationalError
            raise kind(error) from error


class _Turn(ConnectionWrapper[Any]):
    async def ensure_connection(self) -> None:
        if not self.client._connection:
            await self.client.create_connection(with_db=True)
        self.connection = self.client._connection

    async def __aenter__(self) -> Any:
        await self._lock.acquire()
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class _Context(SqliteTransactionContext):
    async def ensure_connection(self) -> None:
        parent = self.connection._parent
        if not parent._connection:
            await parent.create_connection(with_db=True)
        self.connection._connection = parent._connection

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            self.token = get_connections().set(self.connection_name, self.connection)
            try:
                await self.connection.begin()
            except BaseException:
                get_connections().reset(self.token)
                await self._undo_begin()
                raise
        except BaseException:
            self._trxlock.release()
            raise
        return self.connection  # type: ignore[no-any-return]

    async def _undo_begin(self) -> None:
        # A cancelled BEGIN may still run in the connection's thread; the rollback queues behind it.
        await self.connection._connection.rollback()


class SqliteImmediateClient(SqliteClient):
    """A SQLite client whose transactions begin with the write lock."""

    async def create_connection(self, with_db: bool) -> None:
        try:
            await super().create_connection(with_db)
        except BaseException:
            # Half made, it lacks the settings that make a commit last.
            await self.close()
            raise

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        return _Turn(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return _Context(_Wrapper(self), self._lock)

    def __repr__(self) -> str:
        return f"SqliteImmediateClient({self.filename!r})"


client_class = SqliteImmediateClient
