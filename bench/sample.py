"""Sample customers with a past, written by COPY: what a shop has after some months, and what `check` accepts.

Customer ``i`` was given 100 points, then bought ``purchases`` times; each purchase earned 5 % and, from the
second on, spent what the one before had earned. So there are 2 entries, about 1 lot and 1 draw a purchase,
and two open lots in the end, as with somebody who spends what they get. PostgreSQL itself makes the rows
(``COPY (SELECT … generate_series) TO``) and takes them (``COPY … FROM``); they only pass through here.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

GIFT = 100_00
FIRST_PHONE = 79_000_000_000
FIRST_CHAT = 1_000_000_000
PAST_DAYS = 90
_AHEAD = 16
_END = b""

_SUBTOTAL = "(50000 + (i * 31 + {n} * 17) % 100 * 1000)"
_EARNED = f"({_SUBTOTAL} / 2000 * 100)"
SUBTOTAL, EARNED = _SUBTOTAL.format(n="n"), _EARNED.format(n="n")
SPENT = f"(CASE WHEN n > 1 THEN {_EARNED.format(n='(n - 1)')} ELSE 0 END)"
AT = "{start} + n * {step}"
HASH = "repeat(md5(i::text || ':' || n::text), 2)"

TABLES = {
    "customer": (
        "id, phone, phone_verified_at, name, name_key, language, status, promo_code, debt, purchases, sold, paid, "
        "last_purchase_at, visits, last_visit_at, branch_id, created_at",
        "SELECT {customer} + i, (79000000000 + {customer} + i)::text, {start}, 'Sample ' || i, 'sample ' || i, "
        "'ru', 'active', 'S' || upper(to_hex({customer} + i)), 0::bigint, {p}::bigint, s.sold, s.paid, "
        "{start} + {p} * {step}, {p}::bigint, {start} + {p} * {step}, {branch}::bigint, {start} "
        "FROM generate_series(1, {c}::bigint) i, LATERAL ("
        f"SELECT sum({SUBTOTAL})::bigint AS sold, sum({SUBTOTAL} - {SPENT})::bigint AS paid "
        "FROM generate_series(1, {p}::bigint) n) s",
    ),
    "telegram_identity": (
        "id, bot, telegram_id, language, customer_id, created_at",
        "SELECT {telegram_identity} + i, 'customer', 1000000000 + {customer} + i, 'ru', {customer} + i, {start} "
        "FROM generate_series(1, {c}::bigint) i",
    ),
    "purchase": (
        "id, status, customer_id, branch_id, staff_member_id, programme_version_id, subtotal, discount, points, "
        "points_worth, points_limit, payable, accrual_base, accrual, balance_after, quoted_at, created_at, "
        "completed_at, request_key, input_hash",
        "SELECT {purchase} + (i - 1) * {p} + n, 'completed', {customer} + i, {branch}::bigint, {member}::bigint, "
        f"{{version}}::bigint, {SUBTOTAL}, 0::bigint, {SPENT}, {SPENT}, {SPENT}, {SUBTOTAL} - {SPENT}, "
        f"{SUBTOTAL}, {EARNED}, {GIFT} + {EARNED}, {AT}, {AT}, {AT}, "
        f"'sample:' || {{customer}} + i || ':' || n, {HASH} FROM {{grid}}",
    ),
    "purchase_line": (
        "id, purchase_id, number, title, amount, discount, points_worth, payable, eligible",
        "SELECT {purchase_line} + (i - 1) * {p} + n, {purchase} + (i - 1) * {p} + n, 1, '', "
        f"{SUBTOTAL}, 0::bigint, {SPENT}, {SUBTOTAL} - {SPENT}, true FROM {{grid}}",
    ),
    "ledger_entry": (
        "id, customer_id, kind, points, debt_change, purchase_id, branch_id, author_id, reason, request_key, "
        "input_hash, created_at",
        "SELECT {ledger_entry} + (i - 1) * 2 * {p} + k, {customer} + i, "
        "CASE WHEN k = 1 THEN 'gift' WHEN k % 2 = 0 THEN 'accrual' ELSE 'redemption' END, "
        f"CASE WHEN k = 1 THEN {GIFT}::bigint WHEN k % 2 = 0 THEN {EARNED} ELSE -{SPENT} END, 0::bigint, "
        "CASE WHEN k > 1 THEN {purchase} + (i - 1) * {p} + n END, {branch}::bigint, {member}::bigint, "
        "CASE WHEN k = 1 THEN 'welcome' END, 'sample-entry:' || {customer} + i || ':' || k, "
        f"{HASH}, {{start}} + n * {{step}} "
        "FROM generate_series(1, {c}::bigint) i CROSS JOIN LATERAL (SELECT k, (k + 1) / 2 AS n "
        "FROM generate_series(1, 2 * {p}::bigint) k) s",
    ),
    "lot": (
        "id, customer_id, entry_id, granted, remaining, activates_at, created_at",
        "SELECT {lot} + (i - 1) * ({p} + 1) + n + 1, {customer} + i, "
        "{ledger_entry} + (i - 1) * 2 * {p} + CASE WHEN n = 0 THEN 1 ELSE 2 * n END, "
        f"CASE WHEN n = 0 THEN {GIFT}::bigint ELSE {EARNED} END, "
        f"CASE WHEN n = 0 THEN {GIFT}::bigint WHEN n = {{p}} THEN {EARNED} ELSE 0 END, "
        "{start} + n * {step}, {start} + n * {step} "
        "FROM generate_series(1, {c}::bigint) i CROSS JOIN LATERAL generate_series(0, {p}::bigint) n",
    ),
    "lot_draw": (
        "id, entry_id, lot_id, points",
        "SELECT {lot_draw} + (i - 1) * ({p} - 1) + n - 1, {ledger_entry} + (i - 1) * 2 * {p} + 2 * n - 1, "
        f"{{lot}} + (i - 1) * ({{p}} + 1) + n, {SPENT} FROM {{grid}} WHERE n > 1",
    ),
}
# Two at a time, the long ones beside each other: as many as a small machine has cores.
_STREAMS = (("customer", "telegram_identity", "purchase", "purchase_line"), ("ledger_entry", "lot", "lot_draw"))


async def fill(url: str, customers: int, purchases: int, *, trusted: bool = False) -> range:
    """Add customers, each with so many purchases (2 or more); returns their ids.

    The database has its first branch, settings and a staff member. ``trusted`` leaves the foreign keys' triggers
    out, which the small fill has proved; constraints and indexes are always there.
    """
    names = await _bases(url)
    seconds = PAST_DAYS * 86_400 / (purchases + 1)
    names |= {
        "c": customers,
        "p": purchases,
        "step": f"interval '{seconds:.3f} seconds'",
        "start": f"(date_trunc('second', now()) - interval '{PAST_DAYS} days')",
        "grid": f"generate_series(1, {customers}::bigint) i CROSS JOIN LATERAL "
        f"generate_series(1, {purchases}::bigint) n",
    }
    if trusted:
        await asyncio.gather(*(_stream(url, tables, names, trusted) for tables in _STREAMS))
    else:
        await _stream(url, sum(_STREAMS, ()), names, trusted)
    await _number_on(url)
    first = int(names["customer"]) + 1
    return range(first, first + customers)


async def _bases(url: str) -> dict[str, Any]:
    connection = await asyncpg.connect(url)
    try:
        names: dict[str, Any] = {
            table: await connection.fetchval(f"SELECT COALESCE(max(id), 0) FROM {table}") for table in TABLES
        }
        names["branch"] = await connection.fetchval("SELECT min(id) FROM branch")
        names["member"] = await connection.fetchval("SELECT min(id) FROM staff_member")
        names["version"] = await connection.fetchval("SELECT max(id) FROM programme_version")
    finally:
        await connection.close()
    return names


async def _stream(url: str, tables: tuple[str, ...], names: dict[str, Any], trusted: bool) -> None:
    source, target = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        if trusted:
            await target.execute("SET session_replication_role = replica")
        for table in tables:
            columns, rows = TABLES[table]
            await _copy(source, target, table, columns.split(", "), rows.format(**names))
    finally:
        await source.close()
        await target.close()


async def _copy(
    source: asyncpg.Connection, target: asyncpg.Connection, table: str, columns: list[str], rows: str
) -> None:
    passing: asyncio.Queue[bytes] = asyncio.Queue(_AHEAD)

    async def taken() -> AsyncIterator[bytes]:
        while (piece := await passing.get()) != _END:
            yield piece

    async def made() -> None:
        await source.copy_from_query(rows, output=passing.put, format="binary")
        await passing.put(_END)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(made())
        tasks.create_task(target.copy_to_table(table, source=taken(), columns=columns, format="binary"))


async def _number_on(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for table in TABLES:
            await connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
    finally:
        await connection.close()


async def hoard(url: str, customer_id: int, lots: int) -> None:
    """Give a sample customer many gifts that are never spent: as many entries, and as many open lots."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "WITH given AS (INSERT INTO ledger_entry (customer_id, kind, points, debt_change, reason, "
            "request_key, input_hash, created_at) SELECT $1::bigint, 'gift', 100, 0, 'welcome', "
            "'hoard:' || $1::bigint || ':' || n, '', now() "
            "FROM generate_series(1, $2::bigint) n RETURNING id, customer_id, points, created_at) "
            "INSERT INTO lot (customer_id, entry_id, granted, remaining, activates_at, created_at) "
            "SELECT customer_id, id, points, points, created_at, created_at FROM given",
            customer_id,
            lots,
        )
    finally:
        await connection.close()


async def settle_down(url: str) -> None:
    """What autovacuum would do in time, so that plans are those of a living database."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM (ANALYZE, PARALLEL 2)")
    finally:
        await connection.close()


async def size_gb(url: str) -> float:
    """The database's size on disk."""
    connection = await asyncpg.connect(url)
    try:
        return float(await connection.fetchval("SELECT pg_database_size(current_database())")) / 2**30
    finally:
        await connection.close()
