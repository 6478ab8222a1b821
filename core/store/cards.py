"""Cards as rows: whose they are, binding and blocking them."""

from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one


async def by_number(number: str, *, locked: bool = False) -> dict[str, Any] | None:
    """A card and whose it is."""
    for_update = " FOR UPDATE" if locked else ""
    return await fetch_one(
        f"SELECT id, number, status, customer_id FROM card WHERE number = $1{for_update}", number
    )


async def number_of(customer_id: int) -> str | None:
    """The newest bound card."""
    found = await fetch_one(
        "SELECT number FROM card WHERE customer_id = $1 AND status = 'bound' ORDER BY id DESC LIMIT 1",
        customer_id,
    )
    return found["number"] if found else None


async def bind(number: str, customer_id: int, now: datetime) -> bool:
    """Give a card to a customer; one that was issued to no one is taken over.

    False when somebody else's card has this number, or it was blocked: nothing is changed then.
    """
    rows = await fetch(
        "INSERT INTO card (number, status, customer_id, created_at, bound_at) VALUES ($1, 'bound', $2, $3, $3) "
        "ON CONFLICT (number) DO UPDATE SET status = 'bound', customer_id = excluded.customer_id, "
        "bound_at = excluded.bound_at "
        "WHERE card.status = 'issued' OR (card.status = 'bound' AND card.customer_id = excluded.customer_id) "
        "RETURNING id",
        number,
        customer_id,
        now,
    )
    return bool(rows)


async def block(customer_id: int, *, keep: str, now: datetime) -> list[str]:
    """Block all bound cards of a customer but one; their numbers."""
    rows = await fetch(
        "UPDATE card SET status = 'blocked', blocked_at = $3 "
        "WHERE customer_id = $1 AND number <> $2 AND status = 'bound' RETURNING number",
        customer_id,
        keep,
        now,
    )
    return sorted(row["number"] for row in rows)
