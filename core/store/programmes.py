"""Programme versions: what is in force, what priced a purchase, and writing a new one."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from core.domain.programme import Programme, from_json
from core.store.sql import decoded, fetch, is_postgres, moment

NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class InForce:
    """A branch's programme and the versions that it is made of; whether any promotion is switched on."""

    programme: Programme
    version_id: int
    branch_version_id: int | None = None
    has_promotions: bool = False


async def in_force(branch_id: int | None = None, *, until: int = NEWEST) -> InForce:
    """The newest settings: the merchant's, and what the branch overrides. One statement.

    With ``until`` as they were when that version was the newest one.
    """
    rows = await fetch(
        "SELECT id, branch_id, settings, EXISTS (SELECT 1 FROM promotion WHERE is_on) AS has_promotions "
        "FROM programme_version WHERE id IN ("
        "(SELECT max(id) FROM programme_version WHERE branch_id IS NULL AND id <= $2), "
        "(SELECT max(id) FROM programme_version WHERE branch_id = $1 AND id <= $2))",
        branch_id,
        until,
    )
    merchant = next(row for row in rows if row["branch_id"] is None)
    branch = next((row for row in rows if row["branch_id"] is not None), None)
    programme = programme_of(merchant["settings"], branch["settings"] if branch else None)
    has_promotions = bool(merchant["has_promotions"])
    return InForce(programme, merchant["id"], branch["id"] if branch else None, has_promotions)


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


async def branch_settings(branch_id: int, *, until: int = NEWEST) -> dict[str, Any]:
    """What the branch overrides now, or did when version ``until`` was the newest one."""
    rows = await fetch(
        "SELECT settings FROM programme_version WHERE branch_id = $1 AND id <= $2 ORDER BY id DESC LIMIT 1",
        branch_id,
        until,
    )
    return dict(decoded(rows[0]["settings"])) if rows else {}


async def overrides() -> dict[int, dict[str, Any]]:
    """What each branch overrides now, by branch; branches that never did are left out."""
    rows = await fetch(
        "SELECT branch_id, settings FROM programme_version WHERE id IN "
        "(SELECT max(id) FROM programme_version WHERE branch_id IS NOT NULL GROUP BY branch_id)"
    )
    return {row["branch_id"]: decoded(row["settings"]) for row in rows}


async def newest_version() -> int:
    """The number of the last change anywhere."""
    rows = await fetch("SELECT max(id) AS id FROM programme_version")
    return int(rows[0]["id"])


async def history(branch_id: int | None, offset: int, limit: int) -> list[dict[str, Any]]:
    """Versions with the one before each, newest first: the merchant's and a branch's, or everybody's."""
    rows = await fetch(
        "SELECT v.id, v.branch_id, b.name AS branch_name, s.name AS author, v.created_at, v.settings, "
        "(SELECT p.settings FROM programme_version p WHERE p.id < v.id "
        "AND COALESCE(p.branch_id, 0) = COALESCE(v.branch_id, 0) ORDER BY p.id DESC LIMIT 1) AS before "
        "FROM programme_version v LEFT JOIN branch b ON b.id = v.branch_id "
        "LEFT JOIN staff_member s ON s.id = v.author_id "
        "WHERE $1 = 0 OR v.branch_id IS NULL OR v.branch_id = $1 ORDER BY v.id DESC LIMIT $2 OFFSET $3",
        branch_id or 0,
        limit,
        offset,
    )
    for row in rows:
        row["created_at"] = moment(row["created_at"])
        row["settings"] = decoded(row["settings"])
        row["before"] = None if row["before"] is None else decoded(row["before"])
    return rows


async def history_size(branch_id: int | None) -> int:
    rows = await fetch(
        "SELECT count(*) AS n FROM programme_version WHERE $1 = 0 OR branch_id IS NULL OR branch_id = $1",
        branch_id or 0,
    )
    return int(rows[0]["n"])


async def a_card_is_active() -> bool:
    """Whether any customer was ever activated: by a card that was given out, or by a verified phone."""
    rows = await fetch(
        "SELECT 1 AS one WHERE EXISTS(SELECT 1 FROM card WHERE customer_id IS NOT NULL) "
        "OR EXISTS(SELECT 1 FROM customer WHERE phone_verified_at IS NOT NULL)"
    )
    return bool(rows)
