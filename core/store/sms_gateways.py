"""How the gateways fare, and what became of messages that they took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.store.sql import fetch, moment_or_none, placeholders


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """A gateway: since when it is down and why, and the money on its account when last asked."""

    name: str
    down_since: datetime | None
    reason: str | None
    balance: int | None
    balance_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A message whose end is not known yet."""

    id: int
    provider_id: str
    gateway: str | None
    phone: str | None
    language: str
    template: str
    notify_bot: str | None
    notify_chat_id: int | None
    not_after: datetime | None
    tries: int


_DUE: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(0), timedelta(seconds=20)),
    (timedelta(minutes=10), timedelta(minutes=5)),
    (timedelta(hours=1), timedelta(hours=1)),
)
"""From which age on a message is asked for how seldom."""
FIRST = timedelta(seconds=5)
"""Operators report nothing earlier."""
LONGEST = timedelta(days=1)


async def due(now: datetime, limit: int) -> list[Asked]:
    """SMS that were sent within a day, have no end yet, and are to be asked for now; the newest first."""
    values: list[Any] = [now - LONGEST, now - FIRST, limit]
    bands = ["asked_at IS NULL"]
    for older, pause in _DUE:
        values += [now - older, now - pause]
        bands.append(f"(sent_at <= ${len(values) - 1} AND asked_at <= ${len(values)})")
    younger = [f"sent_at > ${number}" for number in (6, 8)]
    bands[1] = f"({younger[0]} AND {bands[1]})"
    bands[2] = f"({younger[1]} AND {bands[2]})"
    rows = await fetch(
        "SELECT * FROM message WHERE channel = 'sms' AND state = 'sent' AND sent_at > $1 AND sent_at <= $2 "
        f"AND provider_id IS NOT NULL AND ({' OR '.join(bands)}) ORDER BY sent_at DESC LIMIT $3",
        *values,
    )
    return [_asked(row) for row in rows]


def _asked(row: dict[str, Any]) -> Asked:
    values = {name: row[name] for name in Asked.__slots__ if name != "not_after"}
    return Asked(**values, not_after=moment_or_none(row["not_after"]))


async def note_pending(message_id: int, now: datetime) -> None:
    """Asked for, and still on its way."""
    await fetch("UPDATE message SET asked_at = $2 WHERE id = $1", message_id, now)


async def note_end(message_id: int, state: str, reason: str | None, now: datetime) -> bool:
    """Note that it was delivered or failed; False when its end is known already."""
    rows = await fetch(
        "UPDATE message SET state = $2, reason = $3, asked_at = $4, delivered_at = $5 "
        "WHERE id = $1 AND state = 'sent' RETURNING id",
        message_id,
        state,
        reason,
        now,
        now if state == "delivered" else None,
    )
    return bool(rows)


async def hint(provider_ids: Sequence[str], asked_before: datetime) -> int:
    """Have these asked for at the next look; what was asked for after that moment waits. How many it were."""
    if not provider_ids:
        return 0
    rows = await fetch(
        "UPDATE message SET asked_at = NULL WHERE channel = 'sms' AND state = 'sent' AND asked_at <= $1 "
        f"AND provider_id IN {placeholders(1, len(provider_ids), first=2)} RETURNING id",
        asked_before,
        *provider_ids,
    )
    return len(rows)


async def note_down(name: str, reason: str | None, now: datetime) -> None:
    await fetch(
        "INSERT INTO sms_gateway (name, down_since, reason) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE "
        "SET down_since = COALESCE(sms_gateway.down_since, excluded.down_since), reason = excluded.reason",
        name,
        now,
        reason,
    )


async def note_up(name: str) -> None:
    await fetch("UPDATE sms_gateway SET down_since = NULL, reason = NULL WHERE name = $1", name)


async def note_balance(name: str, balance: int, now: datetime) -> None:
    await fetch(
        "INSERT INTO sms_gateway (name, balance, balance_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE "
        "SET balance = excluded.balance, balance_at = excluded.balance_at",
        name,
        balance,
        now,
    )


async def gateways() -> list[GatewayRow]:
    """All gateways that were ever used."""
    rows = await fetch("SELECT * FROM sms_gateway ORDER BY name")
    return [
        GatewayRow(
            row["name"],
            moment_or_none(row["down_since"]),
            row["reason"],
            row["balance"],
            moment_or_none(row["balance_at"]),
        )
        for row in rows
    ]
