"""A small SMS.ru on loopback that misbehaves on command."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

API_ID = "5F0C-planted-api-id-of-the-shop"

Answer = Callable[["SmsRuStub", web.Request], Awaitable[web.StreamResponse]]


@dataclass
class SmsRuStub:
    """What arrived (``requests``: path with query, form) and what was taken: ``messages`` by id."""

    answer: Answer
    port: int = 0
    balance: float = 4122.56
    requests: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def take(self, form: Mapping[str, Any]) -> dict[str, Any]:
        sms_id = f"202610-{1000 + len(self.messages)}"
        self.messages[sms_id] = {"to": form["to"], "msg": form["msg"], "from": form.get("from"), "code": 100}
        record = {"status": "OK", "status_code": 100, "sms_id": sms_id}
        return {"status": "OK", "status_code": 100, "sms": {form["to"]: record}, "balance": self.balance}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        self.requests.append((request.path_qs, dict(form)))
        if form.get("api_id") != API_ID:
            return says(status="ERROR", status_code=200, status_text="Неправильный api_id")
        return await self.answer(self, request)


def says(**content: Any) -> web.Response:
    return web.json_response(content)


async def works(stub: SmsRuStub, request: web.Request) -> web.StreamResponse:
    form = stub.requests[-1][1]
    match request.path:
        case "/sms/send":
            return web.json_response(stub.take(form))
        case "/sms/status":
            found = stub.messages.get(form["sms_id"])
            record = {"status": "OK", "status_code": found["code"], "cost": "2.30"} if found else None
            answer = record or {"status": "ERROR", "status_code": -1}
            return says(status="OK", status_code=100, sms={form["sms_id"]: answer})
    return says(status="OK", status_code=100, balance=stub.balance)


def answers(http: int = 200, body: bytes | None = None, **content: Any) -> Answer:
    async def answer(stub: SmsRuStub, request: web.Request) -> web.StreamResponse:
        if body is not None:
            return web.Response(status=http, body=body)
        return web.json_response(content, status=http)

    return answer


def of_one(**record: Any) -> Answer:
    """An answer that speaks of the message alone."""

    async def answer(stub: SmsRuStub, request: web.Request) -> web.StreamResponse:
        return says(status="OK", status_code=100, sms={stub.requests[-1][1]["to"]: record})

    return answer


async def hangs(stub: SmsRuStub, request: web.Request) -> web.StreamResponse:
    await stub.finished.wait()
    return web.Response()


async def drops(stub: SmsRuStub, request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def drops_after(stub: SmsRuStub, request: web.Request) -> web.StreamResponse:
    stub.take(stub.requests[-1][1])
    return await drops(stub, request)


@asynccontextmanager
async def serve(answer: Answer = works) -> AsyncIterator[SmsRuStub]:
    stub = SmsRuStub(answer)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stub.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stub.port = runner.addresses[0][1]
    try:
        yield stub
    finally:
        stub.finished.set()
        await runner.cleanup()
