"""The time zones of the merchant, and whose customers they are."""

from dataclasses import dataclass

from core.store.sql import fetch


@dataclass(frozen=True, slots=True)
class Place:
    """Customers of one time zone, by their branches; who has none counts as of the first branch."""

    time_zone: str
    branches: tuple[int, ...]
    is_first: bool


async def all_places() -> list[Place]:
    """The time zones of the merchant's branches."""
    rows = await fetch("SELECT id, time_zone FROM branch ORDER BY id")
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row["time_zone"], []).append(row["id"])
    return [Place(zone, tuple(ids), ids[0] == rows[0]["id"]) for zone, ids in found.items()]
