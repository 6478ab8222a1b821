"""The Bot API over HTTP: tokens, parameters, faults, the journal, and the JSON around results."""

import asyncio
import inspect
import re
import time
from typing import Any

from aiohttp import web

from .bots import Bot
from .errors import ApiError
from .journal import Call
from .methods import METHODS, Request
from .params import Params, read_params
from .people import Json
from .spoiling import api_error, spoil
from .world import World

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_NOT_FOUND = ApiError(404, "Not Found")
_UNAUTHORIZED = ApiError(401, "Unauthorized")


class BotApi:
    """Routes /bot<token>/<method> and /file/bot<token>/<path> of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        return [
            web.route("*", "/bot{token:[^/]+}/{method:[^/]*}", self.call),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self.download),
        ]

    def _bot(self, token: str) -> Bot:
        if not _TOKEN.fullmatch(token):
            raise _NOT_FOUND
        for bot in self._world.bots.values():
            if bot.account.token == token:
                return bot
        raise _UNAUTHORIZED

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One call of a method."""
        try:
            bot = self._bot(request.match_info["token"])
            params = await read_params(request)
        except ApiError as error:
            return _refusal(error)
        name = request.match_info["method"]
        call = self._world.journal.open(time.monotonic(), bot.account.username, name, params.journal())
        self._world.bell.ring()
        try:
            return await self._answer(request, bot, name, params, call)
        finally:
            call.ended = time.monotonic()
            self._world.bell.ring()

    async def _answer(
        self, request: web.Request, bot: Bot, name: str, params: Params, call: Call
    ) -> web.StreamResponse:
        faults = self._world.faults
        fault = faults.take("bot", name, (bot.id, bot.account.username))
        if fault is not None:
            call.fault = fault.kind
            refusal = api_error(fault)
            if refusal is not None:
                call.error = (refusal.code, refusal.description)
                return _refusal(refusal)
            if not fault.works_first:
                return await spoil(request, faults, fault)
        response = await self.work(bot, name, params, call)
        if fault is None:
            return response
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return response
        return await spoil(request, faults, fault)

    async def work(self, bot: Bot, name: str, params: Params, call: Call) -> web.Response:
        """Do what a method does, note it in the call, and make its answer."""
        made = Request(self._world, bot, params, name.lower())
        try:
            handler = METHODS.get(name.lower())
            if handler is None:
                raise ApiError(404, "Not Found: method not found")
            result: Any = handler(made)
            if inspect.isawaitable(result):
                result = await result
        except ApiError as error:
            call.error = (error.code, error.description)
            return _refusal(error)
        call.result = result
        body: Json = {"ok": True, "result": result}
        return web.json_response(body | made.notes)

    async def execute_reply(self, bot: Bot, body: Json) -> None:
        """Do what a webhook's answer asks for: an object with "method" and that method's parameters."""
        name = str(body.get("method", ""))
        values = {key: value for key, value in body.items() if key != "method"}
        call = self._world.journal.open(time.monotonic(), bot.account.username, name, values)
        await self.work(bot, name, Params(values), call)
        call.ended = time.monotonic()
        self._world.bell.ring()

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file's bytes."""
        try:
            bot = self._bot(request.match_info["token"])
        except ApiError as error:
            return _refusal(error)
        path = request.match_info["path"]
        fault = self._world.faults.take("file", path, (bot.id, bot.account.username))
        if fault is not None:
            refusal = api_error(fault)
            if refusal is not None:
                return _refusal(refusal)
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            else:
                return await spoil(request, self._world.faults, fault)
        file = self._world.files.by_path(bot.id, path)
        if file is None:
            return _refusal(_NOT_FOUND)
        return web.Response(body=file.data, content_type="application/octet-stream")


def _refusal(error: ApiError) -> web.Response:
    return web.json_response(error.body(), status=error.code)
