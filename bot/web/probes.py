"""Whether the process lives, whether it may be given work, and its figures."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.addresses import ProbeSettings
from bot.database import known_migrations
from bot.in_time import within
from bot.metrics import Metrics
from bot.telegram import safe_text
from bot.web.server import listening
from bot.web.state import State
from core.store import health

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

DATABASE_S = 3.0
WRITE_EVERY_S = 5.0
"""At most so often a process proves that the database takes writes."""


class Probes:
    """``/healthz``: the process answers. ``/readyz``: 200, or 503 with what is missing. ``/metrics``:
    Prometheus' text; with ``token`` only for ``Authorization: Bearer <token>``."""

    def __init__(self, state: State, metrics: Metrics, token: str | None) -> None:
        self._state = state
        self._metrics = metrics
        self._token = token
        self._writable = False
        self._written_at: float | None = None

    def routes(self) -> list[web.RouteDef]:
        """The three addresses."""
        return [
            web.get("/healthz", self._health),
            web.get("/readyz", self._ready),
            web.get("/metrics", self._figures),
        ]

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _: web.Request) -> web.Response:
        applied = await self._schema()
        facts = {
            "database": applied is not None,
            "writable": applied is not None and await self._writes(),
            "migrations": applied is not None and set(known_migrations()) <= set(applied),
            "bots": self._state.named,
            "serving": not self._state.stopping,
        }
        return web.json_response(facts, status=200 if all(facts.values()) else 503)

    async def _schema(self) -> list[str] | None:
        """The applied migrations; None when the database does not answer in time."""
        try:
            return await within(DATABASE_S, health.applied_migrations())
        except Exception as error:
            log.warning("database_not_ready", error=safe_text(error).partition(":")[0])
            return None

    async def _writes(self) -> bool:
        """Whether the database took a write just now: it does not when its disk is full or it is read-only."""
        now = asyncio.get_running_loop().time()
        if not self._writable or self._written_at is None or now - self._written_at >= WRITE_EVERY_S:
            self._written_at = now
            self._writable = False
            try:
                await within(DATABASE_S, health.write_something(self._metrics.now()))
                self._writable = True
            except Exception as error:
                log.warning("database_not_writable", error=safe_text(error).partition(":")[0])
        return self._writable

    async def _figures(self, request: web.Request) -> web.Response:
        if self._token is not None:
            sent = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(sent, f"Bearer {self._token}".encode()):
                return web.Response(status=401)
        return web.Response(body=await self._metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@asynccontextmanager
async def probed(settings: ProbeSettings | None, metrics: Metrics) -> AsyncIterator[State]:
    """Serve health and figures of a process without webhooks, when an address is given.

    Raises BadSettings when the address can't be had.
    """
    state = State()
    if settings is None:
        yield state
        return
    routes = Probes(state, metrics, settings.metrics_token).routes()
    async with listening(routes, settings.host, settings.port, state):
        yield state
