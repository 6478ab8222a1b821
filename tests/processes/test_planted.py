"""A hundred phones, names, codes, cards and tokens go through the product, with faults and crashes on the way.

Afterwards none of them stands in the logs (of every level), in any column of errors, in the figures, in Redis, or
in a parked update outside its payload.
"""

import asyncio
import io
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import aiohttp
import pytest
import structlog
from aiogram import Dispatcher
from aiogram.types import Update
from pydantic import SecretStr
from redis.asyncio import Redis

from bench.served import UNLIMITED
from bot.addresses import WebSettings
from bot.build import App, build_app
from bot.jobs.beats import give_beats
from bot.jobs.queue import build_queue
from bot.logs import set_up_logs
from bot.web.hooks import set_webhooks
from bot.web.serve import webhook_routes
from bot.web.server import listening
from bot.web.state import State
from core.domain.people import Role
from core.domain.schedule import Every
from core.job_kinds import JobKind, Step, Work
from core.ports import SystemClock
from core.schedule import Periodic
from core.services import Services
from core.store.sql import fetch
from simulator import Fault, Person, Simulator, World
from tests.bots.world import CASHIER, CUSTOMER_BOT, STAFF_BOT
from tests.conftest import hire
from tests.core.kit import dump, one
from tests.servers import redis_url
from tests.web.kit import HEADERS, SECRET, message, settings_for

COUNT = 20
WAIT_S = 300.0
LETTERS = "абвгдежзиклмнопрстуф"
PEOPLE = [
    Person(3000 + n, f"Плансон{LETTERS[n] * 3}", username=f"planted_{n:02}_name", phone=f"+7916{n:02}70707")
    for n in range(COUNT)
]
PHONES = [(each.phone or "")[1:] for each in PEOPLE]
CARDS = [f"42760011{n:02}334455" for n in range(COUNT)]
TOKENS = [f"PlantedToken{n:02}XyZ-_abcd" for n in range(COUNT)]
POISON = "boom"

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_kind", ["postgres"])]


@dataclass
class Installation:
    """The product by webhooks with worker and clock in this process, and the world around it."""

    app: App
    world: World
    url: str
    http: aiohttp.ClientSession

    async def settled(self) -> None:
        for bot in (CUSTOMER_BOT, STAFF_BOT):
            await self.world.wait_confirmed(bot, timeout=WAIT_S)

    async def post(self, update: object, **headers: str) -> int:
        where = f"{self.url}/telegram/customer"
        async with self.http.post(where, json=update, headers=HEADERS | headers) as answer:
            assert (await answer.read()) == b""
            return answer.status


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The product's logs at their most talkative, as a process writes them."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    handlers = logging.root.handlers[:]
    logging.root.handlers.clear()
    set_up_logs("debug")
    yield written
    logging.root.handlers[:] = handlers
    structlog.reset_defaults()


@asynccontextmanager
async def installed(simulator: Simulator, database_url: str) -> AsyncIterator[Installation]:
    settings = settings_for(simulator, database_url, redis_url=SecretStr(redis_url()))
    app = build_app(settings, clock=SystemClock(), pace=UNLIMITED)
    app.core.deps.links.customer_bot, app.core.deps.links.staff_bot = CUSTOMER_BOT.username, STAFF_BOT.username
    await app.core.programmes.change({"code_length": 8})
    _break(app.core)
    state, clock, midnight = State(named=True), build_queue(redis_url()), asyncio.Event()
    address = WebSettings("127.0.0.1", 0, None, "", SECRET)
    try:
        async with (
            listening(webhook_routes(app, address, state), "127.0.0.1", 0, state) as (host, port),
            aiohttp.ClientSession() as http,
            asyncio.TaskGroup() as tasks,
        ):
            url = f"http://{host}:{port}"
            await set_webhooks(app.bots, replace(address, public_url=url))
            everything = (app.relay.run(), app.timekeeper.run(), app.bell.send(), app.bell.listen())
            for work in (*everything, give_beats(clock, midnight)):
                tasks.create_task(work)
            try:
                yield Installation(app, simulator.world, url, http)
            finally:
                for bot in app.bots.values():
                    await bot.delete_webhook()
                app.relay.request_stop()
                app.timekeeper.request_stop()
                app.bell.request_stop()
                midnight.set()
    finally:
        await clock.shutdown()
        await app.close()


