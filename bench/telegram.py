"""A Bot API that answers at once, and a client that posts updates: both as bare as HTTP allows.

They share the machine with what is measured, so every microsecond here is one that the measured lacks.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"transfer-encoding:\s*chunked", re.IGNORECASE)
_CHAT = re.compile(rb'chat_id(?:=|"\r\n(?:[^\r\n]+\r\n)*\r\n)(\d+)')
_BOT = re.compile(rb"/bot(\d+)")
_DATE = 1_700_000_000


class _Connection(asyncio.Protocol):
    """One keep-alive connection of a bot."""

    def __init__(self, answered: Callable[[bytes, bytes, bytes], bytes]) -> None:
        self._answered = answered
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (request := self._request()) is not None:
            head, body = request
            path = head[: head.index(b"\r\n")].split(b" ")[1]
            answer = self._answered(path, path.rpartition(b"/")[2], body)
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(answer), answer)
            )

    def _request(self) -> tuple[bytes, bytes] | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head, start = self._buffer[:end], end + 4
        if _CHUNKED.search(head):
            stop = self._buffer.find(b"0\r\n\r\n", start)
            if stop < 0:
                return None
            body, after = self._buffer[start:stop], stop + 5
        else:
            found = _LENGTH.search(head)
            after = start + (int(found.group(1)) if found else 0)
            if len(self._buffer) < after:
                return None
            body = self._buffer[start:after]
        self._buffer = self._buffer[after:]
        return head, body


class StubApi:
    """Answers every call of any bot; notes when a message reached a chat, and calls whoever waits for it."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: dict[str, int] = {}
        self.waiting: dict[int, asyncio.Future[None]] = {}
        self._webhooks: dict[bytes, str] = {}

    def _answer(self, path: bytes, method: bytes, body: bytes) -> bytes:
        name = method.decode()
        self.calls[name] = self.calls.get(name, 0) + 1
        if name == "sendMessage":
            found = _CHAT.search(body)
            chat = int(found.group(1)) if found else 0
            waiter = self.waiting.pop(chat, None)
            if waiter is not None and not waiter.done():
                waiter.set_result(None)
            return (
                b'{"ok":true,"result":{"message_id":1,"date":%d,"chat":{"id":%d,"type":"private"},"text":"x"}}'
                % (_DATE, chat)
            )
        result: Any = True
        if name == "getMe":
            match = _BOT.search(path)
            number = int(match.group(1)) if match else 0
            result = {"id": number, "is_bot": True, "first_name": "B", "username": f"bench_{number}_bot"}
        elif name == "setWebhook":
            self._webhooks[path.rpartition(b"/")[0]] = parse_qs(body.decode())["url"][0]
        elif name == "getWebhookInfo":
            url = self._webhooks.get(path.rpartition(b"/")[0], "")
            result = {"url": url, "has_custom_certificate": False, "pending_update_count": 0}
        return json.dumps({"ok": True, "result": result}).encode()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["StubApi"]:
        """Listen on a free port."""
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(lambda: _Connection(self._answer), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            listening.close()


class Poster:
    """One keep-alive connection of Telegram to a webhook."""

    def __init__(self, address: str, path: str, secret: str) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: "
        ).encode()

    async def __aenter__(self) -> "Poster":
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def post(self, update: bytes) -> int:
        """Post one update; the answer's status."""
        self._writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(update), update))
        head = await self._reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        if found and int(found.group(1)):
            await self._reader.readexactly(int(found.group(1)))
        return int(head[9:12])


def message(update_id: int, person: int, text: str) -> bytes:
    """A private message as Telegram posts it."""
    who = {"id": person, "is_bot": False, "first_name": "Sample", "language_code": "ru"}
    chat = {"id": person, "type": "private", "first_name": "Sample"}
    content: dict[str, Any] = {"message_id": update_id, "date": _DATE, "chat": chat, "from": who, "text": text}
    if text.startswith("/"):
        content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    return json.dumps({"update_id": update_id, "message": content}).encode()
