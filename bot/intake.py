"""An update's way through the product: once, whatever Telegram redelivers."""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiogram import Bot, Dispatcher
from aiogram.types import CallbackQuery, Message, Update

from bot.dialogues import Page, current_page, dialogue_key
from bot.metrics import Metrics
from bot.polling import Verdict
from bot.telegram import safe_text
from bot.turns import Turns
from bot.verdicts import judge
from core.batches import Batches
from core.ports import Clock
from core.store import health, updates
from core.store.transactions import is_closed

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

ALLOWED_UPDATES = ["message", "callback_query", "my_chat_member"]


class Intake:
    """Handles the updates of one bot: feeds the dispatcher and marks the update done with its dialogue.

    Updates of one dialogue take turns, from the reading of the dialogue to its writing. What was done
    before only gets its press answered. When handling raises, nothing is marked, so the update may come
    again; the verbs' request keys keep it from acting twice. ``after`` is called when an update is done:
    the outbox may hold something new. ``name`` is the bot's in ``metrics``.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        clock: Clock,
        after: Callable[[], Awaitable[None]] | None = None,
        *,
        turns: Turns | None = None,
        metrics: Metrics | None = None,
        name: str = "bot",
    ) -> None:
        self._after = after
        self._closed = False
        self._bot = bot
        self._dispatcher = dispatcher
        self._clock = clock
        self._turns = turns or Turns()
        self._metrics = metrics or Metrics(clock)
        self._name = name
        self._open = Batches(updates.open_updates)
        self._mark = Batches(self._mark_all)

    async def handle(self, update: Update) -> None:
        """Handle one update to its end."""
        key = f"{self._bot.id}:{update.update_id}"
        dialogue = _dialogue_of(self._bot.id, update)
        with self._metrics.handling(self._name):
            try:
                async with self._turns.of(dialogue or key):
                    await self._wait_for_room()
                    result = await self._handle(update, key, dialogue)
            except Exception as error:
                self._closed = self._closed or is_closed(error)
                raise
        self._metrics.count(self._name, result)
        if self._after is not None:
            await self._after()

    async def _handle(self, update: Update, key: str, dialogue: str | None) -> str:
        """Handle it in its turn; tells whether it was handled now or before."""
        opened = await self._open((key, dialogue))
        if opened.seen:
            if update.callback_query is not None:
                await self._bot.answer_callback_query(update.callback_query.id)
            return "repeated"
        page = Page(dialogue or "", opened.state, opened.data)
        token = current_page.set(page)
        try:
            await self._dispatcher.feed_update(self._bot, update)
        except Exception as error:
            if judge(error) is not Verdict.FINISHED:
                raise
            # The effect is committed and the person can't be told: what follows must not act again.
            log.warning("answer_not_delivered", bot=self._bot.id, error=safe_text(error))
        finally:
            current_page.reset(token)
        if page.changed and dialogue:
            await updates.close_update(key, self._clock.now(), (dialogue, page.state, page.data))
        else:
            await self._mark(key)
        return "handled"

    async def _mark_all(self, keys: Sequence[str]) -> Sequence[None]:
        await updates.mark_handled(keys, self._clock.now())
        return [None] * len(keys)

    async def _wait_for_room(self) -> None:
        """After a write has failed for a full or read-only database, nothing is begun before one succeeds:
        what only reads would be answered again at each try, as its mark can't be written."""
        if self._closed:
            await health.write_something(self._clock.now())
            self._closed = False

    async def park(self, bot_id: int, update_id: int, payload: str, error: str) -> None:
        """Put aside an update that could not be handled."""
        await updates.park(bot_id, update_id, payload, error, self._clock.now())
        self._metrics.count(self._name, "parked")


def _dialogue_of(bot_id: int, update: Update) -> str | None:
    event: Message | CallbackQuery | None = update.message or update.callback_query
    if event is None or event.from_user is None:
        return None
    message = event.message if isinstance(event, CallbackQuery) else event
    return dialogue_key(bot_id, message.chat.id, event.from_user.id) if message is not None else None
