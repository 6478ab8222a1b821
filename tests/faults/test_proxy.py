"""The proxy does what it says: its faults are worth nothing otherwise."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.proxy import Proxy, to_tcp

WAIT_S = 30.0


@pytest_asyncio.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A proxy before a server that sends back what it gets."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(100):
                writer.write(chunk)
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Proxy(to_tcp("127.0.0.1", port)).running() as running:
        yield running


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, text: bytes) -> None:
        self._writer.write(text)
        await self._writer.drain()

    async def hear(self) -> bytes:
        async with asyncio.timeout(WAIT_S):
            return await self._reader.read(100)

    async def hears_nothing(self) -> bool:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await self._reader.read(100)
        return True

    def close(self) -> None:
        self._writer.close()


async def connected(proxy: Proxy) -> Client:
    client = Client(*await asyncio.open_connection("127.0.0.1", proxy.port))
    await client.send(b"hello")
    assert await client.hear() == b"hello"
    return client


async def test_what_was_paused_arrives_later(proxy: Proxy) -> None:
    client = await connected(proxy)
    proxy.pause()
    await client.send(b"later")
    assert await client.hears_nothing()
    proxy.heal()
    assert await client.hear() == b"later"
    client.close()


async def test_half_open_swallows_and_resets_only_who_spoke(proxy: Proxy) -> None:
    spoke, silent = await connected(proxy), await connected(proxy)
    proxy.half_open()
    await spoke.send(b"lost")
    assert await spoke.hears_nothing()
    proxy.heal()
    with pytest.raises(ConnectionResetError):
        await spoke.hear()
    await silent.send(b"still here")
    assert await silent.hear() == b"still here"
    silent.close()


async def test_reset_and_refused(proxy: Proxy) -> None:
    client = await connected(proxy)
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        await client.hear()
    proxy.refusing = True
    refused = Client(*await asyncio.open_connection("127.0.0.1", proxy.port))
    with pytest.raises(ConnectionResetError):
        await refused.hear()
    proxy.heal()
    (await connected(proxy)).close()


async def test_delay(proxy: Proxy) -> None:
    client = await connected(proxy)
    loop = asyncio.get_running_loop()
    proxy.delay = 0.2
    began = loop.time()
    await client.send(b"slow")
    assert await client.hear() == b"slow"
    assert loop.time() - began >= 0.4  # there and back
    client.close()
