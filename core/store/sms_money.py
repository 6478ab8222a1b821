"""Money for SMS: taken from the day before sending, set right when the price is known, given back if not sent."""

from dataclasses import dataclass
from datetime import date, datetime

from core.store.sql import fetch, fetch_one


@dataclass(frozen=True, slots=True)
class Booked:
    """What a message costs now, and of which day; both None while nothing is taken for it."""

    cost: int | None
    day: date | None


async def booked(message_id: int, worker: str | None = None) -> Booked | None:
    """What is taken for a message, whose row is locked; None when it is not (or not that worker's) any more."""
    found = await fetch_one(
        "SELECT cost, cost_day FROM message WHERE id = $1 "
        "AND (CAST($2 AS TEXT) IS NULL OR leased_by = $2) FOR UPDATE",
        message_id,
        worker,
    )
    if found is None:
        return None
    day = found["cost_day"]
    return Booked(found["cost"], date.fromisoformat(day) if isinstance(day, str) else day)


async def take(day: date, cost: int, limit: int) -> int | None:
    """Take money of a day unless more than ``limit`` would be spent; what is spent then, or None."""
    await fetch("INSERT INTO sms_day (day, spent) VALUES ($1, 0) ON CONFLICT (day) DO NOTHING", day)
    rows = await fetch(
        "UPDATE sms_day SET spent = spent + $2 WHERE day = $1 AND spent + $2 <= $3 RETURNING spent",
        day,
        cost,
        limit,
    )
    return int(rows[0]["spent"]) if rows else None


async def shift(day: date, by: int) -> int:
    """Add to what a day has spent, whatever the limit; what is spent then."""
    rows = await fetch("UPDATE sms_day SET spent = spent + $2 WHERE day = $1 RETURNING spent", day, by)
    return int(rows[0]["spent"]) if rows else 0


async def book(message_id: int, cost: int | None, day: date | None) -> None:
    """Write what a message costs, and of which day it is."""
    await fetch("UPDATE message SET cost = $2, cost_day = $3 WHERE id = $1", message_id, cost, day)


async def note_gateway(message_id: int, gateway: str | None) -> None:
    """Write by which gateway a message goes, before it does."""
    await fetch("UPDATE message SET gateway = $2 WHERE id = $1", message_id, gateway)


async def spent(day: date) -> int:
    """What a day has spent."""
    found = await fetch_one("SELECT spent FROM sms_day WHERE day = $1", day)
    return int(found["spent"]) if found else 0


async def spent_since(day: date) -> int:
    """What was spent from a day on."""
    found = await fetch_one("SELECT COALESCE(sum(spent), 0) AS spent FROM sms_day WHERE day >= $1", day)
    return int(found["spent"]) if found else 0


async def is_stopped(origin: str) -> bool:
    """Whether codes that are asked for there (bot, till) are not sent."""
    found = await fetch_one("SELECT 1 AS one FROM sms_stop WHERE origin = $1 AND resumed_at IS NULL", origin)
    return found is not None


async def stop(origin: str, now: datetime) -> bool:
    """Stop codes; False when they are stopped already."""
    rows = await fetch(
        "INSERT INTO sms_stop (origin, stopped_at) VALUES ($1, $2) ON CONFLICT (origin) DO UPDATE "
        "SET stopped_at = excluded.stopped_at, resumed_at = NULL WHERE sms_stop.resumed_at IS NOT NULL "
        "RETURNING origin",
        origin,
        now,
    )
    return bool(rows)


async def resume(origin: str, now: datetime) -> bool:
    """Send codes again; False when they are not stopped."""
    rows = await fetch(
        "UPDATE sms_stop SET resumed_at = $2 WHERE origin = $1 AND resumed_at IS NULL RETURNING origin",
        origin,
        now,
    )
    return bool(rows)


async def stops() -> list[str]:
    """Where codes are stopped."""
    rows = await fetch("SELECT origin FROM sms_stop WHERE resumed_at IS NULL ORDER BY origin")
    return [row["origin"] for row in rows]


async def entered(origin: str, since: datetime, until: datetime, limit: int) -> tuple[int, int]:
    """Of the newest codes that were asked for there and really sent: how many, and how many were ever entered.

    Codes before the last resuming don't count.
    """
    by = "IS NOT NULL" if origin == "till" else "IS NULL"
    found = await fetch_one(
        "SELECT count(*) AS sent, COALESCE(sum(CASE WHEN used_at IS NULL THEN 0 ELSE 1 END), 0) AS entered FROM "
        "(SELECT c.used_at FROM verification_code c JOIN message m ON m.dedupe_key = 'code:' || c.id "
        f"WHERE c.method = 'sms' AND c.code_hash IS NOT NULL AND c.staff_member_id {by} "
        "AND c.created_at > $1 AND c.created_at <= $2 AND c.created_at > COALESCE("
        "(SELECT resumed_at FROM sms_stop WHERE origin = $3), $1) "
        "AND (m.sent_at IS NOT NULL OR m.state = 'unknown') ORDER BY c.id DESC LIMIT $4) AS newest",
        since,
        until,
        origin,
        limit,
    )
    return (int(found["sent"]), int(found["entered"])) if found else (0, 0)
