"""One request to an SMS gateway: one attempt, bounded in time and size, and what is known when it fails."""

import asyncio
import ipaddress
from typing import Any

import aiohttp

from core.ports import SmsOutcome
from sms.smsaero_answers import GatewayFault

_LARGEST_ANSWER = 2**20
_NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class Exchange:
    """Posts to a gateway. Nothing it raises leads to what was posted."""

    def __init__(self, timeout_s: float) -> None:
        """``timeout_s`` bounds each request from first to last byte. Raises ValueError for a bad one."""
        if timeout_s <= 0:
            raise ValueError("the SMS gate's timeout is a number of seconds above 0")
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> aiohttp.ClientSession:
        """The one session, opened in the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # Each request on a fresh connection: on a kept one that the gate has just closed, a request
                # that never left would look like one whose answer was lost.
                connector=aiohttp.TCPConnector(force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "kopilka", "Accept": "application/json"},
                # Connecting ends well before the whole does, so "never connected" stays distinguishable.
                timeout=aiohttp.ClientTimeout(total=None, connect=self._timeout_s / 2),
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, **content: Any) -> tuple[int, bytes]:
        """Status and body of the answer; ``content`` is aiohttp's json, data, headers. Raises GatewayFault."""
        session = self.open()
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                # A redirected POST would be a second POST.
                session.post(url, allow_redirects=False, **content) as response,
            ):
                body = bytearray()
                async for chunk in response.content.iter_chunked(2**16):
                    body += chunk
                    if len(body) > _LARGEST_ANSWER:
                        break  # no answer of these gateways is that long: cut off, it reads as garbage
                return response.status, bytes(body)
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            fault = _classify(error)
        # Outside the handler: aiohttp's errors carry the request's headers, and nothing may lead to them.
        raise fault


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _classify(error: Exception) -> GatewayFault:
    """What is known of a request that got no answer: NOT_SENT only where no connection ever stood."""
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ServerFingerprintMismatch):
        return GatewayFault(SmsOutcome.NOT_SENT, "tls")
    if isinstance(error, _NEVER_CONNECTED):
        return GatewayFault(SmsOutcome.NOT_SENT, "unreachable")
    if isinstance(error, TimeoutError):
        return GatewayFault(SmsOutcome.UNKNOWN, "timeout")
    if isinstance(error, aiohttp.ClientResponseError):
        return GatewayFault(SmsOutcome.UNKNOWN, "garbage")
    return GatewayFault(SmsOutcome.UNKNOWN, "lost")
