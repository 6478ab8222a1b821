"""A small TCP proxy that can do to a connection what networks do."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Upstream = Callable[[], Awaitable[Stream]]
"""Opens one connection to what stands behind the proxy."""

_CHUNK = 64 * 1024
_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Passes bytes on at 127.0.0.1:``port``; its faults are set while it runs, ``heal`` ends them all.

    - ``delay``: seconds that each chunk waits;
    - ``refusing``: new connections are reset at once;
    - ``pause``: nothing passes until it heals, and all of it then (a network that is away for a while);
    - ``half_open``: what is sent vanishes, and whoever sent meanwhile is reset when it heals;
    - ``reset``: the connections that stand are reset now.
    """

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.port = 0
        self.delay = 0.0
        self.refusing = False
        self.accepted = 0
        self._swallowing = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._doubtful: set[asyncio.StreamWriter] = set()
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """host:port of the near side."""
        return f"127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        """Listen on a free port."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.reset()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def pause(self) -> None:
        """Let nothing pass; it is kept for later."""
        self._flowing.clear()

    def half_open(self) -> None:
        """Swallow what is sent, in both directions."""
        self._swallowing = True

    def reset(self) -> None:
        """Reset every connection that stands."""
        for near, far in list(self._pairs):
            _abort(near)
            _abort(far)

    def heal(self) -> None:
        """End all faults. Connections that lost bytes are reset: they can't be made whole."""
        self.delay, self.refusing, self._swallowing = 0.0, False, False
        for near, far in list(self._pairs):
            if near in self._doubtful:
                _abort(near)
                _abort(far)
        self._flowing.set()

    async def _accept(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.accepted += 1
        try:
            await self._serve(reader, near)
        except asyncio.CancelledError:
            return  # the proxy ends; the server's own callback would report a cancelled task as an error
        finally:
            _abort(near)

    async def _serve(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if self.refusing:
            return
        try:
            back, far = await self.upstream()
        except OSError:
            return
        pair = (near, far)
        self._pairs.add(pair)
        try:
            ways = {asyncio.create_task(self._pass(*way, near)) for way in ((reader, far), (back, near))}
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self._pairs.discard(pair)
            self._doubtful.discard(near)
            await _close(far)
            await _close(near)

    async def _pass(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, near: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await source.read(_CHUNK):
                await self._flowing.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                if self._swallowing or near in self._doubtful:
                    self._doubtful.add(near)
                    continue
                target.write(chunk)
                await target.drain()
            while self._swallowing:  # an end is not heard of either
                await asyncio.sleep(0.05)


def _abort(writer: asyncio.StreamWriter) -> None:
    """Reset: what was not read yet is lost, and the other side learns it at once."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0 and sock.family != socket.AF_UNIX:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def to_tcp(host: str, port: int) -> Upstream:
    """An upstream at an address."""
    return lambda: asyncio.open_connection(host, port)


def to_unix(path: str) -> Upstream:
    """An upstream at a socket's path."""
    return lambda: asyncio.open_unix_connection(path)
