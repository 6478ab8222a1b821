"""The log of who did what: append-only, each row chained to the one before it by a hash."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from core.store.sql import decoded, fetch, fetch_one, moment

BEGINNING = "0" * 64
_FIELDS = ("actor_kind", "actor_id", "action", "object_kind", "object_id", "before", "after", "created_at")
_BATCH = 1000


async def note(
    action: str,
    object_kind: str,
    object_id: int | None,
    *,
    actor_kind: str,
    actor_id: int | None,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write one row; ``actor_kind`` is staff, customer, command (a command line) or system.

    The log's end is locked until the transaction ends, so that rows are chained in the order of their ids.
    """
    previous = await _lock_end()
    values = (actor_kind, actor_id, action, object_kind, object_id, before, after, now)
    chained = _chained(previous, dict(zip(_FIELDS, values, strict=True)))
    rows = await fetch(
        "INSERT INTO audit_row (actor_kind, actor_id, action, object_kind, object_id, before, after, created_at, "
        "hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        actor_kind,
        actor_id,
        action,
        object_kind,
        object_id,
        json.dumps(before, ensure_ascii=False) if before is not None else None,
        json.dumps(after, ensure_ascii=False) if after is not None else None,
        now,
        chained,
    )
    await fetch("UPDATE audit_head SET audit_row_id = $1, hash = $2 WHERE log = 'audit'", rows[0]["id"], chained)


async def _lock_end() -> str:
    """The hash of the last row; the row that holds it is made when the log begins."""
    rows = await fetch(
        "INSERT INTO audit_head (log, audit_row_id, hash) VALUES ('audit', 0, $1) "
        "ON CONFLICT (log) DO UPDATE SET hash = audit_head.hash RETURNING hash",
        BEGINNING,
    )
    return str(rows[0]["hash"])


def _chained(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of a row and of the one before it."""
    plain = [row[name] for name in _FIELDS[:-1]]
    at = row["created_at"].astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps([previous, *plain, at], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Chain:
    """Follows the log from its beginning, row by row, and keeps what does not hold; at most ``limit`` of it."""

    def __init__(self, limit: int = 20) -> None:
        self.found: list[dict[str, Any]] = []
        self._limit = limit
        self._previous, self._last_id = BEGINNING, 0

    @property
    def is_enough(self) -> bool:
        return len(self.found) >= self._limit

    def add(self, row: Mapping[str, Any]) -> None:
        """The next row: columns as ``note`` writes them, decoded."""
        if row["hash"] is None and self._previous == BEGINNING:
            return  # written before the log was chained
        if row["hash"] != _chained(self._previous, row):
            self.found.append({"id": row["id"], "action": row["action"], "broken": "hash"})
        self._previous, self._last_id = row["hash"] or self._previous, row["id"]

    def finish(self, end: Mapping[str, Any] | None) -> None:
        """The row of the log's end, where there is one."""
        last = (self._previous, self._last_id)
        if (end["hash"], end["audit_row_id"]) != last if end else self._previous != BEGINNING:
            self.found.append({"id": self._last_id, "action": None, "broken": "end"})


END = "SELECT audit_row_id, hash FROM audit_head WHERE log = 'audit'"
ROWS = f"SELECT id, {', '.join(_FIELDS)}, hash FROM audit_row WHERE id > $1 ORDER BY id LIMIT {_BATCH}"


async def breaks(limit: int = 20) -> list[dict[str, Any]]:
    """Where the chain does not hold: rows changed, added or taken away behind the product's back."""
    chain = Chain(limit)
    async for row in _all_rows():
        chain.add(row)
        if chain.is_enough:
            return chain.found
    chain.finish(await fetch_one(END))
    return chain.found


def as_noted(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored row with its JSON and its moment decoded."""
    read = {name: decoded(row[name]) if row[name] is not None else None for name in ("before", "after")}
    return dict(row) | read | {"created_at": moment(row["created_at"])}


async def _all_rows() -> AsyncIterator[dict[str, Any]]:
    after = 0
    while True:
        rows = await fetch(ROWS, after)
        for row in rows:
            yield as_noted(row)
        if len(rows) < _BATCH:
            return
        after = rows[-1]["id"]
