"""Categories of customers: labels that rules give and take, or that people set by hand."""

from collections.abc import Collection, Sequence
from datetime import datetime

from core.store.sql import fetch, placeholders

Label = tuple[int, str]
"""A customer's id and a category's name."""


async def held(customer_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """What each of the customers is in: names with their source, ``rule`` or ``hand``."""
    found: dict[int, dict[str, str]] = {customer_id: {} for customer_id in customer_ids}
    if not found:
        return found
    keys = ", ".join(f"${1 + index}" for index in range(len(found)))
    rows = await fetch(
        f"SELECT customer_id, name, source FROM customer_category WHERE customer_id IN ({keys}) ORDER BY name",
        *found,
    )
    for row in rows:
        found[row["customer_id"]][row["name"]] = row["source"]
    return found


async def known() -> list[str]:
    """The names of all categories that anybody is in."""
    rows = await fetch("SELECT DISTINCT name FROM customer_category ORDER BY name")
    return [row["name"] for row in rows]


async def add(labels: Collection[Label], source: str, now: datetime) -> None:
    """Put customers into categories; who is in one stays as they are. The customers must be locked."""
    if not labels:
        return
    values = [value for customer_id, name in labels for value in (customer_id, name, source, now)]
    await fetch(
        "INSERT INTO customer_category (customer_id, name, source, created_at) "
        f"VALUES {placeholders(len(labels), 4)} ON CONFLICT (customer_id, name) DO NOTHING",
        *values,
    )


async def remove(labels: Collection[Label]) -> None:
    """Take customers out of categories. The customers must be locked."""
    if not labels:
        return
    values = [value for label in labels for value in label]
    await fetch(
        "DELETE FROM customer_category WHERE (customer_id, name) IN "
        f"(VALUES {placeholders(len(labels), 2, casts=('BIGINT', 'TEXT'))})",
        *values,
    )
