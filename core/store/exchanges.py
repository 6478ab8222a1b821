"""Exchanges of points for gifts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, moment, moment_or_none


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """An exchange with its branch and the customer whom it concerns. ``points`` in hundredths."""

    id: int
    customer_id: int
    branch_id: int
    branch_name: str
    time_zone: str
    staff_member_id: int
    title: str
    points: int
    status: str
    chat_id: int | None
    message_id: int | None
    request_key: str
    created_at: datetime
    confirm_until: datetime
    settled_at: datetime | None
    customer_name: str | None
    customer_phone: str | None
    customer_phone_verified_at: datetime | None
    customer_chat: int | None
    customer_language: str


_SELECT = (
    "SELECT g.*, b.name AS branch_name, b.time_zone, c.name AS customer_name, c.phone AS customer_phone, "
    "c.phone_verified_at AS customer_phone_verified_at, c.language AS customer_language, "
    "t.telegram_id AS customer_chat FROM gift_exchange g JOIN branch b ON b.id = g.branch_id "
    "JOIN customer c ON c.id = g.customer_id LEFT JOIN telegram_identity t ON t.bot = 'customer' "
    "AND t.customer_id = g.customer_id AND t.blocked_at IS NULL "
)


def _row(found: dict[str, Any]) -> ExchangeRow:
    values = {name: found[name] for name in ExchangeRow.__slots__}
    values |= {name: moment(found[name]) for name in ("created_at", "confirm_until")}
    values |= {name: moment_or_none(found[name]) for name in ("settled_at", "customer_phone_verified_at")}
    return ExchangeRow(**values)


async def get(exchange_id: int, *, locked: bool = False) -> ExchangeRow | None:
    """The exchange; locked, it can't change until the transaction ends (the customer is locked first)."""
    for_update = " FOR UPDATE OF g" if locked else ""
    found = await fetch_one(f"{_SELECT} WHERE g.id = $1{for_update}", exchange_id)
    return _row(found) if found else None


async def by_request(request_key: str) -> ExchangeRow | None:
    """The exchange that a request made before."""
    found = await fetch_one(f"{_SELECT} WHERE g.request_key = $1", request_key)
    return _row(found) if found else None


async def insert(
    customer_id: int,
    branch_id: int,
    staff_member_id: int,
    title: str,
    points: int,
    *,
    request_key: str,
    confirm_until: datetime,
    now: datetime,
) -> int:
    """An exchange that waits for the customer."""
    rows = await fetch(
        "INSERT INTO gift_exchange (customer_id, branch_id, staff_member_id, title, points, status, request_key, "
        "confirm_until, created_at) VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8) RETURNING id",
        customer_id,
        branch_id,
        staff_member_id,
        title,
        points,
        request_key,
        confirm_until,
        now,
    )
    return int(rows[0]["id"])


async def settle(exchange_id: int, status: str, now: datetime) -> None:
    """``done`` or ``cancelled``."""
    await fetch(
        "UPDATE gift_exchange SET status = $2, settled_at = $3 WHERE id = $1",
        exchange_id,
        status,
        now,
    )


async def remember_message(exchange_id: int, chat_id: int, message_id: int) -> None:
    """Where the till's live message stands, so that the customer's press can finish it there."""
    await fetch(
        "UPDATE gift_exchange SET chat_id = $2, message_id = $3 WHERE id = $1", exchange_id, chat_id, message_id
    )


async def entry_of(request_key: str) -> int | None:
    """The ledger entry that a request made."""
    found = await fetch_one("SELECT id FROM ledger_entry WHERE request_key = $1", request_key)
    return int(found["id"]) if found else None
