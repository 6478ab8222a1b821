"""Tortoise's SQLite client with transactions that take the write lock at once.

A deferred transaction that reads and then writes dies with "database is locked" when another one wrote
in between; BEGIN IMMEDIATE waits for its turn instead. Tortoise finds a SQLite backend by the word
``sqlite`` in the module's name.
"""

import sqlite3

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
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


class _Context(SqliteTransactionContext):
    """Gives the connection's lock back when BEGIN fails or is cancelled (Tortoise's own keeps it)."""

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

    def _in_transaction(self) -> TransactionContext:
        return _Context(_Wrapper(self), self._lock)

    def __repr__(self) -> str:
        return f"SqliteImmediateClient({self.filename!r})"


client_class = SqliteImmediateClient
