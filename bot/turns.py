"""Whose turn it is: the updates of one dialogue are handled one after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.store.turns import SharedTurns


@dataclass(slots=True)
class _Queue:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Turns:
    """Turns by name: within the process in the order of asking, and with ``shared`` over all processes.

    What waits or works is remembered, and nothing else.
    """

    def __init__(self, shared: SharedTurns | None = None) -> None:
        self._shared = shared
        self._queues: dict[str, _Queue] = {}

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Wait for the turn and have it. What the database raises while asking for it is raised."""
        queue = self._queues.setdefault(key, _Queue())
        queue.users += 1
        try:
            async with queue.lock:
                if self._shared is None:
                    yield
                else:
                    async with self._shared.held(key):
                        yield
        finally:
            queue.users -= 1
            if not queue.users:
                del self._queues[key]

    async def close(self) -> None:
        """Give back what is held open. Call before the database is closed."""
        if self._shared is not None:
            await self._shared.close()
