"""Sample customers with very many gifts that are whole and expire on different dates, on both databases."""

from datetime import timedelta

from bench.shop import StillClock, found, opened
from core.store.sql import fetch, is_postgres

LOTS_EACH = 10
DATES, APART = 50, timedelta(days=8)
"""The lots expire on so many dates, in the order in which they were given: the first today, the next in 8 days."""


def people_of(lots: int) -> int:
    """How many customers share so many lots."""
    return lots // LOTS_EACH + 1


def at(number: int) -> str:
    """A placeholder that is a moment."""
    return f"CAST(${number} AS TIMESTAMPTZ)" if is_postgres() else f"${number}"


def _numbers(first: int, last: int) -> str:
    if is_postgres():
        return f"generate_series({first}, {last}) AS s(i)"
    return (
        f"(WITH RECURSIVE s(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM s WHERE i < {last}) SELECT i FROM s)"
    )


async def give_lots(url: str, lots: int, clock: StillClock) -> None:
    """Customers with gifts that are whole, and the entries that gave them."""
    await found(url)
    async with opened(url, clock):
        people, past = people_of(lots), clock.now() - timedelta(days=30)
        await fetch(
            "INSERT INTO customer (id, phone, name, name_key, language, status, promo_code, debt, purchases, "
            "sold, paid, created_at) "
            "SELECT i, '7900' || i, 'Sample ' || i, '', 'ru', 'active', 'S' || i, 0, 0, 0, 0, "
            f"{at(1)} FROM {_numbers(1, people)}",
            past,
        )
        await fetch(
            "INSERT INTO ledger_entry (id, customer_id, kind, points, debt_change, reason, request_key, "
            "input_hash, created_at) "
            f"SELECT i, 1 + i % {people}, 'gift', 100, 0, 'welcome', 'sample:' || i, '', {at(1)} "
            f"FROM {_numbers(1, lots)}",
            past,
        )
        for number in range(DATES):
            await fetch(
                "INSERT INTO lot (id, customer_id, entry_id, granted, remaining, activates_at, expires_at, "
                f"created_at) SELECT i, 1 + i % {people}, i, 100, 100, {at(1)}, {at(2)}, {at(1)} "
                f"FROM {_numbers(number * lots // DATES + 1, (number + 1) * lots // DATES)}",
                past,
                clock.now() + timedelta(hours=3) + number * APART,
            )
        if is_postgres():
            await fetch(
                "SELECT setval(pg_get_serial_sequence('ledger_entry', 'id'), (SELECT max(id) FROM ledger_entry))"
            )
        await fetch("ANALYZE")
