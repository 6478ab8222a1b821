"""What the product's processes need to be started as on a platform, and the balancer before the web ones."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import aiohttp
from aiohttp import web

from simulator import Simulator

ROOT = Path(__file__).parents[2]
START_S = 120.0
"""Generous: several processes that import aiogram on a busy machine."""
STOP_S = 60.0
"""Generous too: the product gives itself less than 20 seconds, of which a busy machine makes more."""


def environment(simulator: Simulator, database_url: str, **more: str) -> dict[str, str]:
    """Settings that lead to the simulator; nothing of the developer's own."""
    customer, staff = simulator.world.bots.values()
    email, key = simulator.sms_account
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "CUSTOMER_BOT_TOKEN": customer.account.token,
        "STAFF_BOT_TOKEN": staff.account.token,
        "TELEGRAM_API_URL": simulator.url,
        "DATABASE_URL": database_url,
        "SECRET_KEY": "test-secret-key-of-32-characters!",
        "SMS_GATEWAY": "smsaero",
        "SMSAERO_EMAIL": email,
        "SMSAERO_API_KEY": key,
        "SMSAERO_GATE": simulator.url.removeprefix("http://"),
        "SMSAERO_SCHEME": "http",
        "WEBHOOK_SECRET": "a-secret-of-the-tests",
        "PORT": "0",
        **more,
    }


class Balancer:
    """Hands each request to the next web process; one that refuses the connection is passed over."""

    def __init__(self) -> None:
        self.url = ""
        self.backends: list[str] = []
        self.taken: dict[str, int] = {}
        self._turn = count()
        self._http: aiohttp.ClientSession

    async def _forward(self, request: web.Request) -> web.Response:
        body, first = await request.read(), next(self._turn)
        for offset in range(len(self.backends)):
            backend = self.backends[(first + offset) % len(self.backends)]
            try:
                async with self._http.post(
                    f"{backend}{request.path}", data=body, headers=request.headers
                ) as answer:
                    self.taken[backend] = self.taken.get(backend, 0) + 1
                    return web.Response(status=answer.status, body=await answer.read())
            except aiohttp.ClientConnectorError:
                continue
            except aiohttp.ClientError:
                break  # it may have taken the request before it ended: Telegram has to post it again
        return web.Response(status=502)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Balancer"]:
        """Listen on a free port."""
        app = web.Application()
        app.add_routes([web.post("/{path:.*}", self._forward)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        # Each request has a connection of its own: a process that stops may close what is idle at any time.
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as self._http:
            try:
                yield self
            finally:
                await runner.cleanup()
