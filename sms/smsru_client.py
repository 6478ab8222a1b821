"""SMS.ru over HTTP: three methods, the key in the body only, one attempt each (https://sms.ru/api)."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from sms.exchange import Exchange, is_loopback

OFFICIAL = "https://sms.ru"


class SmsRuClient:
    """Posts forms to SMS.ru; answers are its JSON as it came. Raises GatewayFault where none came."""

    def __init__(self, api_id: SecretStr, url: str | None, timeout_s: float) -> None:
        """``url`` is SMS.ru's own by default; http is for this machine only. Raises ValueError."""
        self._api_id = api_id
        self.url = _base(url or OFFICIAL)
        self._exchange = Exchange(timeout_s)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    async def send(self, number: str, text: str, sender: str | None) -> tuple[int, bytes]:
        """Hand over one SMS."""
        more = {"from": sender} if sender else {}
        return await self._post("/sms/send", {"to": number, "msg": text} | more)

    async def status(self, sms_id: str) -> tuple[int, bytes]:
        """Ask what became of one SMS."""
        return await self._post("/sms/status", {"sms_id": sms_id})

    async def balance(self) -> tuple[int, bytes]:
        """Ask for the money on the account."""
        return await self._post("/my/balance", {})

    async def close(self) -> None:
        await self._exchange.close()

    async def _post(self, path: str, form: dict[str, Any]) -> tuple[int, bytes]:
        secret = {"api_id": self._api_id.get_secret_value(), "json": "1"}
        return await self._exchange.post(f"{self.url}{path}", data=form | secret)


def _base(url: str) -> str:
    parsed = urlsplit(url.rstrip("/"))
    try:
        host, _ = parsed.hostname, parsed.port
    except ValueError:
        host = None
    if (
        parsed.scheme not in ("https", "http")
        or not host
        or parsed.query
        or parsed.fragment
        or "@" in parsed.netloc
    ):
        raise ValueError("the address of SMS.ru is written as https://host, without a key")
    if parsed.scheme == "http" and not is_loopback(host):
        raise ValueError("http is allowed only to this machine: it would show the key and the texts")
    return f"{parsed.scheme}://{parsed.netloc}{parsed.path}"
