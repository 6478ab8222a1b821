"""Telling by Telegram: new messages, and rewriting those that stand."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup, Message

from bot.relay.wording import Wording
from bot.telegram import Outcome, at_most_once, classify, safe_text
from core.domain.errors import PurchaseUnknown
from core.preferences import TOPICS
from core.services import Services
from core.store import customers, outbox
from handlers.notices import notice
from handlers.rendering import Renderer
from handlers.staff.gift_screens import exchange_screen
from handlers.staff.screens import sale_screen
from handlers.ui import Screen, Ui

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

PAUSES_S = (2, 5, 15, 60, 300, 900)
QUIET_S = 4.0
"""Seconds without a lost answer after which Telegram is taken to be well again."""


class TelegramLane:
    """Delivers the messages of one bot."""

    def __init__(self, core: Services, renderer: Renderer, name: str, bot: Bot) -> None:
        self._core = core
        self._renderer = renderer
        self._name = name
        self._bot = bot
        self._wording = Wording(core, renderer)
        self._troubled_at = -QUIET_S

    async def deliver(self, message: outbox.Claimed) -> None:
        """Send one claimed message and note what became of it."""
        now = self._core.deps.clock.now()
        unwanted = await self._unwanted(message, now)
        if unwanted is not None:
            await outbox.settle(message, "suppressed", now=now, reason=unwanted)
            return
        try:
            screen = await self._screen(message)
            if message.is_doubtful:
                if not await self._is_well():
                    await outbox.postpone(message, now + timedelta(seconds=PAUSES_S[0]), reason="unknown")
                    return
                await outbox.begin_last_try(message)
                message = replace(message, reason=outbox.LAST_TRY)
            with at_most_once():  # the second try is the outbox's to count, also over a crash
                sent = await self._send(message, screen)
        except PurchaseUnknown:
            await outbox.settle(message, "suppressed", now=now, reason="gone")
            return
        except Exception as error:
            await self._failed(message, error)
            return
        await outbox.settle(
            message,
            "sent",
            now=self._core.deps.clock.now(),
            telegram_message_id=sent.message_id if sent is not None else None,
        )

    async def _is_well(self) -> bool:
        """Whether Telegram answers, and has for a while. A doubtful message may be sent once more only, so its
        second try must not meet what the first one met."""
        await self._bot.get_me()
        return asyncio.get_running_loop().time() - self._troubled_at >= QUIET_S

    async def _unwanted(self, message: outbox.Claimed, now: datetime) -> str | None:
        """Why a message is not to be sent any more."""
        if message.not_after is not None and message.not_after <= now:
            return "late"
        if message.topic in TOPICS and message.customer_id is not None:
            said = await customers.consents(message.customer_id)
            if not said.get((message.topic, "telegram"), False):
                return "consent"
        return None

    async def _screen(self, message: outbox.Claimed) -> Screen:
        ui = Ui(self._renderer, await self._language(message))
        if message.template == "screen/sale":
            sale = await self._core.till.look_for_notice(message.data["purchase_id"])
            return sale_screen(ui, sale, why=message.data["why"])
        if message.template == "screen/held":
            count, points = await self._core.held.summary_for(message.chat_id or 0)
            return notice(ui, "notice/held", {"count": count, "points": points})
        if message.template == "screen/gift":
            exchange = await self._core.gifts.look_for_notice(message.data["exchange_id"])
            return exchange_screen(ui, exchange, why=message.data["why"])
        shown = notice(ui, message.template, await self._wording.data_of(message, ui.language))
        await self._wording.report()
        return shown

    async def _language(self, message: outbox.Claimed) -> str:
        if message.language or message.chat_id is None:
            return message.language
        member = await self._core.staff.identify(message.chat_id, self._core.deps.language)
        return member.language if member is not None else self._core.deps.language

    async def _send(self, message: outbox.Claimed, screen: Screen) -> Message | None:
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

    async def _failed(self, message: outbox.Claimed, error: Exception) -> None:
        now = self._core.deps.clock.now()
        outcome = classify(error)
        if outcome in (Outcome.UNKNOWN, Outcome.SENT):
            self._troubled_at = asyncio.get_running_loop().time()
        log.warning("message_not_sent", message=message.id, outcome=outcome.value, error=safe_text(error))
        last = message.reason == outbox.LAST_TRY
        if outcome is Outcome.BLOCKED:
            await self._blocked(message, now)
        elif outcome is Outcome.NOT_SENT:
            pause = PAUSES_S[min(message.tries, len(PAUSES_S)) - 1]
            reason = "unknown" if message.is_doubtful else "not_sent"
            await outbox.postpone(message, now + timedelta(seconds=pause), reason=reason)
        elif outcome is Outcome.UNKNOWN and not last:
            await outbox.postpone(message, now + timedelta(seconds=PAUSES_S[0]), reason="unknown")
        elif outcome is Outcome.UNKNOWN or outcome is Outcome.SENT:
            await outbox.settle(message, "unknown", now=now, reason="no_answer")
        else:
            await outbox.settle(message, "failed", now=now, reason="refused")

    async def _blocked(self, message: outbox.Claimed, now: datetime) -> None:
        """The person is out of reach in Telegram; a till that waits for their press has to know."""
        await customers.mark_blocked(self._name, message.chat_id or 0, now)
        await outbox.settle(message, "failed", now=now, reason="blocked")
        if message.template == "notice/confirm_redemption":
            await self._core.redemption.customer_unreachable(message.data["purchase_id"])
