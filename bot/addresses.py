"""Where processes listen, and where Telegram finds them."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.settings import BadSettings, Settings

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


@dataclass(frozen=True)
class ProbeSettings:
    """Where health and figures are served, and what must be shown for the figures."""

    host: str
    port: int
    metrics_token: str | None


@dataclass(frozen=True)
class WebSettings(ProbeSettings):
    """What the web process needs besides: ``public_url`` has no slash at its end."""

    public_url: str
    secret: str


def probe_settings(settings: Settings) -> ProbeSettings | None:
    """Where a process without webhooks serves health and figures; None when METRICS_PORT is not set."""
    if settings.metrics_port is None:
        return None
    return ProbeSettings(settings.host, settings.metrics_port, _token(settings))


def web_settings(settings: Settings, *, host: str | None = None) -> WebSettings:
    """What the web process needs. Raises BadSettings with one line for each name that is missing or bad."""
    url = (settings.public_url or "").rstrip("/")
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    own_server = settings.telegram_api_url is not None
    wrong = [line for line in (_wrong_url(url, own_server), _wrong_secret(secret)) if line]
    if wrong:
        raise BadSettings("\n".join(wrong))
    return WebSettings(host or settings.host, settings.port, _token(settings), url, secret)


def require_shared_key(settings: Settings) -> None:
    """Processes apart seal and open the same codes: with a database server the key must be given.

    Raises BadSettings. With SQLite they share a machine, and the key in ``var``.
    """
    if settings.secret_key is None and not settings.database().startswith("sqlite:"):
        raise BadSettings("SECRET_KEY: not set; all processes need the same one")


def _wrong_url(url: str, own_server: bool) -> str | None:
    """What is wrong with the address. Only a Bot API server of one's own posts to http."""
    if not url:
        return "PUBLIC_URL: not set; webhooks need the address of this installation from outside"
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        return "PUBLIC_URL: is not an address like https://bots.example.com"
    if parts.scheme == "http" and not own_server:
        return "PUBLIC_URL: Telegram posts to https only; it is an address like https://bots.example.com"
    return None


def _wrong_secret(secret: str) -> str | None:
    if not secret:
        return "WEBHOOK_SECRET: not set; webhooks need one, so that nobody but Telegram can post updates"
    if not _SECRET.fullmatch(secret):
        return "WEBHOOK_SECRET: 16 to 256 characters of A-Z, a-z, 0-9, _ and -"
    return None


def _token(settings: Settings) -> str | None:
    return settings.metrics_token.get_secret_value() if settings.metrics_token else None
