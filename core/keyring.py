"""What is done with the secret key: keyed hashes, signed card codes, encryption of what waits to be sent."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

_PREFIX = "KPL1"
_MAC_BYTES = 12


class SealBroken(Exception):
    """Encrypted data that this key does not open."""


class Keyring:
    """Keys derived from one secret, a separate one for each use."""

    def __init__(self, secret: str) -> None:
        if len(secret) < 16:
            raise ValueError("SECRET_KEY needs at least 16 characters")
        self._secret = secret.encode()
        self._fernet = Fernet(base64.urlsafe_b64encode(self._derive("outbox")))

    def __repr__(self) -> str:
        return "Keyring(…)"

    def _derive(self, use: str) -> bytes:
        return hmac.digest(self._secret, f"kopilka:{use}".encode(), hashlib.sha256)

    def hash(self, use: str, *parts: str) -> str:
        """A keyed hash as 64 hex digits; parts can't run into each other."""
        text = json.dumps(parts, ensure_ascii=False)
        return hmac.new(self._derive(use), text.encode(), hashlib.sha256).hexdigest()

    def matches(self, expected: str, use: str, *parts: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(expected, self.hash(use, *parts))

    def seal(self, values: dict[str, Any]) -> str:
        """Encrypt what must not lie readable in the outbox."""
        return self._fernet.encrypt(json.dumps(values).encode()).decode()

    def unseal(self, sealed: str) -> dict[str, Any]:
        """Decrypt what seal() made. Raises SealBroken when the secret key was changed since."""
        try:
            opened: dict[str, Any] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise SealBroken from error
        return opened

    def sign_card(self, customer_id: int, expires_at: int) -> str:
        """The text of a customer's QR: who, until when (seconds since the epoch), and the proof."""
        body = f"{_PREFIX}.{customer_id}.{expires_at}"
        return f"{body}.{self._card_mac(body)}"

    def read_card(self, text: str) -> tuple[int, int] | None:
        """Customer and expiry of a QR that this key signed; None for any other text."""
        body, _, mac = text.rpartition(".")
        prefix, _, rest = body.partition(".")
        if prefix != _PREFIX or not hmac.compare_digest(_bytes(mac), self._card_mac(body).encode()):
            return None
        customer_id, _, expires_at = rest.partition(".")
        return int(customer_id), int(expires_at)

    def _card_mac(self, body: str) -> str:
        digest = hmac.digest(self._derive("card"), _bytes(body), hashlib.sha256)[:_MAC_BYTES]
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """A scanned text as bytes, even one that is not valid Unicode."""
    return text.encode(errors="surrogatepass")


def looks_like_card_qr(text: str) -> bool:
    """Whether a scanned text is one of our QR codes, whatever it is worth."""
    return text.startswith(f"{_PREFIX}.")


def new_token() -> str:
    """An unguessable token for a link: 128 bits, fit for a deep link."""
    return secrets.token_urlsafe(16)


def new_digits(length: int) -> str:
    """Random digits that never begin with a zero."""
    return str(10 ** (length - 1) + secrets.randbelow(9 * 10 ** (length - 1)))


def fingerprint(**inputs: Any) -> str:
    """The hash of a request's inputs, to tell a repeated request from another one with its key."""
    text = json.dumps(inputs, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
