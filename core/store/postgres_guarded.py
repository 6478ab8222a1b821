"""Tortoise's asyncpg client that gives its pool's slot back when BEGIN fails or is cancelled.

Its pool doesn't wipe a connection's session each time it is given back, which would cost every statement outside
a transaction a second round trip. What is open is still rolled back; beyond transactions only core.store.turns
changes a session, and it clears up behind itself.
"""

from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections


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
            await pool.release(self.client._connection)
            raise
        return self.client


class PostgresGuardedClient(AsyncpgDBClient):
    """A PostgreSQL client that leaks no slot."""

    async def create_pool(self, **options: Any) -> asyncpg.Pool:
        return await asyncpg.create_pool(None, reset=_leave_as_it_is, **options)

    def _in_transaction(self) -> TransactionContext:
        return _Context(TransactionWrapper(self), self._pool_init_lock)


async def _leave_as_it_is(_: Any) -> None:
    """The session of a connection that is given back."""


client_class = PostgresGuardedClient
