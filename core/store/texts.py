"""The merchant's own texts: those in force, and writing another one."""

from datetime import datetime
from typing import Any

from core.store.sql import decoded, fetch, fetch_one, is_postgres, moment

Key = tuple[str, str, str]
"""Template, language, channel."""


async def newest() -> int:
    """The number of the last text that was saved; 0 before the first."""
    rows = await fetch("SELECT COALESCE(max(id), 0) AS id FROM message_text")
    return int(rows[0]["id"])


async def in_force() -> tuple[int, dict[Key, str]]:
    """All texts that stand instead of the files', and the number of the last one saved. One statement."""
    rows = await fetch(
        "SELECT id, template, language, channel, body FROM message_text WHERE id IN "
        "(SELECT max(id) FROM message_text GROUP BY template, language, channel)"
    )
    version = max((row["id"] for row in rows), default=0)
    own = {
        (row["template"], row["language"], row["channel"]): row["body"] for row in rows if row["body"] is not None
    }
    return version, own


async def body_of(template: str, language: str, channel: str) -> str | None:
    """The text in force, None for the file's."""
    row = await fetch_one(
        "SELECT body FROM message_text WHERE template = $1 AND language = $2 AND channel = $3 "
        "ORDER BY id DESC LIMIT 1",
        template,
        language,
        channel,
    )
    return row["body"] if row else None


async def queue_up() -> None:
    """Let texts be saved one by one, so that their numbers rise in the order in which they are seen.

    SQLite's write lock already does that.
    """
    if is_postgres():
        await fetch("SELECT pg_advisory_xact_lock(hashtext('kopilka:texts'))")


async def add(key: Key, body: str | None, author_id: int, now: datetime) -> int:
    """Write a text, which is in force at once; returns its number."""
    rows = await fetch(
        "INSERT INTO message_text (template, language, channel, body, author_id, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        *key,
        body,
        author_id,
        now,
    )
    return int(rows[0]["id"])


async def about(customer_id: int, now: datetime) -> dict[str, Any] | None:
    """A customer's name, level, card and points that can be spent now. One statement."""
    return await fetch_one(
        "SELECT c.name, c.level, (SELECT k.number FROM card k WHERE k.customer_id = c.id AND k.status = 'bound' "
        "ORDER BY k.id DESC LIMIT 1) AS card, "
        "(SELECT sum(l.remaining) FROM lot l WHERE l.customer_id = c.id AND l.remaining > 0 "
        "AND l.activates_at <= $2 AND (l.expires_at IS NULL OR l.expires_at > $2)) AS points "
        "FROM customer c WHERE c.id = $1",
        customer_id,
        now,
    )


async def last_customer() -> int | None:
    """The customer who bought last; before the first purchase the one who joined last."""
    bought = await fetch_one(
        "SELECT c.id FROM purchase p JOIN customer c ON c.id = p.customer_id AND c.status = 'active' "
        "WHERE p.status = 'completed' ORDER BY p.id DESC LIMIT 1"
    )
    found = bought or await fetch_one("SELECT id FROM customer WHERE status = 'active' ORDER BY id DESC LIMIT 1")
    return int(found["id"]) if found else None


async def last_purchase(customer_id: int) -> dict[str, Any]:
    """The figures of the customer's last completed purchase, and as ``told`` what its receipt said, while that is
    kept; nothing before the first."""
    row = await fetch_one(
        "SELECT p.subtotal, p.discount, p.points, p.payable, p.accrual, p.completed_at, b.name AS branch_name, "
        "b.time_zone, (SELECT m.data FROM message m WHERE m.dedupe_key = 'receipt:' || p.id LIMIT 1) AS told "
        "FROM purchase p JOIN branch b ON b.id = p.branch_id "
        "WHERE p.customer_id = $1 AND p.status = 'completed' ORDER BY p.id DESC LIMIT 1",
        customer_id,
    )
    if row is None:
        return {}
    told = decoded(row["told"]) if row["told"] is not None else {}
    return row | {"completed_at": moment(row["completed_at"]), "told": told}
