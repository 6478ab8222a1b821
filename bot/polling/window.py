"""Which updates are known, and from where Telegram is to be asked."""

import asyncio

REMEMBERED = 1000
"""How many updates that Telegram should have forgotten are still known, in case it delivers one again."""


class Window:
    """The updates of one bot that Telegram hasn't forgotten yet.

    Offsets confirm a prefix: asking from an offset makes Telegram forget every update before it. So the
    offset is the lowest unfinished update, and what is done beyond it is remembered here and ignored when
    it comes again. As Telegram answers with the first `size` updates from the offset on, at most `size`
    can be known: while the lowest of them is stuck, the window is full and no more is taken in.
    """

    def __init__(self, size: int = 100) -> None:
        self.size = size
        self._offset: int | None = None
        self._open: set[int] = set()
        self._done: set[int] = set()
        self._past: dict[int, None] = {}
        self._moved = asyncio.Event()

    @property
    def unfinished(self) -> int:
        """How many updates are waiting or in work."""
        return len(self._open)

    @property
    def full(self) -> bool:
        """Whether no more updates fit in."""
        return len(self._open) + len(self._done) >= self.size

    @property
    def offset(self) -> int | None:
        """Where the unfinished updates begin; None before the first update."""
        if self._open:
            return min(self._open)
        return max(self._done) + 1 if self._done else self._offset

    def ask(self) -> int | None:
        """The offset for a request that is made now, which confirms the done updates before it."""
        self._offset = self.offset
        past = sorted(one for one in self._done if self._offset is not None and one < self._offset)
        self._done.difference_update(past)
        self._past.update(dict.fromkeys(past))
        while len(self._past) > REMEMBERED:
            del self._past[next(iter(self._past))]
        self._moved.clear()
        return self._offset

    def admit(self, update_id: int) -> bool:
        """Take an update in. False: it is in work or done already, or there is no room for it now.

        An unknown id below the offset is taken in: after a week of silence Telegram numbers updates anew.
        """
        known = update_id in self._open or update_id in self._done or update_id in self._past
        if known or self.full:
            return False
        self._open.add(update_id)
        return True

    def finish(self, update_id: int) -> None:
        """An update is handled or parked."""
        before = self.offset
        self._open.remove(update_id)
        self._done.add(update_id)
        if self.offset != before:
            self._moved.set()

    async def settle(self, longest_s: float) -> None:
        """Wait until asking again makes sense.

        At once when nothing is unfinished; else until the offset moves, at most `longest_s` seconds;
        when the window is full until the offset moves, however long that takes.
        """
        if not self._open:
            return
        if self.full:
            await self._moved.wait()
            return
        try:
            async with asyncio.timeout(longest_s):
                await self._moved.wait()
        except TimeoutError:
            return
