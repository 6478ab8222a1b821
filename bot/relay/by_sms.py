"""Telling by SMS: once, and never again before the gateway was asked what became of it."""

from datetime import datetime, timedelta

import structlog

from bot.relay.lane import put_aside, uncount
from bot.relay.letters import LETTERS, Letters
from bot.relay.sms_sending import RESTS, SmsSending
from bot.relay.sms_waiting import tell_waiting
from bot.relay.wording import Wording
from bot.telegram import safe_text
from core.domain.topics import topic_of
from core.keyring import SealBroken
from core.ports import SmsGateway, SmsOutcome, SmsResult
from core.services import Services
from core.sms_budget import LEASE_LOST, WITHHELD
from core.store import claims, outcomes
from core.store.transactions import is_waited_for
from handlers.notices import readable
from handlers.rendering import Renderer
from sms.parts import count_parts, make_plain

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

PAUSES_S = (2, 5, 10, 20)
GIVE_UP_AFTER = timedelta(seconds=40)
ASK_AFTER = timedelta(seconds=45)
"""A request that the gateway still works on is not listed yet: asked earlier, it would be doubled."""
ASK_FOR = timedelta(minutes=15)
WAIT_FOR_GATEWAY = timedelta(minutes=1)
"""What is told to many waits so long for a gateway that is down."""


class SmsLane:
    """Delivers SMS through the gateways."""

    def __init__(self, core: Services, renderer: Renderer, gateway: SmsGateway) -> None:
        self._core = core
        self._renderer = renderer
        self._sending = SmsSending(core, gateway)
        self._wording = Wording(core, renderer)
        self._letters = Letters(core, renderer)

    async def deliver(self, message: claims.Claimed) -> None:
        """Send one claimed message and note what became of it."""
        try:
            text = await self._text(message)
        except SealBroken:
            await self._note(message, "", SmsResult(SmsOutcome.REFUSED, reason="key_changed"))
            return
        except Exception as error:
            if await put_aside(message, error, self._core.deps.clock):
                await tell_waiting(message, "notice/sms_failed", "not_worded", self._core.deps.clock.now())
            return
        await self._wording.report()
        if topic_of(message.topic).at_most_once and not await outcomes.begin_try(message, claims.ONLY_TRY):
            await outcomes.postpone(message, self._core.deps.clock.now(), reason=message.reason, uncounted=True)
            return
        result = await self._sending.send(message, text)
        await self._note(message, text, result)
        await self._sending.watch()

    async def _text(self, message: claims.Claimed) -> str:
        if message.template in LETTERS:
            return make_plain(await self._letters.sms(message) + self._wording.refusal_of(message))
        secret = self._core.deps.keys.unseal(message.secret) if message.secret else {}
        data = readable(await self._wording.data_of(message, message.language))
        text = self._renderer.sms(message.language, message.template, **data, **secret)
        return make_plain(text + self._wording.refusal_of(message))

    async def _note(self, message: claims.Claimed, text: str, result: SmsResult) -> None:
        now = self._core.deps.clock.now()
        if result.outcome is SmsOutcome.SENT:
            await outcomes.settle(
                message, "sent", now=now, provider_id=result.provider_id, parts=count_parts(text).parts
            )
            return
        if result.reason == LEASE_LOST:
            return
        log.warning("sms_not_sent", message=message.id, outcome=result.outcome.value, reason=result.reason)
        if result.outcome is SmsOutcome.NOT_SENT and await self._put_back(message, result.reason, now):
            return
        if result.outcome is SmsOutcome.UNKNOWN:
            await outcomes.settle(message, "unknown", now=now, reason=result.reason)
            await tell_waiting(message, "notice/sms_unknown", result.reason, now)
            return
        state = "suppressed" if result.reason in WITHHELD else "failed"
        await outcomes.settle(message, state, now=now, reason=result.reason)
        await uncount(message)
        await tell_waiting(message, "notice/sms_failed", result.reason, now)

    async def _put_back(self, message: claims.Claimed, reason: str | None, now: datetime) -> bool:
        """It surely did not leave: it is tried again, unless that took too long already."""
        if reason == RESTS:
            await outcomes.postpone(message, now + WAIT_FOR_GATEWAY, reason=RESTS, uncounted=True)
            return True
        pause = timedelta(seconds=PAUSES_S[min(message.tries, len(PAUSES_S)) - 1])
        if message.is_bulk:
            await outcomes.postpone(message, now + max(pause, WAIT_FOR_GATEWAY), reason=reason)
            return True
        if now + pause >= message.created_at + GIVE_UP_AFTER:
            return False
        await outcomes.postpone(message, now + pause, reason=reason)
        return True

    async def abandon(self, message: claims.Claimed) -> None:
        """Its worker died while sending: nobody knows whether it left, and whoever waits for it hears so."""
        now = self._core.deps.clock.now()
        await outcomes.settle(message, "unknown", now=now, reason="worker_lost")
        await tell_waiting(message, "notice/sms_unknown", "worker_lost", now)

    async def ask_for_lost(self) -> None:
        """Ask the gateway for messages whose answer was lost; what surely never arrived is sent again."""
        now = self._core.deps.clock.now()
        for message in await claims.lost_sms(asked_after=now - ASK_AFTER, since=now - ASK_FOR):
            if message.secret is None and message.topic == "code":
                continue
            try:
                text = await self._text(message)
            except SealBroken:
                await outcomes.settle(message, "failed", now=now, reason="key_changed")
                continue
            except Exception as error:
                if is_waited_for(error):
                    raise
                log.error("message_not_worded", message=message.id, error=safe_text(error))
                await outcomes.settle(message, "failed", now=now, reason="not_worded")
                continue
            result = await self._sending.find(message, text)
            if result.outcome is SmsOutcome.SENT:
                await outcomes.settle(message, "sent", now=now, provider_id=result.provider_id)
            elif result.outcome is SmsOutcome.NOT_SENT:
                late = message.not_after is not None and message.not_after <= now
                if late or message.tries > 1:
                    await outcomes.settle(message, "failed", now=now, reason="lost")
                    await uncount(message)
                else:
                    await outcomes.postpone(message, now, reason="lost")
