"""A simulator, a bot and what its handler saw, for tests of the polling."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from aiogram import Bot
from aiogram.types import Update

from bot.polling import Patience, Poller
from bot.telegram import build_bot
from bot.telegram.backoff import Backoff
from simulator import BotAccount, Person, Simulator

SECRET = "SampleTokenOfATest_0123456789abcdef"
ACCOUNT = BotAccount(700100200, f"700100200:{SECRET}", "sample_bot", "Sample")
SETTING = "CUSTOMER_BOT_TOKEN"
QUICK = Backoff(first_s=0.01, cap_s=0.03)
PATIENCE = Patience(
    long_poll_s=1,
    margin_s=60,
    handle_s=600.0,
    hold_s=600.0,
    tell_after_s=600.0,
    fetching=QUICK,
    retrying=QUICK,
    repoll_s=(0.01, 0.05),
)

Work = Callable[[Update], Awaitable[None]]


class Passed:
    """A clock for `Patience.passed_s` that only goes on when it is told to."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


class Inbox:
    """Parked updates; fails as often as told."""

    def __init__(self) -> None:
        self.parked: dict[int, tuple[int, str, str]] = {}
        self.failures = 0
        self.asked = 0

    async def park(self, bot_id: int, update_id: int, payload: str, error: str) -> None:
        self.asked += 1
        if self.failures > 0:
            self.failures -= 1
            raise ConnectionError("the database is away")
        self.parked[update_id] = (bot_id, payload, error)


@dataclass
class Rig:
    sim: Simulator
    bot: Bot
    inbox: Inbox = field(default_factory=Inbox)
    entered: list[str] = field(default_factory=list)
    handled: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    work: Work | None = None

    async def handle(self, update: Update) -> None:
        """Note the text, do the test's `work`, and note that it ended well."""
        text = update.message.text if update.message and update.message.text else str(update.update_id)
        self.entered.append(text)
        if self.work is not None:
            await self.work(update)
        self.handled.append(text)
        self.ids.append(update.update_id)

    def poller(self, **other: Any) -> Poller:
        times = {name: other.pop(name) for name in list(other) if name in Patience.__dataclass_fields__}
        given: dict[str, Any] = {
            "token_setting": SETTING,
            "allowed_updates": ["message", "callback_query"],
            "patience": replace(PATIENCE, **times),
            "drain_s": 600.0,
        }
        return Poller(self.bot, self.handle, self.inbox, **(given | other))

    @asynccontextmanager
    async def running(self, **other: Any) -> AsyncIterator[Poller]:
        """A poller that runs meanwhile and is stopped properly."""
        poller = self.poller(**other)
        task = asyncio.create_task(poller.run())
        try:
            yield poller
        finally:
            poller.request_stop()
            await task

    def say(self, person: int, text: str) -> int:
        """A person writes; the update's id."""
        return self.sim.world.send_text(person, ACCOUNT, text).update_id

    def pending(self) -> list[int]:
        return [update.id for update in self.sim.world.pending_updates(ACCOUNT)]

    def polls(self) -> int:
        return len(self.sim.world.journal.calls("getUpdates"))

    async def confirmed(self) -> None:
        await self.sim.world.wait_confirmed(ACCOUNT)


@asynccontextmanager
async def new_rig(people: int = 30) -> AsyncIterator[Rig]:
    persons = [Person(number, f"Sample {number}") for number in range(1, people + 1)]
    async with Simulator([ACCOUNT], persons) as sim:
        bot = build_bot(ACCOUNT.token, api_url=sim.url, backoff=QUICK)
        try:
            yield Rig(sim, bot)
        finally:
            await bot.session.close()


def events(logs: list[structlog.typing.EventDict], level: str | None = None) -> list[str]:
    return [one["event"] for one in logs if level is None or one["log_level"] == level]
