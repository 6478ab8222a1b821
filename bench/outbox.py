"""A campaign of very many: how long choosing and queueing them takes, and how soon a code leaves beside it.

The whole campaign is put into the outbox at once, which the product never does (it feeds a thousand at a time), so
that the code overtakes the longest queue there can be. The far side is a stub that answers at once; the bot keeps
Telegram's pace. The clock stands at noon, when campaigns may be sent.
"""

import asyncio
import os
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.machine import moment, resident_mb
from bench.postgres import Server
from bench.report import Result
from bench.shop import StillClock, found, opened
from bench.sizes import Size
from bench.stats import median, ms, spaced
from bench.telegram import StubApi
from bot.build import TEMPLATES
from bot.database import migrate_database
from bot.relay import Relay
from bot.telegram import Pace, build_bot
from core.actors import StaffActor, Visitor
from core.domain.people import Role
from core.services import Services
from core.store import campaigns, outbox, recipients
from core.store.segments import Ways
from core.store.sql import fetch, is_postgres
from core.store.transactions import run_in_transaction
from handlers.rendering import Renderer
from sms.console import ConsoleGateway

QUEUE_AIM_S, OVERTAKE_AIM_S = 5.0, 2.0
FLAT_MB = 64
TOKEN = "100:bench"
FIRST, WAITING = 1_000_000, 9_000_000
"""Ids and chats of the recipients, and of those who wait for a code."""


@dataclass(frozen=True)
class Times:
    """Seconds, and megabytes by which the process grew."""

    chosen: float
    bare: float
    queued: float
    alone: list[float]
    beside: list[float]
    grown: float


async def run(server: Server, folder: Path, size: Size) -> Result:
    """Both databases."""
    file = f"sqlite:///{folder / 'outbox.db'}"
    await migrate_database(file)
    await found(file)
    rows = [_row("SQLite", await _measure(file, size))]
    async with server.fresh() as url:
        await found(url)
        rows.append(_row("PostgreSQL", await _measure(url, size)))
    return Result(
        [
            f"a campaign to {spaced(size.recipients)}",
            "recipients queued; a bare INSERT … SELECT",
            "all messages written at once",
            "a code beside it: median, longest",
            "a code alone",
            "the process grew",
        ],
        rows,
        after=[f"{size.codes} codes, one after another, each from its commit to its arrival."],
    )


def _row(name: str, it: Times) -> list[str]:
    reached = "reached" if it.chosen <= QUEUE_AIM_S else "missed"
    overtook = "reached" if max(it.beside) <= OVERTAKE_AIM_S else "missed"
    flat = "flat" if it.grown <= FLAT_MB else "not flat"
    return [
        name,
        f"**{it.chosen:.2f} s** (≤ {QUEUE_AIM_S:.0f}: {reached}); {it.bare:.2f} s",
        f"{it.queued:.2f} s (no aim)",
        f"{ms(median(it.beside))}, **{ms(max(it.beside))}** (≤ {OVERTAKE_AIM_S:.0f} s: {overtook})",
        f"{ms(median(it.alone))}, {ms(max(it.alone))}",
        f"{it.grown:.0f} MB: {flat}",
    ]


