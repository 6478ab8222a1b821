"""What is measured, as a process: the product's webhooks, or the bare echo bot beside it.

``python -m bench.served product|echo``; settings come from the environment as in production.
"""

import asyncio
import os
import sys
from functools import partial

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from bot import looping
from bot.addresses import web_settings
from bot.build import build_app
from bot.database import database
from bot.logs import set_up_logs
from bot.settings import load_settings
from bot.signals import stop_requests
from bot.telegram import Pace
from bot.telegram.pace import SharedPace
from bot.web.serve import serve_web


class _AtOnce(Pace):
    """A pace of its own, without turns that processes share."""

    def share(self, shared: SharedPace) -> None:
        """Every message goes at once."""


UNLIMITED = partial(_AtOnce, per_second=10**9, burst=10**8, chat_burst=10**8)
"""Telegram's limits are lifted: what is measured is the product and not its politeness."""


async def product() -> None:
    """``python -m bot web`` without Telegram's limits, on a database that is already prepared."""
    settings = load_settings()
    set_up_logs("warning")
    async with database(settings.database()):
        app = build_app(settings, pace=UNLIMITED)
        try:
            await serve_web(app, web_settings(settings), ready=_say)
        finally:
            await app.close()


async def echo() -> None:
    """The least that aiogram can do: the same server, the same client, the update's text sent back."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"]))
    bot, dispatcher = Bot(os.environ["CUSTOMER_BOT_TOKEN"], session=session), Dispatcher()

    @dispatcher.message()
    async def back(message: Message) -> None:
        await message.answer(message.text or "")

    app = web.Application()
    SimpleRequestHandler(
        dispatcher, bot, handle_in_background=False, secret_token=os.environ["WEBHOOK_SECRET"]
    ).register(app, path="/telegram/customer")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with stop_requests() as stopping:
        _say(f"127.0.0.1:{runner.addresses[0][1]}")
        await stopping.wait()
    await runner.cleanup()
    await bot.session.close()


def _say(address: str) -> None:
    print(f"serving {address}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "echo":
        asyncio.run(echo())
    else:
        looping.run(product())
