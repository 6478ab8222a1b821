"""The table of alerts: each kind begins and ends once, whoever sees to it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import decoded, fetch, fetch_one, moment, moment_or_none


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert. ``told_at`` is when a beginning of its kind was last told, this one or one before."""

    kind: str
    data: dict[str, Any]
    began_at: datetime
    ended_at: datetime | None
    told_at: datetime | None

    @property
    def is_told(self) -> bool:
        """Whether this beginning was told."""
        return self.told_at is not None and self.told_at >= self.began_at


def _row(found: dict[str, Any]) -> AlertRow:
    return AlertRow(
        found["kind"],
        decoded(found["data"]),
        moment(found["began_at"]),
        moment_or_none(found["ended_at"]),
        moment_or_none(found["told_at"]),
    )


async def begin(kind: str, data: dict[str, Any], now: datetime) -> AlertRow | None:
    """Note a beginning; None when it is going on already. One of several that see it gets the row."""
    rows = await fetch(
        "INSERT INTO owner_alert (kind, data, began_at) VALUES ($1, $2, $3) ON CONFLICT (kind) DO UPDATE "
        "SET data = excluded.data, began_at = excluded.began_at, ended_at = NULL "
        "WHERE owner_alert.ended_at IS NOT NULL RETURNING *",
        kind,
        json.dumps(data, ensure_ascii=False, default=str),
        now,
    )
    return _row(rows[0]) if rows else None


async def end(kind: str, now: datetime) -> AlertRow | None:
    """Note an end; None when nothing of the kind is going on."""
    rows = await fetch(
        "UPDATE owner_alert SET ended_at = $2 WHERE kind = $1 AND ended_at IS NULL RETURNING *", kind, now
    )
    return _row(rows[0]) if rows else None


async def mark_told(kind: str, now: datetime) -> None:
    await fetch("UPDATE owner_alert SET told_at = $2 WHERE kind = $1", kind, now)


async def untold(told_before: datetime) -> list[AlertRow]:
    """What is going on, was not told, and may be told now; locked for the transaction."""
    rows = await fetch(
        "SELECT * FROM owner_alert WHERE ended_at IS NULL AND (told_at IS NULL OR told_at <= $1 "
        "AND told_at < began_at) FOR UPDATE",
        told_before,
    )
    return [_row(row) for row in rows]


async def going_on() -> list[AlertRow]:
    """What the owner has to see to, the oldest first."""
    rows = await fetch("SELECT * FROM owner_alert WHERE ended_at IS NULL ORDER BY began_at, kind")
    return [_row(row) for row in rows]


async def is_on(kind: str) -> bool:
    """Whether an alert of the kind is going on."""
    found = await fetch_one("SELECT 1 AS one FROM owner_alert WHERE kind = $1 AND ended_at IS NULL", kind)
    return found is not None
