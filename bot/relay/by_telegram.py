"""Telling by Telegram: new messages, and rewriting those that stand."""

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import InlineKeyboardMarkup, Message
from aiolimiter import AsyncLimiter

from bot.relay.lane import put_aside, uncount
from bot.relay.last_tries import LastTries, Unwell
from bot.relay.letters import LetterScreen
from bot.relay.screens import Screens
from bot.telegram import NotSent, Outcome, classify, safe_text, single_try
from core.domain.campaigns import CampaignUnknown
from core.domain.topics import topic_of
from core.services import Services
from core.store import claims, outbox, outcomes
from core.store.transactions import is_waited_for, run_in_transaction
from core.telling import fall_back
from handlers.rendering import Renderer
from handlers.ui import Screen

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

PAUSES_S = (2, 5, 15, 60, 300, 900)
TOKEN_REFUSED = (TelegramUnauthorizedError, TelegramNotFound)
"""What Telegram answers to a token that was revoked: nothing is wrong with the message."""
TOKEN_REFUSED_S = 10.0


class Withdrawn(Exception):
    """The message must not be sent any more by this worker, or at all: it was not."""


@dataclass(slots=True)
class _Attempt:
    """A try of a message, and whether it has the turn of last tries."""

    message: claims.Claimed
    has_turn: bool = False


