"""What falls due over very many lots: finding whom to remind, and writing off what expired, beside bare SQL.

The floor writes the same rows by the least SQL that does it, all at once and without a look at anybody's sale; the
product does it as its periodic tasks do. Each works on a copy of one database, with all its checks and indexes.
"""

import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.lots import APART, DATES, at, give_lots, people_of
from bench.machine import moment, resident_mb
from bench.postgres import Server, database_of
from bench.report import Result, verdict
from bench.sample import settle_down
from bench.shop import StillClock, opened
from bench.sizes import Size
from bench.stats import spaced
from bot.database import migrate_database
from core.domain.reminders import window_end
from core.store import places, reminders
from core.store.sql import fetch, is_postgres
from core.store.transactions import run_in_transaction

AIM = 2.0
FLAT_MB = 64
AHEAD_DAYS = 7

Copies = Callable[[], AbstractAsyncContextManager[str]]


@dataclass(frozen=True)
class Times:
    """Seconds, how many were found, and megabytes by which the process grew."""

    found_s: float
    found: int
    swept_s: float
    swept: int
    grown: float


async def run(server: Server, folder: Path, size: Size) -> Result:
    """Both databases."""
    clock = StillClock(moment().replace(hour=9, minute=0))
    file = folder / "sweep.db"
    await migrate_database(f"sqlite:///{file}")
    await give_lots(f"sqlite:///{file}", size.lots, clock)

    @asynccontextmanager
    async def of_file() -> AsyncIterator[str]:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            yield f"sqlite:///{shutil.copy(file, place)}"

    rows = [_row("SQLite", await _floor(of_file, clock), await _product(of_file, clock))]
    async with server.fresh() as url:
        await server.loading(True)
        await give_lots(url, size.lots, clock)
        await settle_down(url)
        await server.loading(False)

        def of_server() -> AbstractAsyncContextManager[str]:
            return server.fresh(template=database_of(url))

        rows.append(_row("PostgreSQL", await _floor(of_server, clock), await _product(of_server, clock)))
    return Result(
        [
            f"{spaced(size.lots)} lots",
            f"finding whose points expire in {AHEAD_DAYS} days; bare SQL",
            "ratio",
            "writing off all that expired; bare SQL",
            "ratio",
            "the process grew",
        ],
        rows,
        after=[
            f"Each once. The lots belong to {spaced(people_of(size.lots))} customers and expire on {DATES} dates."
        ],
    )


def _row(name: str, floor: Times, ours: Times) -> list[str]:
    if (floor.found, floor.swept) != (ours.found, ours.swept):
        raise RuntimeError(f"not the same work: {floor} and {ours}")
    return [
        name,
        f"{ours.found_s:.2f} s ({spaced(ours.found)} customers); {floor.found_s:.2f} s",
        verdict(ours.found_s / floor.found_s, AIM, at_least=False),
        f"{ours.swept_s:.1f} s; {floor.swept_s:.1f} s",
        verdict(ours.swept_s / floor.swept_s, AIM, at_least=False),
        f"{ours.grown:.0f} MB: {'flat' if ours.grown <= FLAT_MB else 'not flat'}",
    ]


async def _product(copies: Copies, clock: StillClock) -> Times:
    async with copies() as url, opened(url, clock) as shop:
        (place,) = await places.all_places()
        now = clock.now()
        before = resident_mb(os.getpid())
        end = window_end(now, AHEAD_DAYS, place.time_zone)
        look = await _timed(lambda: reminders.find_expiring(place, now, days=AHEAD_DAYS, end=end))
        people = await _count("reminder_due")
        sweep = await _timed(lambda: shop.core.expiries.sweep_at(_over(now)), alone=True)
        grown = resident_mb(os.getpid()) - before
        return Times(look, people, sweep, await _count("lot_draw"), grown)


async def _floor(copies: Copies, clock: StillClock) -> Times:
    async with copies() as url, opened(url, clock):
        (place,) = await places.all_places()
        now = clock.now()
        end = window_end(now, AHEAD_DAYS, place.time_zone)
        look = await _timed(lambda: _bare_look(now, end))
        people = await _count("reminder_due")
        sweep = await _timed(lambda: _bare_sweep(_over(now)))
        return Times(look, people, sweep, await _count("lot_draw"), 0)


def _over(now: datetime) -> datetime:
    return now + DATES * APART


async def _timed(work: Callable[[], Awaitable[object]], *, alone: bool = False) -> float:
    """Seconds of one transaction, or of something that makes its own."""
    started = time.perf_counter()
    await (work() if alone else run_in_transaction(work))
    return time.perf_counter() - started


async def _count(table: str) -> int:
    return int((await fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def _bare_look(now: datetime, end: datetime) -> None:
    due = (
        "SELECT customer_id, sum(remaining) AS points, min(expires_at) AS first_at, max(expires_at) AS last_at "
        f"FROM lot WHERE remaining > 0 AND expires_at > {at(1)} AND expires_at <= {at(2)} GROUP BY customer_id"
    )
    await fetch(
        "INSERT INTO reminder_due (customer_id, kind, points, first_at, last_at, step, not_before, found_at) "
        f"SELECT customer_id, 'bare', points, first_at, last_at, 0, {at(1)}, {at(1)} FROM ({due}) found",
        now,
        end,
    )
    await fetch(
        "INSERT INTO reminder_mark (customer_id, kind, until, step, noted_at) "
        f"SELECT customer_id, 'bare', {at(2)}, 0, {at(1)} FROM ({due}) found",
        now,
        end,
    )


async def _bare_sweep(now: datetime) -> None:
    """Every lot is whole: what is left of it is what was granted."""
    gone = f"remaining > 0 AND expires_at <= {at(1)}"
    entries = (
        "INSERT INTO ledger_entry (customer_id, kind, points, debt_change, request_key, input_hash, created_at) "
        "SELECT customer_id, 'expiry', -granted, 0, 'expiry:' || id, '', {now} FROM {lots}"
    )
    draws = (
        "INSERT INTO lot_draw (entry_id, lot_id, points) "
        "SELECT e.id, l.id, l.granted FROM {entries} e JOIN {lots} l ON e.request_key = 'expiry:' || l.id"
    )
    if is_postgres():
        await fetch(
            f"WITH gone AS (UPDATE lot SET remaining = 0 WHERE {gone} RETURNING id, customer_id, granted), "
            f"entered AS ({entries.format(now=at(1), lots='gone')} RETURNING id, request_key) "
            f"{draws.format(entries='entered', lots='gone')}",
            now,
        )
        return
    await fetch(entries.format(now="$1", lots=f"lot WHERE {gone}"), now)
    await fetch(draws.format(entries="ledger_entry", lots="lot"))
    await fetch(f"UPDATE lot SET remaining = 0 WHERE {gone}", now)
