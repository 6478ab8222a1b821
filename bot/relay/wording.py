"""What the relay has to know of the merchant's own words before it renders a message."""

import asyncio
from typing import Any

import structlog

from core.alerts import raise_alert
from core.domain.topics import topic_of
from core.services import Services
from core.store import claims
from handlers.rendering import Renderer

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

RENEW_S = 2.0
"""How long a text that was changed in another process may go on being sent as it was."""


class Wording:
    """Keeps the renderer's own texts fresh, fills in what they may say of a customer, reports those that fail."""

    def __init__(self, core: Services, renderer: Renderer, *, renew_s: float = RENEW_S) -> None:
        self._core = core
        self._renderer = renderer
        self._renew_s = renew_s
        self._renewed_at = -renew_s

    async def data_of(self, message: claims.Claimed, language: str) -> dict[str, Any]:
        """A message's data, with the customer's name and balance where a text of the merchant's own may say it."""
        await self._renew()
        own = self._renderer.own
        if message.customer_id is None or not own.has(message.template, language, message.channel):
            return message.data
        return await self._core.texts.of_customer(message.customer_id) | message.data

    def refusal_of(self, message: claims.Claimed) -> str:
        """The line under an SMS of marketing that says how to refuse more of them; empty for all others."""
        links = self._core.deps.links
        if message.customer_id is None or not topic_of(message.topic).marketing or not links.customer_bot:
            return ""
        link = self._core.consents.stop_link(message.customer_id)
        return "\n" + self._renderer.label(message.language, "sms_stop.line", link=link)

    async def report(self) -> None:
        """Tell the owner of texts that failed; what went instead was the file's."""
        for template, language, channel in self._renderer.own.take_broken():
            data = {"template": template, "language": language, "channel": channel}
            await raise_alert(f"text_failed:{template}.{language}", data, self._core.deps.clock.now())

    async def _renew(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._renewed_at < self._renew_s:
            return
        own = self._renderer.own
        newer = await self._core.texts.newer_than(own.version)
        self._renewed_at = now
        if newer is not None:
            own.renew(*newer)
            log.info("own_texts_renewed", version=newer[0], texts=len(newer[1]))