class TelegramLane:
    """Delivers the messages of one bot."""

    def __init__(
        self, core: Services, renderer: Renderer, name: str, bot: Bot, bulk_per_second: float = 20.0
    ) -> None:
        self._core = core
        self._name = name
        self._bot = bot
        self._screens = Screens(core, renderer)
        self._bulk = AsyncLimiter(1, 1 / bulk_per_second)
        self._last_tries = LastTries(bot)
        self._resume_at = 0.0

    async def deliver(self, message: claims.Claimed) -> None:
        """Send one claimed message and note what became of it."""
        now = self._core.deps.clock.now()
        try:
            screen = await self._screens.screen(message)
        except Exception as error:
            await put_aside(message, error, self._core.deps.clock)
            return
        try:
            if message.is_bulk:
                await self._bulk.acquire()
            sent = await self._try(message, screen)
        except Withdrawn:
            await outcomes.postpone(message, now, reason=message.reason, uncounted=True)
            return
        except Unwell as error:
            await self._unmade(message, error)
            return
        except CampaignUnknown:  # its picture is no more
            await outcomes.settle(message, "suppressed", now=now, reason="gone")
            return
        except Exception as error:
            if is_waited_for(error):  # the database's, and it is asked before the call only
                await self._put_off(message, message.reason, uncounted=True)
                raise
            await self._failed(message, error)
            return
        await outcomes.settle(
            message,
            "sent",
            now=self._core.deps.clock.now(),
            telegram_message_id=sent.message_id if sent is not None else None,
        )
        was = message.edits_message_id
        if sent is not None and was is not None and sent.message_id != was and message.chat_id is not None:
            await outbox.note_moved(self._name, message.chat_id, was=was, now=sent.message_id)

    async def _try(self, message: claims.Claimed, screen: Screen) -> Message | None:
        """Make one try: to make another one is the outbox's, also over a crash."""
        attempt = _Attempt(message)
        place = self._last_tries.place() if message.is_doubtful else nullcontext()
        try:
            with place, single_try(partial(self._begin, attempt)):
                return await self._send(message, screen)
        except Exception as error:
            self._note(error)
            raise
        finally:
            if attempt.has_turn:
                self._last_tries.end()

    async def _begin(self, attempt: "_Attempt") -> None:
        """Its turn has come. That it goes is noted first, so that a crash while it waits is no try; if that can't
        be, it does not go."""
        message, reason = attempt.message, claims.FIRST_TRY
        if topic_of(message.topic).at_most_once:
            reason = claims.ONLY_TRY
        elif message.is_doubtful:
            if not attempt.has_turn:
                await self._last_tries.begin()
                attempt.has_turn = True
            reason = claims.LAST_TRY
        if not await outcomes.begin_try(message, reason):
            raise Withdrawn

    def paused_for(self) -> float:
        """Seconds for which Telegram wants nothing from this bot."""
        return max(0.0, self._resume_at - asyncio.get_running_loop().time())

    async def _send(self, message: claims.Claimed, screen: Screen) -> Message | None:
        """The message that stands now; None when there was nothing to rewrite."""
        if message.chat_id is None:
            raise ValueError("a Telegram message without a chat")
        target = message.edits_message_id
        if target is None and message.edits_key is not None:
            found = await outbox.target_of(message.edits_key)
            if found is None:
                return None
            target = found[1]
        if target is None:
            return await self._new(message.chat_id, screen)
        return await self._rewritten(message.chat_id, target, screen)

    async def _new(self, chat_id: int, screen: Screen) -> Message:
        if isinstance(screen, LetterScreen):
            return await self._screens.letters.send(self._bot, chat_id, screen)
        return await self._bot.send_message(chat_id, screen.text, reply_markup=screen.keyboard)

    async def _rewritten(self, chat_id: int, target: int, screen: Screen) -> Message | None:
        """Rewrite a message; one that is gone or too old is followed by a new one."""
        keyboard = screen.keyboard if isinstance(screen.keyboard, InlineKeyboardMarkup) else None
        try:
            edited = await self._bot.edit_message_text(
                screen.text, chat_id=chat_id, message_id=target, reply_markup=keyboard
            )
        except TelegramBadRequest as error:
            if classify(error) is Outcome.BLOCKED:
                raise
            return await self._new(chat_id, screen)
        return edited if isinstance(edited, Message) else None

    def _note(self, error: Exception) -> None:
        is_ours = isinstance(error, Withdrawn | Unwell | CampaignUnknown) or is_waited_for(error)
        if not is_ours and classify(error) in (Outcome.UNKNOWN, Outcome.SENT):
            self._last_tries.note_trouble()

    async def _put_off(self, message: claims.Claimed, reason: str | None, *, uncounted: bool = False) -> None:
        again = self._core.deps.clock.now() + timedelta(seconds=PAUSES_S[0])
        await outcomes.postpone(message, again, reason=reason, uncounted=uncounted)

    async def _unmade(self, message: claims.Claimed, error: Unwell) -> None:
        """The last try was not made: it keeps its doubt, and its try. What Telegram says of a question is no word
        about the message, but for how long it wants to be left alone."""
        why = error.why
        if why is not None and (classify(why) is Outcome.NOT_SENT or isinstance(why, TOKEN_REFUSED)):
            await self._failed(message, why)
            return
        if why is not None:
            log.warning("last_try_put_off", message=message.id, error=safe_text(why))
        await self._put_off(message, "unknown")

    async def _failed(self, message: claims.Claimed, error: Exception) -> None:
        now = self._core.deps.clock.now()
        outcome = classify(error)
        log.warning("message_not_sent", message=message.id, outcome=outcome.value, error=safe_text(error))
        if isinstance(error, TOKEN_REFUSED):
            await self._wait_for_token(message, now)
            return
        is_last = message.is_doubtful or topic_of(message.topic).at_most_once
        if outcome is Outcome.BLOCKED:
            await self._blocked(message, now)
        elif outcome is Outcome.NOT_SENT:
            await self._put_back(message, error, now)
        elif outcome is Outcome.UNKNOWN and not is_last:
            await self._put_off(message, "unknown")
        elif outcome is Outcome.UNKNOWN or outcome is Outcome.SENT:
            await outcomes.settle(message, "unknown", now=now, reason="no_answer")
        else:
            await outcomes.settle(message, "failed", now=now, reason="refused")
            await uncount(message)

    async def _put_back(self, message: claims.Claimed, error: Exception, now: datetime) -> None:
        """It surely did not leave: it goes when Telegram lets it, or after a pause that grows with its tries."""
        reason = "unknown" if message.is_doubtful else "not_sent"
        asked = getattr(error, "retry_after", None)
        if isinstance(error, TelegramRetryAfter) or (isinstance(error, NotSent) and not error.in_chat):
            self._resume_at = max(self._resume_at, asyncio.get_running_loop().time() + float(asked or 0))
        untried = isinstance(error, NotSent)  # its turn was far: nothing says that it will be farther next time
        # A last try is put off again and again by what others meet: that makes it no later than this.
        pauses = PAUSES_S[:1] if untried else PAUSES_S[:3] if message.is_doubtful else PAUSES_S
        wait = pauses[min(message.tries, len(pauses)) - 1] if asked is None else max(1.0, float(asked))
        await outcomes.postpone(message, now + timedelta(seconds=wait), reason=reason, uncounted=untried)

    async def _wait_for_token(self, message: claims.Claimed, now: datetime) -> None:
        """All that waits goes on waiting until the bot has a token that holds. It counts as tried: the owner hears
        of what has been tried in vain for long."""
        self._resume_at = max(self._resume_at, asyncio.get_running_loop().time() + TOKEN_REFUSED_S)
        reason = "unknown" if message.is_doubtful else "not_sent"
        again = now + timedelta(seconds=TOKEN_REFUSED_S)
        await outcomes.postpone(message, again, reason=reason)

    async def _blocked(self, message: claims.Claimed, now: datetime) -> None:
        """The person is out of reach in Telegram; a till that waits for their press has to know."""

        async def work() -> None:
            await outcomes.settle(message, "failed", now=now, reason="blocked")
            await fall_back(message, now)

        await run_in_transaction(work)
        if message.template == "notice/confirm_redemption":
            await self._core.redemption.customer_unreachable(message.data["purchase_id"])
