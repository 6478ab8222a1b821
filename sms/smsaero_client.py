"""The library's client with another way to the network: one gate, one attempt, and it says what is known."""

import logging
import re
from base64 import b64encode
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr
from smsaero import SmsAero

from sms.exchange import Exchange, is_loopback
from sms.smsaero_answers import read_answer

OFFICIAL_GATE = "@gate.smsaero.ru/v2/"
Scheme = Literal["https", "http"]

# The library would put the key into every URL and logs URLs and texts, so it is given no key and no say.
_NO_KEY = "-" * 16
logging.getLogger("smsaero").addFilter(lambda record: False)


class OneGateClient(SmsAero):  # type: ignore[misc] # the library has no types
    """Selectors and parameters are the library's; ``request`` is ours.

    The library's own tries up to three gates when an answer is lost, which doubles an SMS, falls back to http
    after a TLS error, and calls all of that "unavailable".
    """

    def __init__(
        self, email: str, api_key: SecretStr, sign: str, gate: str | None, scheme: Scheme, timeout_s: float
    ) -> None:
        """Raises ValueError for a gate or a scheme that won't do, without repeating secrets."""
        super().__init__(email="", api_key=_NO_KEY, signature=sign)
        self.base_url = gate_url(gate or OFFICIAL_GATE, scheme)
        self._email = email
        self._api_key = api_key
        self._exchange = Exchange(timeout_s)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

    async def init_session(self) -> None:
        """Open the one session, in the running loop."""
        self._exchange.open()

    async def close_session(self, *_: object) -> None:
        await self._exchange.close()

    async def request(
        self, selector: str, data: dict[str, Any] | None = None, page: int | None = None, proto: str = ""
    ) -> Any:
        """POST once and give the answer's ``data``. ``proto`` is the library's and ignored.

        Raises GatewayFault for everything that is not a success in so many words.
        """
        url = f"{self.base_url}{selector}" + (f"?page={page}" if page else "")
        status, body = await self._exchange.post(url, json=data or {}, headers=self._auth())
        return read_answer(status, body)

    def _auth(self) -> dict[str, str]:
        credentials = f"{self._email}:{self._api_key.get_secret_value()}".encode()
        return {"Authorization": f"Basic {b64encode(credentials).decode('ascii')}"}


def gate_url(gate: str, scheme: Scheme) -> str:
    """From ``@host[:port][/path]``, as the library writes gates, to ``scheme://host[:port]/path/v2/``.

    Raises ValueError for anything else, and for http to a host other than this machine.
    """
    if scheme not in ("https", "http"):
        raise ValueError("the scheme of the SMS gate is https or http")
    parsed = urlsplit(f"{scheme}://{gate.removeprefix('@')}")
    try:
        host, _ = parsed.hostname, parsed.port
    except ValueError:
        host = None
    odd = "@" in parsed.netloc or "://" in gate or parsed.query or parsed.fragment
    if odd or host is None or not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host):
        raise ValueError("the SMS gate is written as host, host:port or host:port/v2, without a scheme or a key")
    if scheme == "http" and not is_loopback(host):
        raise ValueError(
            "http is allowed only to an SMS gate on this machine: it would show the key and the texts"
        )
    path = parsed.path.rstrip("/").removesuffix("/v2")
    return f"{scheme}://{parsed.netloc}{path}/v2/"
