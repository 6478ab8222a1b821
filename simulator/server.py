"""The simulator as a whole: one HTTP server in front of one world."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from .bot_api import BotApi
from .control import Control
from .files import MAX_UPLOAD
from .memory import Memory
from .origin import own_origin
from .page_files import PageFiles
from .page_socket import PageSocket
from .people import BotAccount, Person
from .sms_gateway import SmsGateway
from .webhooks import WebhookPusher
from .world import World


class Simulator:
    """A Bot API server, an SMS Aero gateway and the page, on one port.

    Start and stop it on the event loop that uses `world`. With `memory`, a file, added people, chats and SMS
    outlive it.
    """

    def __init__(
        self,
        bots: Sequence[BotAccount],
        people: Sequence[Person] = (),
        *,
        sms_account: tuple[str, str] = ("demo@example.com", "demo-key-of-the-simulator"),
        title: str = "Simulator",
        memory: Path | None = None,
    ) -> None:
        self.world = World(bots, people, sms_account, title)
        self._memory = Memory(self.world, memory) if memory else None
        if self._memory:
            self._memory.load()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._gateway: SmsGateway | None = None
        self._socket: PageSocket | None = None
        self._pushers: list[WebhookPusher] = []
        self._url = ""

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end. Raises RuntimeError before `start`."""
        if not self._url:
            raise RuntimeError("the simulator is not started")
        return self._url

    @property
    def sms_account(self) -> tuple[str, str]:
        """E-mail and key that the SMS gateway accepts."""
        return self.world.sms_box.email, self.world.sms_box.api_key

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one. Raises OSError where the port is taken."""
        self._session = aiohttp.ClientSession()
        api = BotApi(self.world)
        self._gateway = SmsGateway(self.world, self._session)
        self._socket = PageSocket(self.world)
        app = web.Application(client_max_size=MAX_UPLOAD + 1024 * 1024, middlewares=[own_origin])
        for part in (api, self._gateway, self._socket, PageFiles(self.world), Control(self.world)):
            app.add_routes(part.routes())
        app.on_shutdown.append(self._release)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2, handler_cancellation=True)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        address: Any = self._runner.addresses[0]
        self._url = f"http://{address[0]}:{address[1]}"
        self._pushers = [WebhookPusher(self.world, bot, api, self._session) for bot in self.world.bots.values()]
        for pusher in self._pushers:
            pusher.start()
        if self._memory:
            self._memory.start()

    async def stop(self) -> None:
        """Stop listening and end all that is under way. The world stays to be looked at."""
        if self._memory:
            self._memory.stop()
        for pusher in self._pushers:
            await pusher.stop()
        if self._gateway:
            await self._gateway.stop()
        if self._runner:
            await self._runner.cleanup()
        if self._session:
            await self._session.close()
        self._pushers, self._runner, self._session, self._url = [], None, None, ""

    async def _release(self, _: web.Application) -> None:
        """End what would keep connections open: long polls, hangs and pages."""
        for bot in self.world.bots.values():
            bot.updates.release_poll()
        self.world.faults.clear()
        if self._socket:
            await self._socket.stop()

    async def __aenter__(self) -> "Simulator":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
