"""The SMS gateway's books: what was sent to whom, in how many parts and at what price."""

from collections.abc import Callable
from dataclasses import dataclass, field

from . import clock
from .people import Json

_GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENDED = set("^{}\\[~]|€\f")
STATUSES = {0: "queue", 1: "delivery", 2: "not delivery", 3: "transfer", 6: "reject", 8: "moderation"}


def parts(text: str) -> int:
    """How many parts an SMS takes: 160 then 153 characters of GSM-7, else 70 then 67 UTF-16 code units."""
    if all(character in _GSM7 or character in _GSM7_EXTENDED for character in text):
        length, single, joined = sum(2 if c in _GSM7_EXTENDED else 1 for c in text), 160, 153
    else:
        length, single, joined = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= single else -(-length // joined)


@dataclass
class Sms:
    """One SMS. `phone` is E.164 with the plus, `at` seconds since the epoch, `status` a key of STATUSES."""

    id: int
    phone: str
    text: str
    sign: str
    at: float
    parts: int
    cost: float
    status: int = 0
    callback_url: str = ""
    answered_at: float | None = None

    @property
    def time(self) -> str:
        """When it was accepted, ISO 8601 in UTC."""
        return clock.iso(self.at)

    def page_json(self) -> Json:
        """As the page and the control API show it."""
        return {
            "id": self.id,
            "phone": self.phone,
            "text": self.text,
            "sign": self.sign,
            "at": self.time,
            "parts": self.parts,
            "status": STATUSES[self.status],
        }


@dataclass
class SmsBox:
    """The account at the gateway and everything sent from it. Prices and the balance are in roubles."""

    email: str
    api_key: str
    balance: float = 1000.0
    price: float = 5.49
    signs: list[str] | None = None
    delivers: bool = True
    messages: list[Sms] = field(default_factory=list)
    tests: list[Sms] = field(default_factory=list)
    on_accepted: Callable[[Sms], None] | None = None
    _next_id: int = field(default_factory=lambda: int(clock.now()))

    def send(self, number: str, text: str, sign: str, callback_url: str = "", *, test: bool = False) -> Sms:
        """Take an SMS for delivery. Raises NoMoneyError where the balance is short."""
        count = parts(text)
        cost = round(count * self.price, 2)
        if not test:
            if cost > self.balance:
                raise NoMoneyError
            self.balance = round(self.balance - cost, 2)
        sms = Sms(self._next_id, f"+{number}", text, sign, clock.now(), count, cost, callback_url=callback_url)
        self._next_id += 1
        (self.tests if test else self.messages).append(sms)
        if not test and self.on_accepted:
            self.on_accepted(sms)
        return sms

    def find(self, sms_id: int, *, test: bool = False) -> Sms | None:
        """The SMS of that id."""
        box = self.tests if test else self.messages
        return next((sms for sms in box if sms.id == sms_id), None)

    def inbox(self, phone: str) -> list[Sms]:
        """What has come to a phone (E.164, with or without the plus), oldest first."""
        wanted = f"+{phone.lstrip('+')}"
        return [sms for sms in self.messages if sms.phone == wanted]


class NoMoneyError(Exception):
    """The account's balance does not cover the SMS."""
