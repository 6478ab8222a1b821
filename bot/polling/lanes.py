"""Order within a chat, chats side by side."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


class Lanes(Generic[Item]):
    """Works items off: those of a lane one after the other, lanes at the same time.

    A lane is a task made by `spawn` that lives as long as it has items. `work` bounds its own concurrency
    and must not raise: what it raises ends the lane and is the spawner's.
    """

    def __init__(
        self,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        work: Callable[[Item], Awaitable[None]],
    ) -> None:
        self._spawn = spawn
        self._work = work
        self._queues: dict[Hashable, deque[Item]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def put(self, lane: Hashable, item: Item) -> None:
        """Add an item behind the others of its lane."""
        if lane in self._queues:
            self._queues[lane].append(item)
            return
        queue = self._queues[lane] = deque([item])
        task = self._spawn(self._drive(lane, queue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, longest_s: float) -> int:
        """Begin no more items, wait for those in work at most so many seconds, then cancel them.

        Returns how many were cancelled.
        """
        self._closing = True
        if not self._tasks:
            return 0
        _, late = await asyncio.wait(self._tasks, timeout=longest_s)
        for task in late:
            task.cancel()
        return len(late)

    async def _drive(self, lane: Hashable, queue: deque[Item]) -> None:
        while queue and not self._closing:
            await self._work(queue[0])
            queue.popleft()
        del self._queues[lane]
