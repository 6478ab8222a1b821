"""Pushing updates to webhooks: in order within a chat, side by side across chats, again and again until taken."""

import asyncio
import json
import logging
import time

import aiohttp

from . import clock
from .bot_api import BotApi
from .bots import Bot, WebhookState
from .updates import Update
from .world import World

_TIMEOUT = aiohttp.ClientTimeout(total=60)
logger = logging.getLogger(__name__)


class WebhookPusher:
    """Pushes one bot's updates while it has a webhook. Runs from `start` to `stop`."""

    def __init__(self, world: World, bot: Bot, api: BotApi, session: aiohttp.ClientSession) -> None:
        self._world = world
        self._bot = bot
        self._api = api
        self._session = session
        self._task: asyncio.Task[None] | None = None
        self._pushes: dict[int, asyncio.Task[None]] = {}
        self._not_before: dict[int, float] = {}
        self._failures: dict[int, int] = {}

    def start(self) -> None:
        """Begin pushing."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End all pushes; what was not taken stays pending."""
        tasks = [task for task in (self._task, *self._pushes.values()) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        arrived = self._bot.updates.arrived
        while True:
            arrived.clear()
            pause = self._push_due()
            try:
                async with asyncio.timeout(pause):
                    await arrived.wait()
            except TimeoutError:
                continue

    def _push_due(self) -> float | None:
        """Start the pushes that may start now; seconds until the next one may, None where news must wake us."""
        webhook = self._bot.webhook
        if webhook is None:
            return None
        self._bot.updates.requeue_repeats()
        now = time.monotonic()
        pauses: list[float] = []
        for update in self._bot.updates.pending:
            chat = update.chat_id
            if chat in self._pushes or len(self._pushes) >= webhook.max_connections:
                continue
            wait = self._not_before.get(chat, 0.0) - now
            if wait > 0:
                pauses.append(wait)
                continue
            self._pushes[chat] = asyncio.create_task(self._push(webhook, update))
        return min(pauses, default=None)

    async def _push(self, webhook: WebhookState, update: Update) -> None:
        chat = update.chat_id
        try:
            problem = await self._post(webhook, update)
            if problem is None:
                self._bot.updates.remove(update)
                self._failures.pop(chat, None)
            else:
                webhook.last_error, webhook.last_error_at = problem, int(clock.now())
                count = self._failures[chat] = self._failures.get(chat, 0) + 1
                backoff = self._world.webhook_backoff
                self._not_before[chat] = time.monotonic() + backoff[min(count, len(backoff)) - 1]
        finally:
            self._pushes.pop(chat, None)
            self._bot.updates.arrived.set()
            self._world.bell.ring()

    async def _post(self, webhook: WebhookState, update: Update) -> str | None:
        """Post an update; what is wrong with the answer, None for nothing."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        try:
            async with self._session.post(
                webhook.url, json=update.to_json(), headers=headers, timeout=_TIMEOUT
            ) as answer:
                body = await answer.read()
                if not 200 <= answer.status < 300:
                    return f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except (aiohttp.ClientError, TimeoutError) as error:
            logger.info("webhook of %s: %r", self._bot.account.username, error)
            return "Read timeout expired" if isinstance(error, TimeoutError) else "Connection reset by peer"
        await self._execute(body)
        return None

    async def _execute(self, body: bytes) -> None:
        try:
            reply = json.loads(body)
        except ValueError:
            return  # An answer that is no JSON asks for nothing.
        if isinstance(reply, dict) and reply.get("method"):
            await self._api.execute_reply(self._bot, reply)
