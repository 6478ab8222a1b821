"""1000 requests for codes to one phone at once, in a process of their own that may be killed.

``python -m tests.core.asking DATABASE_URL`` says ``sent`` or ``refused`` as each is answered.
"""

import asyncio
import sys
from datetime import timedelta

from bot.database import database
from core.deps import CodePolicy, Deps
from core.domain.errors import CodeLimit
from core.keyring import Keyring
from core.ports import SystemClock
from core.services import Services
from core.verification import Requester

REQUESTS = 1000
PHONE = "79160000001"
KEY = "test-secret-key-of-32-characters!"


async def ask_all(core: Services) -> None:
    """From as many Telegram accounts, each with a key that stays the same when it is asked again."""

    async def ask(number: int) -> None:
        try:
            await core.verification.request(
                purpose="register", subject=f"tg:{number}", phone=PHONE, by=Requester("customer", number, "ru"),
                key=f"ask:{number}", merchant="M",
            )  # fmt: skip
        except CodeLimit:
            print("refused", flush=True)  # noqa: T201
        else:
            print("sent", flush=True)  # noqa: T201

    await asyncio.gather(*(ask(number) for number in range(REQUESTS)))


def without_a_pause(deps: Deps) -> Services:
    """The usual limits of a day, but no wait between two codes to a phone."""
    return Services.of(Deps(deps.clock, deps.keys, deps.links, CodePolicy(resend_pause=timedelta(0))))


async def main(url: str) -> None:
    async with database(url):
        await ask_all(without_a_pause(Deps(clock=SystemClock(), keys=Keyring(KEY))))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
