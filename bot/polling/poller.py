"""The polling loop of one bot."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from aiogram import Bot

from bot.polling.attempts import Attempts, Handle, Judge, OnError
from bot.polling.fetch import Received, Source, TokenRefused
from bot.polling.lanes import Lanes
from bot.polling.parking import UpdateInbox
from bot.polling.patience import Patience
from bot.polling.verdict import judge as usual_judge
from bot.polling.window import Window
from bot.telegram import safe_text

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

CONFIRM_TRIES = 2
CONFIRM_S = 5.0


@dataclass(frozen=True)
class Counts:
    """What a poller has done since its start, and how many updates it has not finished."""

    handled: int
    parked: int
    failed_tries: int
    unfinished: int


class Poller:
    """Gets the updates of one bot, has them handled in order within a chat, and confirms what is done.

    An update is confirmed when it and all before it are handled (`handle` returned, so its effect is
    committed) or parked. What is not confirmed comes again, after a crash as well, so `handle` must act
    once per update id, also while another process is handling the same update.

    - `handle`: judged by `judge` when it raises. TRANSIENT is tried again for `patience.hold_s`, STORAGE
      without end, POISON `patience.poison_tries` times; then the update is parked in `inbox`.
    - `on_error(update, exc, tries, final)`: to tell the person. Called at most twice: with final=False
      once the update has failed for `patience.tell_after_s`, with final=True after it was parked.
      What it raises is logged.
    - `token_setting`: the setting's name for messages; `allowed_updates`: the kinds that are asked for.
    - `concurrency`: updates handled at the same time; `drain_s`: seconds for them to end after a stop.
    - `delete_webhook`: whether a webhook that is in the way is removed (its updates are kept).
    """

    def __init__(
        self,
        bot: Bot,
        handle: Handle,
        inbox: UpdateInbox,
        *,
        token_setting: str,
        allowed_updates: Sequence[str],
        concurrency: int = 16,
        drain_s: float = 20.0,
        delete_webhook: bool = True,
        judge: Judge = usual_judge,
        on_error: OnError | None = None,
        patience: Patience | None = None,
        on_poll: Callable[[], None] = lambda: None,
    ) -> None:
        self._bot, self._drain_s = bot, drain_s
        self._patience = patience or Patience()
        self._window = Window()
        self._begun = False
        self._stopping, self._ended = asyncio.Event(), asyncio.Event()
        self._attempts = Attempts(
            bot,
            handle,
            inbox,
            self._stopping,
            judge=judge,
            on_error=on_error,
            concurrency=concurrency,
            patience=self._patience,
        )
        self._source = Source(
            bot,
            token_setting=token_setting,
            allowed_updates=allowed_updates,
            limit=self._window.size,
            delete_webhook=delete_webhook,
            patience=self._patience,
            on_poll=on_poll,
        )

    @property
    def counts(self) -> Counts:
        """Figures for logs and metrics."""
        done = self._attempts
        return Counts(done.handled, done.parked, done.failed_tries, self._window.unfinished)

    def request_stop(self) -> None:
        """Make `run` end: no more updates are fetched, those in work get `drain_s` seconds."""
        self._stopping.set()

    async def stop(self) -> None:
        """Request a stop and wait until `run` has ended, if it has begun."""
        self.request_stop()
        if self._begun:
            await self._ended.wait()

    async def run(self) -> None:
        """Poll until a stop is requested. Call it once.

        Raises TokenRefused. Cancelling it is like killing it: what is in work is cancelled, nothing more is
        confirmed, and nothing is lost.
        """
        self._begun = True
        log.info("polling_started", bot=self._bot.id)
        try:
            async with asyncio.TaskGroup() as tasks:
                lanes = Lanes[Received](tasks.create_task, self._settle)
                fetching = tasks.create_task(self._fetch(lanes))
                stopping = tasks.create_task(self._stopping.wait())
                await asyncio.wait({fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
                self._stopping.set()  # also when the fetching has ended by itself
                fetching.cancel()
                cancelled = await lanes.drain(self._drain_s)
            await self._confirm()
            log.info("polling_stopped", bot=self._bot.id, cancelled=cancelled, **vars(self.counts))
        finally:
            self._ended.set()
        if not fetching.cancelled() and (refused := fetching.result()) is not None:
            raise refused

    async def _fetch(self, lanes: Lanes[Received]) -> TokenRefused | None:
        """Fetch until cancelled. A refusal is returned, so that updates in work can end."""
        shortest, longest = self._patience.repoll_s
        pause = shortest
        while True:
            try:
                batch = await self._source.fetch(self._window.ask())
            except TokenRefused as refused:
                return refused
            fresh = [one for one in batch if self._window.admit(one.update_id)]
            for one in fresh:
                lanes.put(one.lane, one)
            if fresh:
                log.debug("updates_received", bot=self._bot.id, count=len(fresh))
            pause = shortest if fresh else min(longest, pause * 2)
            if batch and not self._window.unfinished:
                await asyncio.sleep(pause)  # a server that delivers what is confirmed shall not be asked in a loop
            await self._window.settle(pause)

    async def _settle(self, received: Received) -> None:
        if await self._attempts.settle(received):
            self._window.finish(received.update_id)

    async def _confirm(self) -> None:
        """Confirm what was done since the last request. Failing is harmless: the updates come again."""
        offset = self._window.ask()
        if offset is None or offset == self._source.confirmed:
            return
        for _ in range(CONFIRM_TRIES):
            try:
                async with asyncio.timeout(CONFIRM_S):
                    await self._source.confirm(offset)
                return
            except Exception as exc:
                log.warning("updates_not_confirmed", bot=self._bot.id, error=safe_text(exc))
