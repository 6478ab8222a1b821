"""One bot's webhook as an address: who may post, what is taken, and what is answered."""

import hmac
import json
from typing import Any

from aiohttp import web

from bot.metrics import Metrics
from bot.polling import Received
from bot.web.deliveries import Deliveries
from bot.web.server import MAX_BODY
from bot.web.state import State

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name


class Webhook:
    """Answers 200 when the update's effect is committed or the update is put aside, 500 or 503 when Telegram
    shall post it again, and 403, 413 or 400, in this order, to what is not Telegram's. Nothing is said beside."""

    def __init__(self, name: str, secret: str, deliveries: Deliveries, state: State, metrics: Metrics) -> None:
        self._name = name
        self._secret = secret.encode()
        self._deliveries = deliveries
        self._state = state
        self._metrics = metrics

    async def answer(self, request: web.Request) -> web.Response:
        """Take one post."""
        refusal = self._refuse(request)
        if refusal is not None:
            return self._refused(refusal)
        if not self._state.named:
            return web.Response(status=503)
        received = _read(await _body(request))
        if isinstance(received, int):
            return self._refused(received)
        self._metrics.fetched(self._name)
        return web.Response(status=200 if await self._deliveries.take(received) else 500)

    def _refuse(self, request: web.Request) -> int | None:
        """The status for a post that is not worth reading."""
        sent = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(sent, self._secret):
            return 403
        return 413 if (request.content_length or 0) > MAX_BODY else None

    def _refused(self, status: int) -> web.Response:
        self._metrics.refuse(self._name, status)
        return web.Response(status=status)


async def _body(request: web.Request) -> bytes | None:
    """What was posted; None when it is longer than it may be."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        return None


def _read(body: bytes | None) -> Received | int:
    """The update, or the status of the refusal."""
    if body is None:
        return 413
    try:
        raw: Any = json.loads(body)
    except (ValueError, RecursionError):
        return 400
    if not isinstance(raw, dict) or type(raw.get("update_id")) is not int:
        return 400
    return Received(raw["update_id"], raw)