def _break(core: Services) -> None:
    """A kind of job and a periodic task that quote people when they fail."""

    async def fail(work: Work) -> Step:
        raise ValueError(f"no {PHONES[0]} {PEOPLE[0].first_name}")

    async def fail_too(_: object) -> None:
        raise KeyError(f"{CARDS[1]} {TOKENS[1]} {PEOPLE[1].first_name}")

    core.jobs.register(JobKind("planted", fail))
    core.schedule.register(Periodic("planted", Every(1), fail_too))


@pytest.fixture
def broken_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handlers break on certain texts, with errors that quote them; one is the database's own."""
    feed = Dispatcher.feed_update

    async def fragile(self: Dispatcher, bot: object, update: Update) -> object:
        text = (update.message.text if update.message else None) or ""
        if not text.startswith(POISON):
            return await feed(self, bot, update)  # type: ignore[arg-type]
        kind = update.update_id % 4
        if kind == 0:
            await fetch("INSERT INTO shown_code (customer_id, code, expires_at) SELECT id, '123456', "
                        "created_at FROM customer LIMIT 2")  # fmt: skip
        if kind == 1:
            await fetch("UPDATE customer SET phone = $1", PHONES[3])
        raise (ValueError, KeyError)[kind % 2](text)

    monkeypatch.setattr(Dispatcher, "feed_update", fragile)


async def test_nothing_of_people_stands_where_it_should_not(
    core: Services, database_url: str, logs: io.StringIO, broken_handlers: None
) -> None:
    await hire(core, CASHIER.id, Role.CASHIER)
    async with (
        Simulator([CUSTOMER_BOT, STAFF_BOT], [CASHIER, *PEOPLE]) as simulator,
        Redis.from_url(redis_url()) as redis,
        listening_in(redis) as heard,
        installed(simulator, database_url) as there,
    ):
        await live(there)
        secrets = planted(there.world)
        async with there.http.get(f"{there.url}/metrics") as answer:
            figures = await answer.text()
        kept = await all_of(redis)
    said = logs.getvalue()
    whole = json.dumps(await dump(), ensure_ascii=False)
    assert sum(secret in whole for secret in secrets) > 3 * COUNT  # they did go through
    assert await one("SELECT count(*) FROM parked_update") > COUNT
    for event in ("update_parked", "update_failed", "job_failed", "tick_failed", "sms_not_sent"):
        assert event in said, event
    assert b"kopilka:jobs" in kept
    for name, text in {
        "logs": said,
        "figures": figures,
        "redis": kept.decode(errors="replace"),
        "heard by redis": heard.decode(errors="replace"),
        "errors": await errors(),
    }.items():
        found = [secret for secret in secrets if secret in text]
        assert found == [], f"{name}: {[line for line in text.splitlines() if any(s in line for s in found)][:3]}"


async def live(there: Installation) -> None:
    """Everybody does what people do, and what can go wrong does."""
    world = there.world
    await there.app.core.jobs.start("planted", {}, key="planted")
    await there.app.timekeeper.kick()
    for person in PEOPLE:
        world.start(person, CUSTOMER_BOT, TOKENS[person.id - 3000])
    world.start(CASHIER, STAFF_BOT, f"join_{TOKENS[0]}")
    await there.settled()
    for number, person in enumerate(PEOPLE):
        if number % 4 == 0:
            world.send_contact(person, CUSTOMER_BOT)
        else:
            world.send_text(person, CUSTOMER_BOT, f"8{PHONES[number][1:]}")
        if number == COUNT // 2:
            for kind in ("500", "garbage", "reject", "reset_after", "no_money"):
                world.faults.add(Fault(where="sms", method="sms/send", kind=kind, times=1))
            for kind in ("403", "400", "garbage", "500"):
                world.faults.add(Fault(where="bot", method="sendMessage", kind=kind, times=2))
    await there.settled()
    async with asyncio.timeout(WAIT_S):
        while await one("SELECT count(*) FROM message WHERE channel = 'sms' AND state = 'sent'") < COUNT // 2:
            await asyncio.sleep(0.1)
    await answer_codes(there)
    await at_the_till(there)
    await crash(there)
    await there.settled()
    async with asyncio.timeout(WAIT_S):
        while not await one("SELECT count(*) FROM tick WHERE name = 'planted' AND error IS NOT NULL"):
            await asyncio.sleep(0.1)


