"""A far side for tests of the transport: answers each call as the test scripts it, well-formed or not."""

import asyncio
import socket
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "700100200:SampleTokenOfATest_0123456789abcdef"
MESSAGE = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "x"}

Reply = Callable[[web.Request], Any]


def ok(result: Any) -> Reply:
    return lambda _: web.json_response({"ok": True, "result": result})


def error(code: int, description: str | None = "Something", **parameters: Any) -> Reply:
    body: dict[str, Any] = {"ok": False, "error_code": code}
    if description is not None:
        body["description"] = description
    if parameters:
        body["parameters"] = parameters
    return lambda _: web.json_response(body, status=code)


def page(status: int = 502, body: bytes = b"<html>Bad Gateway</html>") -> Reply:
    return lambda _: web.Response(status=status, body=body, content_type="text/html")


def drop(request: web.Request) -> web.Response:
    """Close the connection after the request was read, without an answer."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def redirect_loop(request: web.Request) -> web.Response:
    return web.Response(status=307, headers={"Location": str(request.url)})


async def hang(_: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    return web.Response()


@dataclass
class Stub:
    """Replies by method, used up one by one; then `usual`. Calls are recorded with their times."""

    script: dict[str, deque[Reply]] = field(default_factory=lambda: defaultdict(deque))
    usual: dict[str, Reply] = field(default_factory=dict)
    calls: list[tuple[str, float, dict[str, Any]]] = field(default_factory=list)
    files: dict[str, Reply] = field(default_factory=dict)
    url: str = ""

    def on(self, method: str, *replies: Reply) -> None:
        self.script[method].extend(replies)

    def times(self, method: str) -> list[float]:
        return [at for name, at, _ in self.calls if name == method]

    def count(self, method: str) -> int:
        return len(self.times(method))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        data = dict(await request.post())
        self.calls.append((method, time.monotonic(), data))
        queue = self.script[method]
        reply = queue.popleft() if queue else self.usual.get(method, self.default(method))
        made = reply(request)
        return await made if asyncio.iscoroutine(made) else made

    @staticmethod
    def default(method: str) -> Reply:
        if method.startswith(("send", "editMessage")) and method != "sendChatAction":
            return ok(MESSAGE)
        return ok([]) if method == "getUpdates" else ok(True)

    async def file(self, request: web.Request) -> web.StreamResponse:
        made = self.files[request.match_info["path"]](request)
        return await made if asyncio.iscoroutine(made) else made


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait for a condition that nothing announces; the limit is for a test that would hang."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@contextmanager
def silent_port() -> Iterator[tuple[socket.socket, str]]:
    """A port that refuses connections and that nobody else can take, and its address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken, f"http://127.0.0.1:{taken.getsockname()[1]}"


@asynccontextmanager
async def running_stub(listener: socket.socket | None = None) -> AsyncIterator[Stub]:
    """On a free port, or on a socket that is bound already (see `silent_port`)."""
    stub = Stub()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", stub.answer)
    app.router.add_get("/file/bot{token}/{path:.*}", stub.file)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    site = web.SockSite(runner, listener) if listener else web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()

    stub.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stub
    finally:
        await runner.cleanup()
