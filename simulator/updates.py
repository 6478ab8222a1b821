"""One bot's queue of updates, with the real server's rules of confirmation."""

import asyncio
from dataclasses import dataclass
from typing import Any

from . import clock
from .errors import ApiError, conflict
from .people import Json

DEFAULT_KINDS_OFF = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_FUTURE = 10


@dataclass(frozen=True)
class Update:
    """An update as it goes to the bot. `chat_id` keeps the order within a chat where a webhook pushes them."""

    id: int
    kind: str
    payload: Json
    chat_id: int

    def to_json(self) -> Json:
        """The Bot API's Update object."""
        return {"update_id": self.id, self.kind: self.payload}


class UpdateQueue:
    """Pending updates, a log of all, and at most one long poll that waits for more."""

    def __init__(self) -> None:
        self.pending: list[Update] = []
        self.log: dict[int, Update] = {}
        self.allowed: frozenset[str] | None = None
        self._next_id = clock.first_update_id()
        self._repeats: list[Update] = []
        self._together = False
        self._waiter: asyncio.Future[None] | None = None
        self.arrived = asyncio.Event()

    def add(self, kind: str, payload: Json, chat_id: int) -> Update | None:
        """Queue an update; None where the bot does not want its kind (allowed_updates)."""
        wanted = kind in self.allowed if self.allowed else kind not in DEFAULT_KINDS_OFF
        if not wanted:
            return None
        update = Update(self._next_id, kind, payload, chat_id)
        self._next_id += 1
        self.pending.append(update)
        self.log[update.id] = update
        self._wake()
        return update

    def redeliver(self, update_id: int, times: int = 1, *, together: bool = False) -> None:
        """Deliver the update again, confirmed or not: in each of the next `times` answers, or all in the next one.

        Raises KeyError for an id that this bot never had.
        """
        update = self.log[update_id]
        self._repeats += [update] * times
        self._together = together
        self._wake()

    def take_over(self, updates: list[Update]) -> None:
        """Take what an earlier run had not handed out, before anything new; ids of later ones are higher."""
        self.pending[:0] = updates
        self.log |= {update.id: update for update in updates}
        self._next_id = max([self._next_id, *(update.id + 1 for update in updates)])

    def allow(self, kinds: object) -> None:
        """Remember allowed_updates; None leaves them as they were, an empty list means the default."""
        if isinstance(kinds, list):
            self.allowed = frozenset(str(kind) for kind in kinds) or None

    def confirm(self, offset: int) -> None:
        """Forget what a getUpdates with this offset confirms. A negative one counts from the end."""
        if offset < 0:
            self.pending = self.pending[offset:]
        elif 0 < offset <= self._next_id + _FUTURE:
            self.pending = [update for update in self.pending if update.id >= offset]

    def remove(self, update: Update) -> None:
        """Forget one update that a webhook has taken."""
        self.pending = [other for other in self.pending if other.id != update.id]

    def requeue_repeats(self) -> None:
        """Make redeliveries pending again, one of each update at a time: for webhooks."""
        waiting = {update.id for update in self.pending}
        for update in list({update.id: update for update in self._repeats}.values()):
            if update.id not in waiting:
                self._repeats.remove(update)
                self.pending.insert(0, update)

    def take_repeats(self) -> list[Update]:
        """The redeliveries due in this answer."""
        if self._together:
            due, self._repeats, self._together = self._repeats, [], False
            return due
        due = list({update.id: update for update in self._repeats}.values())
        for update in due:
            self._repeats.remove(update)
        return due

    async def poll(self, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109
        """What getUpdates answers; `timeout` in seconds. Raises ApiError 409 when a newer poll ends this one."""
        self.end_poll("terminated by other getUpdates request; make sure that only one bot instance is running")
        batch = self._batch(limit)
        if batch or timeout <= 0:
            return batch
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        try:
            async with asyncio.timeout(timeout):
                await waiter
        except TimeoutError:
            return []
        finally:
            if self._waiter is waiter:
                self._waiter = None
        return self._batch(limit)

    def end_poll(self, words: str) -> None:
        """Answer the waiting long poll with 409."""
        self._settle(conflict(words))

    def release_poll(self) -> None:
        """Let the waiting long poll answer with what there is: the server is stopping."""
        self._settle(None)

    @property
    def is_polled(self) -> bool:
        """Whether a long poll waits now."""
        return self._waiter is not None

    def _batch(self, limit: int) -> list[Json]:
        return [update.to_json() for update in (self.take_repeats() + self.pending)[:limit]]

    def _wake(self) -> None:
        self._settle(None)
        self.arrived.set()

    def _settle(self, error: ApiError | None) -> None:
        waiter: asyncio.Future[Any] | None = self._waiter
        self._waiter = None
        if waiter is None or waiter.done():
            return
        if error:
            waiter.set_exception(error)
        else:
            waiter.set_result(None)
