"""The HTTP server of a process: opened first, closed last, every answer as bare as it can be."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from bot.settings import BadSettings
from bot.web.state import State

MAX_BODY = 1024 * 1024
"""Bytes of an update: far more than Telegram ever sends."""
DRAIN_S = 7.5
"""Half the seconds for requests in work to end after a stop: aiohttp waits twice before it cancels."""


@asynccontextmanager
async def listening(
    routes: Sequence[web.RouteDef], host: str, port: int, state: State
) -> AsyncIterator[tuple[str, int]]:
    """Serve while the context lasts; gives the address. At its end no more is accepted and what is in work
    is waited for. Raises BadSettings when the address can't be had."""
    application = web.Application(client_max_size=MAX_BODY)
    application.add_routes(routes)
    application.on_response_prepare.append(_say_no_more)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=DRAIN_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise BadSettings(f"HOST, PORT: can't listen at {host}:{port} ({error.strerror})") from None
        yield runner.addresses[0][0], runner.addresses[0][1]
    finally:
        state.stopping = True
        await runner.cleanup()


async def _say_no_more(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "kopilka"
