"""The web process's parts in this process: real HTTP on both sides, the simulator behind the bots."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from pydantic import SecretStr

from bot.addresses import WebSettings
from bot.build import App, build_app
from bot.settings import Settings
from bot.web.serve import webhook_routes
from bot.web.server import listening
from bot.web.state import State
from core.ports import Clock
from simulator import Simulator
from tests.bots.world import CUSTOMER_BOT, STAFF_BOT

SECRET = "a-secret-of-the-tests"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


def settings_for(simulator: Simulator, database_url: str, **more: Any) -> Settings:
    """Settings that lead to the simulator; nothing of the developer's own."""
    email, key = simulator.sms_account
    return Settings(
        _env_file=None,
        customer_bot_token=SecretStr(CUSTOMER_BOT.token),
        staff_bot_token=SecretStr(STAFF_BOT.token),
        telegram_api_url=simulator.url,
        database_url=SecretStr(database_url),
        sms_gateway="smsaero",
        smsaero_email=email,
        smsaero_api_key=SecretStr(key),
        smsaero_gate=simulator.url.removeprefix("http://"),
        smsaero_scheme="http",
        secret_key=SecretStr("test-secret-key-of-32-characters!"),
        public_url="https://bots.example.com",
        webhook_secret=SecretStr(SECRET),
        **more,
    )


@dataclass
class Web:
    """The server under test, and a client of it."""

    app: App
    state: State
    url: str
    http: aiohttp.ClientSession

    async def post(self, update: object, *, bot: str = "customer", headers: dict[str, str] | None = None) -> int:
        """Post as Telegram does; the answer's status."""
        async with self.http.post(
            f"{self.url}/telegram/{bot}", json=update, headers=HEADERS if headers is None else headers
        ) as answer:
            await answer.read()
            return answer.status

    async def get(self, path: str, **options: Any) -> tuple[int, str]:
        """Status and text of a page."""
        async with self.http.get(f"{self.url}{path}", **options) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def serving(
    simulator: Simulator, database_url: str, *, clock: Clock | None = None, metrics_token: str | None = None
) -> AsyncIterator[Web]:
    """The server on a free port, with the bots named. The database must be open."""
    app = build_app(settings_for(simulator, database_url), clock=clock)
    app.core.deps.links.customer_bot, app.core.deps.links.staff_bot = CUSTOMER_BOT.username, STAFF_BOT.username
    state = State(named=True)
    address = WebSettings("127.0.0.1", 0, metrics_token, "https://bots.example.com", SECRET)
    try:
        async with (
            listening(webhook_routes(app, address, state), address.host, address.port, state) as (host, port),
            aiohttp.ClientSession() as http,
        ):
            yield Web(app, state, f"http://{host}:{port}", http)
    finally:
        await app.close()


def message(update_id: int, text: str = "/start", person: int = 1, **more: Any) -> dict[str, Any]:
    """A private message as Telegram posts it."""
    who = {"id": person, "is_bot": False, "first_name": "Анна", "language_code": "ru"}
    chat = {"id": person, "type": "private", "first_name": "Анна"}
    content = {"message_id": update_id, "date": 1_700_000_000, "chat": chat, "from": who, "text": text}
    return {"update_id": update_id, "message": content | more}
