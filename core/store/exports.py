"""Rows of exports, read by ids a slice at a time, and the parts of their files until they are thrown away."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, moment_or_none

# Each reads rows after $1, at most $2, in the order of ids; customers' points are those of the moment $3.
_TABLES: dict[str, str] = {
    "customers": (
        "SELECT c.id, c.phone, c.phone_verified_at, c.name, c.birthday, c.language, (SELECT k.number FROM card k "
        "WHERE k.customer_id = c.id AND k.status = 'bound' ORDER BY k.id DESC LIMIT 1) AS card, "
        "COALESCE((SELECT sum(l.remaining) FROM lot l WHERE l.customer_id = c.id AND l.remaining > 0 "
        "AND l.activates_at <= $3 AND (l.expires_at IS NULL OR l.expires_at > $3)), 0) AS points, c.debt, "
        "c.purchases, c.sold, c.paid, c.visits, c.last_purchase_at, c.level, c.importance, c.rule_discount, "
        "c.referred_by_id, c.blocked_at, c.merged_into_id, b.name AS branch, c.created_at "
        "FROM customer c LEFT JOIN branch b ON b.id = c.branch_id WHERE c.id > $1 ORDER BY c.id LIMIT $2"
    ),
    "purchases": (
        "SELECT p.id, p.customer_id, b.name AS branch, s.name AS staff_member, p.status, p.subtotal, p.discount, "
        "p.points, p.payable, COALESCE(p.paid, p.payable) AS paid, p.accrual, p.refunded, p.taken_back, "
        "p.sale_type, p.receipt_number, p.created_at, p.completed_at, p.cancelled_at FROM purchase p "
        "JOIN branch b ON b.id = p.branch_id JOIN staff_member s ON s.id = p.staff_member_id "
        "WHERE p.id > $1 ORDER BY p.id LIMIT $2"
    ),
    "operations": (
        "SELECT e.id, e.customer_id, e.kind, e.points, e.debt_change, e.purchase_id, e.reason, b.name AS branch, "
        "s.name AS staff_member, e.created_at FROM ledger_entry e LEFT JOIN branch b ON b.id = e.branch_id "
        "LEFT JOIN staff_member s ON s.id = e.author_id WHERE e.id > $1 ORDER BY e.id LIMIT $2"
    ),
    "cards": (
        "SELECT id, number, status, customer_id, created_at, bound_at, blocked_at FROM card "
        "WHERE id > $1 ORDER BY id LIMIT $2"
    ),
}
_COUNTED = {"customers": "customer", "purchases": "purchase", "operations": "ledger_entry", "cards": "card"}
TABLES = tuple(_TABLES)


async def rows(table: str, after: int, limit: int, now: datetime) -> list[dict[str, Any]]:
    """The next rows of a table; moments are aware."""
    values = (after, limit, now) if "$3" in _TABLES[table] else (after, limit)
    found = await fetch(_TABLES[table], *values)
    for row in found:
        for name in row:
            if name.endswith("_at"):
                row[name] = moment_or_none(row[name])
    return found


async def size() -> int:
    """How many rows there are to export."""
    counts = [await fetch_one(f"SELECT count(*) AS n FROM {table}") for table in _COUNTED.values()]
    return sum(int(found["n"]) for found in counts if found)


async def add_part(job_id: int, number: int, name: str, data: str, now: datetime) -> None:
    """Keep a part of a file; a step that is done twice writes it once."""
    await fetch(
        "INSERT INTO export_part (job_id, number, name, data, created_at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (job_id, number) DO UPDATE SET name = excluded.name, data = excluded.data",
        job_id,
        number,
        name,
        data,
        now,
    )


async def parts(job_id: int) -> AsyncIterator[tuple[str, str]]:
    """(name, data) of an export's parts, one at a time."""
    number = -1
    while True:
        found = await fetch_one(
            "SELECT number, name, data FROM export_part WHERE job_id = $1 AND number > $2 ORDER BY number LIMIT 1",
            job_id,
            number,
        )
        if found is None:
            return
        number = int(found["number"])
        yield found["name"], found["data"]


async def forget(before: datetime) -> None:
    """Throw away files that were made before a moment."""
    await fetch("DELETE FROM export_part WHERE created_at < $1", before)