async def _measure(url: str, size: Size) -> Times:
    clock = StillClock(moment().replace(hour=9, minute=0))
    async with opened(url, clock) as shop, StubApi().running() as stub:
        core = shop.core
        await _settle(size.recipients, clock)
        owner = await _owner(core)
        first, second = await _draft(core, owner, "floor"), await _draft(core, owner, "whole")
        bare = await _timed(lambda: run_in_transaction(lambda: _bare(first)))
        before = resident_mb(os.getpid())
        await core.campaigns.launch(owner, second)
        chosen = await _timed(lambda: _choose(core))
        bot = build_bot(TOKEN, api_url=stub.url, pace=Pace())
        relay = Relay(core, Renderer(TEMPLATES, clock=clock), {"customer": bot}, ConsoleGateway())
        sending = asyncio.create_task(relay.run())
        try:
            await _code(relay, stub, clock, "warm")
            alone = [await _code(relay, stub, clock, f"alone:{number}") for number in range(size.codes)]
            queued = await _timed(lambda: run_in_transaction(lambda: _queue(second, size.recipients, clock)))
            under_way = stub.waiting[FIRST + 1] = asyncio.get_running_loop().create_future()
            await relay.kick()
            await under_way
            beside = [await _code(relay, stub, clock, f"beside:{number}") for number in range(size.codes)]
            grown = resident_mb(os.getpid()) - before
        finally:
            await relay.stop()
            await sending
            await bot.session.close()
    return Times(chosen, bare, queued, alone, beside, grown)


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def _settle(count: int, clock: StillClock) -> None:
    """Customers in the bot who agreed to offers."""
    numbers = (
        f"generate_series({FIRST + 1}, {FIRST + count}) AS s(i)"
        if is_postgres()
        else f"(WITH RECURSIVE s(i) AS (SELECT {FIRST + 1} UNION ALL SELECT i + 1 FROM s WHERE i < "
        f"{FIRST + count}) SELECT i FROM s)"
    )
    for statement in (
        "INSERT INTO customer (id, phone, name, name_key, language, status, promo_code, debt, purchases, sold, "
        "paid, created_at) SELECT i, '7900' || i, 'Sample ' || i, '', 'ru', 'active', 'S' || i, 0, 0, 0, 0, $1 "
        f"FROM {numbers}",
        "INSERT INTO telegram_identity (bot, telegram_id, customer_id, created_at) "
        f"SELECT 'customer', i, i, $1 FROM {numbers}",
        "INSERT INTO consent (customer_id, topic, channel, granted, text_version, source, created_at) "
        f"SELECT i, 'offers', 'telegram', true, '1', 'bot', $1 FROM {numbers}",
    ):
        await fetch(statement, clock.now() - timedelta(days=30))
    if is_postgres():
        await fetch("ANALYZE")


async def _owner(core: Services) -> StaffActor:
    invite = await core.staff.invite(None, Role.OWNER, None)
    return await core.staff.join(Visitor(9_000_002, "ru"), invite.link.rpartition("join_")[2], "Owner")


async def _draft(core: Services, owner: StaffActor, key: str) -> int:
    made = await core.campaigns.create(owner, key=key)
    await core.campaigns.edit(owner, made.row.id, body="Sample text for {имя}")
    return made.row.id


async def _bare(campaign_id: int) -> None:
    await fetch(
        "INSERT INTO campaign_recipient (campaign_id, customer_id, is_control) "
        "SELECT CAST($1 AS BIGINT), id, false FROM customer ORDER BY id",
        campaign_id,
    )


async def _choose(core: Services) -> None:
    """The job from its first step to its last."""
    while (job := await core.jobs.claim("bench")) is not None:
        while job is not None:
            job = await core.jobs.step(job, "bench")


async def _queue(campaign_id: int, count: int, clock: StillClock) -> None:
    row = await campaigns.get(campaign_id)
    assert row is not None
    now = clock.now()
    until = now + timedelta(days=row.result_days)
    await recipients.take(
        row, count, Ways(telegram=True, sms=False), resting=(), nobodys_rest=False, now=now, counts_until=until
    )


async def _code(relay: Relay, stub: StubApi, clock: StillClock, key: str) -> float:
    """Seconds from the commit of something that somebody waits for until it reaches the far side."""
    chat = WAITING + zlib.crc32(key.encode()) % 1_000_000
    arrived = stub.waiting[chat] = asyncio.get_running_loop().create_future()
    draft = outbox.Draft(
        topic="sms",
        channel="telegram",
        bot="customer",
        chat_id=chat,
        template="notice/sms_unknown",
        language="ru",
        dedupe_key=f"bench:{key}",
        priority=0,
        data={"purpose": "verify", "phone": "79000000001"},
    )
    await outbox.enqueue([draft], clock.now())
    started = time.perf_counter()
    await relay.kick()
    async with asyncio.timeout(60):
        await arrived
    return time.perf_counter() - started