async def answer_codes(there: Installation) -> None:
    """Codes are entered, wrong and right, then names are told."""
    for number, person in enumerate(PEOPLE):
        for code in codes_of(there.world, number):
            there.world.send_text(person, CUSTOMER_BOT, "12345678")
            there.world.send_text(person, CUSTOMER_BOT, code)
    await there.settled()
    for person in PEOPLE:
        for said in there.world.from_bot(person, CUSTOMER_BOT)[-3:]:
            if said.inline_button("✅ Согласен"):
                there.world.press(person, CUSTOMER_BOT, said.id, "✅ Согласен")
    await there.settled()
    for person in PEOPLE:
        there.world.send_text(person, CUSTOMER_BOT, person.first_name)
    await there.settled()


async def at_the_till(there: Installation) -> None:
    """The cashier looks for phones and cards, names and invitations, known and unknown ones."""
    for number, person in enumerate(PEOPLE):
        for text in (PHONES[number], f"{PHONES[number][1:]} 500", CARDS[number], f"{CARDS[number]} 700"):
            there.world.send_text(CASHIER, STAFF_BOT, text)
        there.world.send_text(CASHIER, STAFF_BOT, person.first_name)
        there.world.start(CASHIER, STAFF_BOT, f"reg_{TOKENS[number]}")
    await there.settled()


async def crash(there: Installation) -> None:
    """Handlers break, strangers post, updates can't be read."""
    for number, person in enumerate(PEOPLE):
        words = " ".join((POISON, PHONES[number], person.first_name, CARDS[number], TOKENS[number]))
        there.world.send_text(person, CUSTOMER_BOT, words)
        update = {"update_id": 800_000 + number, "message": {"message_id": "x", "text": words}}
        assert await there.post(update) == 200
        refused = {"X-Telegram-Bot-Api-Secret-Token": TOKENS[number]}
        assert await there.post(message(1, words), **refused) == 403
        async with there.http.get(f"{there.url}/{TOKENS[number]}?phone={PHONES[number]}") as answer:
            assert answer.status == 404


def codes_of(world: World, number: int) -> list[str]:
    """The codes that a person got by SMS."""
    return [code for sms in world.sms(f"+{PHONES[number]}") for code in re.findall(r"\b\d{8}\b", sms.text)]


def planted(world: World) -> list[str]:
    """What must not be found: phones however they are written, names, codes, cards, tokens."""
    codes = [code for number in range(COUNT) for code in codes_of(world, number)]
    assert len(codes) >= COUNT // 2
    phones = [
        form for p in PHONES for form in (p[1:], f"{p[1:4]}) {p[4:7]}-{p[7:9]}", f"{p[4:7]}-{p[7:9]}-{p[9:]}")
    ]
    names = [name for each in PEOPLE for name in (each.first_name, each.username or "")]
    bots = [bot.token.partition(":")[2] for bot in (CUSTOMER_BOT, STAFF_BOT)]
    return [*phones, *names, *codes, *CARDS, *TOKENS, *bots, SECRET]


async def errors() -> str:
    """What the database keeps of errors and reasons, and parked updates without their payloads."""
    rows = await fetch("SELECT id, bot_id, update_id, error, created_at FROM parked_update")
    rows += await fetch("SELECT error, cursor, result FROM job")
    rows += await fetch("SELECT name, error, lease_owner FROM tick")
    rows += await fetch("SELECT reason, provider_id, leased_by FROM message")
    rows += await fetch("SELECT * FROM lease")
    return "\n".join(json.dumps(row, default=str, ensure_ascii=False) for row in rows)


async def all_of(redis: Redis) -> bytes:
    """Every key of Redis with what it holds."""
    kept = b""
    async for key in redis.scan_iter():
        kept += key + b" " + (await redis.dump(key) or b"") + b"\n"
        if await redis.type(key) == b"stream":
            kept += repr(await redis.xrange(key)).encode() + b"\n"
    return kept


@asynccontextmanager
async def listening_in(redis: Redis) -> AsyncIterator[bytearray]:
    """All that is said to Redis meanwhile, published news too."""
    await redis.flushdb()
    heard = bytearray()
    stopping = asyncio.Event()

    async def listen() -> None:
        async with redis.monitor() as monitor:
            while not stopping.is_set():
                heard.extend(f"{(await monitor.next_command())['command']}\n".encode())

    listening = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        stopping.set()
        await redis.ping()  # one more command to hear
        async with asyncio.timeout(WAIT_S):
            await listening
