"""What the verbs are given: the clock, the keys, the deployment's own settings. Built once in bot/."""

from dataclasses import dataclass, field
from datetime import timedelta

from core.keyring import Keyring
from core.ports import Clock


@dataclass(frozen=True, slots=True)
class CodePolicy:
    """Limits of verification codes. Counts are a day's: the last 24 hours."""

    lifetime: timedelta = timedelta(minutes=5)
    tries: int = 3
    resend_pause: timedelta = timedelta(seconds=60)
    exhausted_pause: timedelta = timedelta(minutes=3)
    per_phone: int = 6
    per_member: int = 150
    per_visitor: int = 10
    per_merchant: int = 1000


@dataclass(slots=True)
class Links:
    """Deep links into the bots; their user names are learnt from Telegram at start."""

    customer_bot: str = ""
    staff_bot: str = ""

    def customer(self, payload: str) -> str:
        return f"https://t.me/{self.customer_bot}?start={payload}"

    def staff(self, payload: str) -> str:
        return f"https://t.me/{self.staff_bot}?start={payload}"


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything a verb needs from outside."""

    clock: Clock
    keys: Keyring
    links: Links = field(default_factory=Links)
    codes: CodePolicy = field(default_factory=CodePolicy)
    region: str = "RU"
    language: str = "ru"
    time_zone: str = "Europe/Moscow"
