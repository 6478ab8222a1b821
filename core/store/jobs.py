"""The table of long jobs: writing, taking under a lease, noting progress and ends."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.store.sql import decoded, fetch, fetch_one, is_postgres, moment, moment_or_none

_RUNS = "state = 'running' AND lease_owner = $2"


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as it stands. See models.jobs.Job for the fields."""

    id: int
    kind: str
    input: dict[str, Any]
    author_id: int | None
    state: str
    done: int
    total: int | None
    cursor: Any
    tries: int
    result: dict[str, Any] | None
    error: str | None
    bot: str | None
    chat_id: int | None
    message_id: int | None
    told_at: datetime | None
    input_hash: str
    lease_owner: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def _row(found: dict[str, Any]) -> JobRow:
    values = {name: found[name] for name in JobRow.__slots__}
    for name in ("input", "cursor", "result"):
        values[name] = None if found[name] is None else decoded(found[name])
    for name in ("told_at", "started_at", "finished_at"):
        values[name] = moment_or_none(found[name])
    values["created_at"] = moment(found["created_at"])
    return JobRow(**values)


async def get(job_id: int) -> JobRow | None:
    found = await fetch_one("SELECT * FROM job WHERE id = $1", job_id)
    return _row(found) if found else None


async def by_key(request_key: str) -> JobRow | None:
    found = await fetch_one("SELECT * FROM job WHERE request_key = $1", request_key)
    return _row(found) if found else None


async def insert(
    kind: str,
    given: dict[str, Any],
    *,
    author_id: int | None,
    message: tuple[str, int, int] | None,
    request_key: str,
    input_hash: str,
    not_before: datetime,
    now: datetime,
) -> int | None:
    """Write a queued job; None when its key was used before. ``message`` is (bot, chat, message)."""
    bot, chat_id, message_id = message or (None, None, None)
    rows = await fetch(
        "INSERT INTO job (kind, input, author_id, state, done, tries, not_before, bot, chat_id, message_id, "
        "request_key, input_hash, created_at) VALUES ($1, $2, $3, 'queued', 0, 0, $4, $5, $6, $7, $8, $9, $10) "
        "ON CONFLICT (request_key) DO NOTHING RETURNING id",
        kind,
        json.dumps(given, ensure_ascii=False),
        author_id,
        not_before,
        bot,
        chat_id,
        message_id,
        request_key,
        input_hash,
        now,
    )
    return int(rows[0]["id"]) if rows else None


async def claim(owner: str, kinds: Sequence[str], now: datetime, lease: timedelta) -> JobRow | None:
    """Take the job that has waited longest, or one whose worker is gone; None when there is none."""
    if not kinds:
        return None
    known = ", ".join(f"${4 + index}" for index in range(len(kinds)))
    skip = "FOR UPDATE SKIP LOCKED" if is_postgres() else ""
    rows = await fetch(
        "WITH due AS MATERIALIZED (SELECT id FROM job WHERE state IN ('queued', 'running') AND not_before <= $1 "
        f"AND (lease_until IS NULL OR lease_until <= $1) AND kind IN ({known}) "
        f"ORDER BY not_before, id LIMIT 1 {skip}) "
        "UPDATE job SET state = 'running', lease_owner = $2, lease_until = $3, tries = tries + 1, "
        "started_at = COALESCE(started_at, $1) WHERE id IN (SELECT id FROM due) RETURNING *",
        now,
        owner,
        now + lease,
        *kinds,
    )
    return _row(rows[0]) if rows else None


async def is_overtaken(job_id: int, kind: str) -> bool:
    """Whether a newer job of the kind waits or runs."""
    rows = await fetch(
        "SELECT id FROM job WHERE kind = $2 AND id > $1 AND state IN ('queued', 'running') LIMIT 1", job_id, kind
    )
    return bool(rows)


async def last_open(kind: str, author_id: int) -> int | None:
    """The author's newest job of the kind that is not at its end."""
    found = await fetch_one(
        "SELECT max(id) AS id FROM job WHERE kind = $1 AND author_id = $2 AND state IN ('queued', 'running')",
        kind,
        author_id,
    )
    return found["id"] if found else None


