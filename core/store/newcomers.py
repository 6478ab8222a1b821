"""Customers from files: who is known, and new ones many at a time. Their phones are proved by nobody yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.domain.people import name_key, name_tail_key
from core.store.sql import fetch, placeholders


@dataclass(frozen=True, slots=True)
class Known:
    """A customer whose phone is known, with what is filled in."""

    id: int
    has_name: bool
    has_birthday: bool
    has_card: bool


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A customer to be made."""

    phone: str
    name: str | None
    birthday: date | None
    language: str
    promo_code: str


async def by_phones(phones: Sequence[str]) -> dict[str, Known]:
    """Customers by phone; the phone of one who was merged is the kept one's."""
    if not phones:
        return {}
    keys = ", ".join(f"${1 + index}" for index in range(len(phones)))
    rows = await fetch(
        "SELECT p.phone, c.id, c.name, c.birthday, EXISTS(SELECT 1 FROM card k WHERE k.customer_id = c.id "
        "AND k.status = 'bound') AS has_card FROM customer p JOIN customer c "
        f"ON c.id = COALESCE(p.merged_into_id, p.id) WHERE p.phone IN ({keys})",
        *phones,
    )
    return {
        row["phone"]: Known(row["id"], row["name"] is not None, row["birthday"] is not None, bool(row["has_card"]))
        for row in rows
    }


async def taken_codes(codes: Sequence[str]) -> set[str]:
    """Which of these promo codes somebody has."""
    if not codes:
        return set()
    keys = ", ".join(f"${1 + index}" for index in range(len(codes)))
    return {
        row["promo_code"]
        for row in await fetch(f"SELECT promo_code FROM customer WHERE promo_code IN ({keys})", *codes)
    }


async def add(people: Sequence[Newcomer], branch_id: int, author_id: int, now: datetime) -> dict[str, int]:
    """Make customers in one statement; their ids by phone. Somebody who came meanwhile is left out."""
    if not people:
        return {}
    values: list[Any] = []
    for each in people:
        values += [each.phone, each.name, name_key(each.name), name_tail_key(each.name), each.birthday]
        values += [each.language, each.promo_code, branch_id, author_id, now]
    groups = placeholders(len(people), 10).replace("), (", ", 'active', 0, 0, 0, 0), (")[:-1]
    rows = await fetch(
        "INSERT INTO customer (phone, name, name_key, name_tail_key, birthday, language, promo_code, branch_id, "
        "registered_by_id, created_at, status, debt, purchases, sold, paid) "
        f"VALUES {groups}, 'active', 0, 0, 0, 0) "
        "ON CONFLICT (phone) DO NOTHING RETURNING id, phone",
        *values,
    )
    return {row["phone"]: row["id"] for row in rows}


async def bind(cards: Sequence[tuple[str, int]], now: datetime) -> set[str]:
    """Give cards that nobody has to customers, by (number, whose); returns the numbers that were given."""
    if not cards:
        return set()
    values = [value for number, customer_id in cards for value in (number, customer_id, now)]
    groups = placeholders(len(cards), 3).replace("), (", ", 'bound'), (")[:-1]
    rows = await fetch(
        f"INSERT INTO card (number, customer_id, created_at, status) VALUES {groups}, 'bound') "
        "ON CONFLICT (number) DO UPDATE SET status = 'bound', customer_id = excluded.customer_id "
        "WHERE card.status = 'issued' RETURNING number",
        *values,
    )
    numbers = [row["number"] for row in rows]
    if numbers:
        keys = placeholders(1, len(numbers), first=2)
        await fetch(f"UPDATE card SET bound_at = $1 WHERE number IN {keys}", now, *numbers)
    return set(numbers)
