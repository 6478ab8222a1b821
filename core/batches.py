"""Asking for many in one statement, when many ask at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

MOST = 16
"""Statements differ by how many are asked for, and the driver keeps about a hundred of them prepared."""
PATIENCE_S = 0.02


class Batches(Generic[Item, Answer]):
    """Gathers what is asked for while an earlier question is under way, and asks for it together.

    Nobody waits for company: who asks while nothing is under way asks at once and alone. Nor does anybody wait for
    a question that hangs: ``PATIENCE_S`` later the next one is asked beside it. ``ask`` gives an answer for
    each item in their order. What it raises is raised to all who asked together.
    """

    def __init__(self, ask: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Item) -> Answer:
        """The answer for one item."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_for_all())
        return await answer

    async def _ask_for_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            batch = [(item, answer) for item, answer in batch if not answer.done()]
            if batch:
                asking = asyncio.create_task(self._ask_for(batch))
                self._under_way.add(asking)
                asking.add_done_callback(self._under_way.discard)
                await asyncio.wait({asking}, timeout=PATIENCE_S)

    async def _ask_for(self, batch: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._ask([item for item, _ in batch])
        except Exception as error:
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), found in zip(batch, answers, strict=True):
            if not answer.done():
                answer.set_result(found)