async def show_on(job_id: int, bot: str, chat_id: int, message_id: int) -> JobRow | None:
    """Name the message that shows the progress from now on; None for a job that there isn't."""
    rows = await fetch(
        "UPDATE job SET bot = $2, chat_id = $3, message_id = $4, told_at = NULL WHERE id = $1 RETURNING *",
        job_id,
        bot,
        chat_id,
        message_id,
    )
    return _row(rows[0]) if rows else None


async def waiting(kinds: Sequence[str], now: datetime) -> int:
    """How many jobs could be taken now."""
    if not kinds:
        return 0
    known = ", ".join(f"${2 + index}" for index in range(len(kinds)))
    found = await fetch_one(
        "SELECT count(*) AS n FROM job WHERE state IN ('queued', 'running') AND not_before <= $1 "
        f"AND (lease_until IS NULL OR lease_until <= $1) AND kind IN ({known})",
        now,
        *kinds,
    )
    return int(found["n"]) if found else 0


async def keep(job_id: int, owner: str, until: datetime) -> bool:
    """Prolong the lease; False when the job is another's by now, or at its end."""
    rows = await fetch(
        f"UPDATE job SET lease_until = $3 WHERE id = $1 AND {_RUNS} RETURNING id", job_id, owner, until
    )
    return bool(rows)


async def advance(
    job_id: int, owner: str, cursor: Any, done: int, total: int | None, until: datetime
) -> JobRow | None:
    """Note what a step came to, in the step's transaction; None when the job is no longer this worker's."""
    rows = await fetch(
        "UPDATE job SET cursor = $3, done = $4, total = $5, lease_until = $6, tries = 0 "
        f"WHERE id = $1 AND {_RUNS} RETURNING *",
        job_id,
        owner,
        json.dumps(cursor, ensure_ascii=False),
        done,
        total,
        until,
    )
    return _row(rows[0]) if rows else None


async def finish(
    job_id: int,
    owner: str,
    state: str,
    now: datetime,
    *,
    progress: tuple[int, int | None] | None = None,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> JobRow | None:
    """End a job that this worker has; None when it has it no longer."""
    done, total = progress or (None, None)
    rows = await fetch(
        "UPDATE job SET state = $3, finished_at = $4, lease_owner = NULL, lease_until = NULL, result = $5, "
        "error = $6, done = COALESCE($7, done), total = COALESCE($8, total) "
        f"WHERE id = $1 AND {_RUNS} RETURNING *",
        job_id,
        owner,
        state,
        now,
        None if result is None else json.dumps(result, ensure_ascii=False),
        error,
        done,
        total,
    )
    return _row(rows[0]) if rows else None


async def put_back(job_id: int, owner: str, not_before: datetime, *, uncounted: bool, error: str | None) -> None:
    """Let the job wait for its next taking; ``uncounted`` when nothing was wrong with it."""
    fewer = "tries - 1" if uncounted else "tries"
    await fetch(
        f"UPDATE job SET state = 'queued', lease_owner = NULL, lease_until = NULL, not_before = $3, error = $4, "
        f"tries = CASE WHEN tries > 0 THEN {fewer} ELSE 0 END WHERE id = $1 AND {_RUNS}",
        job_id,
        owner,
        not_before,
        error,
    )


async def cancel(job_id: int, now: datetime) -> JobRow | None:
    """End a job that is not at its end; None when it is. A step in work finds out when it commits."""
    rows = await fetch(
        "UPDATE job SET state = 'cancelled', finished_at = $2, lease_owner = NULL, lease_until = NULL "
        "WHERE id = $1 AND state IN ('queued', 'running') RETURNING *",
        job_id,
        now,
    )
    return _row(rows[0]) if rows else None


async def note_told(job_id: int, now: datetime) -> None:
    await fetch("UPDATE job SET told_at = $2 WHERE id = $1", job_id, now)
