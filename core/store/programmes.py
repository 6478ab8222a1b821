"""Programme versions: what is in force, what priced a purchase, and writing a new one."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from core.domain.programme import Programme, from_json
from core.store.sql import decoded, fetch, is_postgres


@dataclass(frozen=True, slots=True)
class InForce:
    """A branch's programme and the versions that it is made of."""

    programme: Programme
    version_id: int
    branch_version_id: int | None = None


async def in_force(branch_id: int | None = None) -> InForce:
    """The newest settings: the merchant's, and what the branch overrides. One statement."""
    rows = await fetch(
        "SELECT id, branch_id, settings FROM programme_version WHERE id IN ("
        "(SELECT max(id) FROM programme_version WHERE branch_id IS NULL), "
        "(SELECT max(id) FROM programme_version WHERE branch_id = $1))",
        branch_id,
    )
    merchant = next(row for row in rows if row["branch_id"] is None)
    branch = next((row for row in rows if row["branch_id"] is not None), None)
    programme = programme_of(merchant["settings"], branch["settings"] if branch else None)
    return InForce(programme, merchant["id"], branch["id"] if branch else None)


def programme_of(merchant: Any, branch: Any = None) -> Programme:
    """Stored settings as a programme; the same stored text gives the same value, read once."""
    if isinstance(merchant, str) and isinstance(branch, str | None):
        return _read(merchant, branch)
    return from_json(decoded(merchant), decoded(branch) if branch else None)


@lru_cache(maxsize=256)
def _read(merchant: str, branch: str | None) -> Programme:
    return from_json(json.loads(merchant), json.loads(branch) if branch else None)


async def queue_up() -> None:
    """Let changes of the settings pass one by one, so that none is lost and a database starts once.

    SQLite's write lock already does that.
    """
    if is_postgres():
        await fetch("SELECT pg_advisory_xact_lock(hashtext('kopilka:programme'))")


async def is_started() -> bool:
    """Whether the merchant has settings at all."""
    return bool(await fetch("SELECT id FROM programme_version WHERE branch_id IS NULL LIMIT 1"))


async def add_version(
    settings: dict[str, Any], *, branch_id: int | None, author_id: int | None, now: datetime
) -> int:
    """Write a version; it is in force at once."""
    rows = await fetch(
        "INSERT INTO programme_version (branch_id, settings, author_id, created_at) "
        "VALUES ($1, $2, $3, $4) RETURNING id",
        branch_id,
        json.dumps(settings, ensure_ascii=False),
        author_id,
        now,
    )
    return int(rows[0]["id"])


async def branch_settings(branch_id: int) -> dict[str, Any]:
    """What the branch overrides now."""
    rows = await fetch(
        "SELECT settings FROM programme_version WHERE branch_id = $1 ORDER BY id DESC LIMIT 1", branch_id
    )
    return dict(decoded(rows[0]["settings"])) if rows else {}
