"""Cards as a list of their own: loaded in bulk, counted, looked up, blocked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, moment, moment_or_none, placeholders


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card with its holder, the last one when it is blocked. Moments in UTC.

    ``beside``: numbers of the holder's other cards that work, where one card is looked at.
    """

    id: int
    number: str
    status: str
    customer_id: int | None
    customer_name: str | None
    customer_phone: str | None
    created_at: datetime
    bound_at: datetime | None
    blocked_at: datetime | None
    beside: tuple[str, ...] = ()


_SELECT = (
    "SELECT k.id, k.number, k.status, k.customer_id, k.created_at, k.bound_at, k.blocked_at, "
    "c.name AS customer_name, c.phone AS customer_phone FROM card k LEFT JOIN customer c ON c.id = k.customer_id"
)


def _row(found: dict[str, Any]) -> CardRow:
    moments = {name: moment_or_none(found[name]) for name in ("bound_at", "blocked_at")}
    return CardRow(**(found | moments | {"created_at": moment(found["created_at"])}))


async def get(card_id: int, *, locked: bool = False) -> CardRow | None:
    found = await fetch_one(f"{_SELECT} WHERE k.id = $1{' FOR UPDATE OF k' if locked else ''}", card_id)
    return _row(found) if found else None


async def by_number(number: str) -> CardRow | None:
    found = await fetch_one(f"{_SELECT} WHERE k.number = $1", number)
    return _row(found) if found else None


async def counts() -> dict[str, int]:
    """How many cards there are by status."""
    rows = await fetch("SELECT status, count(*) AS n FROM card GROUP BY status")
    return {row["status"]: int(row["n"]) for row in rows}


async def page(status: str, after: int | None, limit: int, *, backwards: bool = False) -> list[CardRow]:
    """Cards of a status by number, after the one with this id; before it when backwards."""
    way, sign = ("DESC", "<") if backwards else ("ASC", ">")
    start = await fetch_one("SELECT number FROM card WHERE id = $1", after) if after is not None else None
    beyond = "" if start is None else f"AND k.number {sign} $3"
    rows = await fetch(
        f"{_SELECT} WHERE k.status = $1 {beyond} ORDER BY k.number {way} LIMIT $2",
        *(status, limit, *([start["number"]] if start else [])),
    )
    found = [_row(row) for row in rows]
    return found[::-1] if backwards else found


async def beginning(digits: str, limit: int) -> list[CardRow]:
    """Cards of any status whose number begins so."""
    rows = await fetch(
        f"{_SELECT} WHERE k.number >= $1 AND k.number <= $2 ORDER BY k.number LIMIT $3",
        digits,
        digits + "9" * (20 - len(digits)),
        limit,
    )
    return [_row(row) for row in rows]


async def add(numbers: Sequence[str], now: datetime) -> list[str]:
    """Put numbers into the pool in one statement; returns those that were not known."""
    if not numbers:
        return []
    values = [value for number in numbers for value in (number, now)]
    groups = placeholders(len(numbers), 2).replace("), (", ", 'issued'), (")[:-1] + ", 'issued')"
    rows = await fetch(
        f"INSERT INTO card (number, created_at, status) VALUES {groups} ON CONFLICT (number) DO NOTHING "
        "RETURNING number",
        *values,
    )
    return [row["number"] for row in rows]


async def known(numbers: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    """(status, whose) of those numbers that there are."""
    if not numbers:
        return {}
    keys = ", ".join(f"${1 + index}" for index in range(len(numbers)))
    rows = await fetch(f"SELECT number, status, customer_id FROM card WHERE number IN ({keys})", *numbers)
    return {row["number"]: (row["status"], row["customer_id"]) for row in rows}


async def of_customer(customer_id: int) -> list[CardRow]:
    """All cards that are or were a customer's, the newest first."""
    return [
        _row(row) for row in await fetch(f"{_SELECT} WHERE k.customer_id = $1 ORDER BY k.id DESC", customer_id)
    ]


async def put(card_id: int, status: str, blocked_at: datetime | None) -> None:
    """A card's new status; whose it is stays."""
    await fetch("UPDATE card SET status = $2, blocked_at = $3 WHERE id = $1", card_id, status, blocked_at)
