"""Tortoise's asyncpg client whose transactions end for good, whatever becomes of their connection, and whose
statements that are cancelled end as such.

Its pool doesn't wipe a connection's session each time it is given back, which would cost every statement outside
a transaction a second round trip. What is open is still rolled back; beyond transactions only core.store.turns
changes a session, and it clears up behind itself.
"""

from asyncio import CancelledError
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError


def is_gone(connection: Any) -> bool:
    """Whether a connection has ended. The pool takes such a one back by itself and lets no one look."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


class _Borrowed(PoolConnectionWrapper[Any]):
    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        try:
            await super().__aexit__(exc_type, exc_val, exc_tb)
        except Exception as error:
            if exc_type is None or not issubclass(exc_type, CancelledError):
                raise
            # A connection that breaks just then must not make a loop go on that was asked to end.
            raise exc_val from error


class _Context(TransactionContextPooled):
    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool
        self.client._connection = await pool.acquire()
        self.token = get_connections().set(self.connection_name, self.client)
        try:
            await self.client.begin()
        except BaseException:
            get_connections().reset(self.token)
            # Where BEGIN stopped is not known: such a connection is not handed on.
            if not is_gone(self.client._connection):
                self.client._connection.terminate()
            await pool.release(self.client._connection)
            raise
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        connection = self.client._connection
        try:
            if not self.client._finalized:
                if not exc_type:
                    await self.client.commit()
                elif exc_type is not TransactionManagementError:
                    await self.client.rollback()
        except BaseException:
            if not is_gone(connection):
                connection.terminate()
            raise
        finally:
            # First of all: a task that went on within a dead transaction would never get out of it again,
            # and Tortoise's own end stays in it when a broken connection can't be given back.
            get_connections().reset(self.token)
            await self.client._parent._pool.release(connection)


class PostgresGuardedClient(AsyncpgDBClient):
    """A PostgreSQL client that leaks no slot."""

    async def create_pool(self, **options: Any) -> asyncpg.Pool:
        return await asyncpg.create_pool(None, reset=_leave_as_it_is, **options)

    def acquire_connection(self) -> PoolConnectionWrapper[Any]:
        return _Borrowed(self, self._pool_init_lock)

    def _in_transaction(self) -> TransactionContext:
        return _Context(TransactionWrapper(self), self._pool_init_lock)


async def _leave_as_it_is(_: Any) -> None:
    """The session of a connection that is given back."""


client_class = PostgresGuardedClient
