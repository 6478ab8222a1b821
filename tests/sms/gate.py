"""A small SMS Aero v2 server on loopback that misbehaves on command."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any

from aiohttp import web

from tests.servers import free_port

EMAIL = "shop@example.com"
KEY = "s3cret-key-of-the-shop"
PHONE = "79160000001"
TEXT = "Kod 4812 для входа"

Answer = Callable[["Gate", web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Gate:
    """What arrived (``requests``: path, query, body, headers) and what the server took (``messages``)."""

    answer: Answer
    now: int = 1_780_000_000
    port: int = 0
    requests: list[tuple[str, str, Any, dict[str, str]]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def address(self) -> str:
        return f"@127.0.0.1:{self.port}"

    def accept(self, body: dict[str, Any]) -> dict[str, Any]:
        record = {
            "id": 5000 + len(self.messages),
            "from": body["sign"],
            "number": str(body["number"]),
            "text": body["text"],
            "status": 0,
            "extendStatus": "queue",
            "cost": 5.49,
            "dateCreate": self.now,
            "dateSend": self.now,
        }
        self.messages.append(record)
        return record

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.requests.append((request.path, request.query_string, body, dict(request.headers)))
        return await self.answer(self, request)


def ok(data: Any) -> web.Response:
    return web.json_response({"success": True, "data": data, "message": None})


def says(status: int, **content: Any) -> Answer:
    async def answer(gate: Gate, request: web.Request) -> web.StreamResponse:
        return web.json_response(content, status=status)

    return answer


def raw(status: int, body: bytes, content_type: str = "text/html", **headers: str) -> Answer:
    async def answer(gate: Gate, request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, content_type=content_type, headers=headers)

    return answer


async def works(gate: Gate, request: web.Request) -> web.StreamResponse:
    body = gate.requests[-1][2]
    match request.path:
        case "/v2/sms/send":
            return ok(gate.accept(body))
        case "/v2/sms/list":
            mine = [m for m in reversed(gate.messages) if m["number"] == str(body["number"])]
            return ok({str(i): m for i, m in enumerate(mine)} | {"totalCount": str(len(mine))})
        case "/v2/sms/status":
            return ok(next(m for m in gate.messages if m["id"] == body["id"]))
    return ok({"balance": 337.03})


async def loses_the_answer(gate: Gate, request: web.Request) -> web.StreamResponse:
    if request.path != "/v2/sms/send":
        return await works(gate, request)
    gate.accept(gate.requests[-1][2])
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def drops(gate: Gate, request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def hangs(gate: Gate, request: web.Request) -> web.StreamResponse:
    await gate.finished.wait()
    return web.Response()


async def dribbles(gate: Gate, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'{"success": true, ')
    await gate.finished.wait()
    return response


async def breaks_off(gate: Gate, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "500"})
    await response.prepare(request)
    await response.write(b'{"success": true, ')
    assert request.transport is not None
    request.transport.close()
    return response


async def floods(gate: Gate, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while not gate.finished.is_set():
            await response.write(b" " * 65536)
    except ConnectionError:
        gate.finished.set()
    return response


@asynccontextmanager
async def serve(answer: Answer, tls: SSLContext | None = None) -> AsyncIterator[Gate]:
    gate = Gate(answer)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", gate.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    gate.port = runner.addresses[0][1]
    try:
        yield gate
    finally:
        gate.finished.set()
        await runner.cleanup()


@asynccontextmanager
async def bare_server(reply: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Below HTTP: resets each connection unread, or reads the head of the request and says ``reply``."""
    seen: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if reply is None:
            seen.append(b"")
            writer.transport.abort()
            return
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(reply)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"@127.0.0.1:{server.sockets[0].getsockname()[1]}", seen


def refusing_address() -> str:
    """An address where nobody listens."""
    return f"@127.0.0.1:{free_port()}"
