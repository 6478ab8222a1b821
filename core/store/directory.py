"""Customers and cards as lists: sorted, a page at a time from where the last one ended, however many there are.

A page costs a walk along an index; only «points» adds up the open lots of everybody who has some.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, is_postgres, moment, moment_or_none

BOUND, ISSUED, BLOCKED = "bound", "issued", "blocked"
_TOP = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer in a list. ``cursor`` is where the list goes on after them; points in hundredths."""

    id: int
    name: str | None
    phone: str | None
    card_number: str | None
    points: int
    purchases: int
    sold: int
    last_purchase_at: datetime | None
    is_blocked: bool
    cursor: int


@dataclass(frozen=True, slots=True)
class Bought:
    """A customer's purchase in a list. Money in minor units, points in hundredths."""

    id: int
    at: datetime
    time_zone: str
    branch_name: str
    staff_name: str
    subtotal: int
    discount: int
    points: int
    accrual: int
    payable: int
    paid: int
    refunded: int
    is_undone: bool


@dataclass(frozen=True, slots=True)
class _Order:
    """A sort: its key, the condition of who is in it, and whether it begins with the greatest."""

    key: str
    among: str
    descending: bool


def by_code_points(column: str) -> str:
    """A text column in the order of code points, which indexes of names are made for."""
    return f'{column} COLLATE "C"' if is_postgres() else column


def _order(sort: str) -> _Order:
    orders = {
        "new": _Order("c.id", "", True),
        "name": _Order(by_code_points("c.name_key"), "AND c.name_key <> ''", False),
        "phone": _Order("c.phone", "AND c.phone IS NOT NULL", False),
        "purchases": _Order("c.purchases", "", True),
        "sold": _Order("c.sold", "", True),
        "last": _Order("c.last_purchase_at", "AND c.last_purchase_at IS NOT NULL", True),
    }
    return orders[sort]


SORTS = ("new", "name", "phone", "card", "points", "purchases", "sold", "last")


async def page(
    sort: str, after: int | None, limit: int, now: datetime, *, backwards: bool = False
) -> list[Listed]:
    """At most ``limit`` customers after the one with this cursor; before it, in the same order, when backwards."""
    if sort == "card":
        ids = await _by_card(after, limit, backwards=backwards)
    elif sort == "points":
        ids = await _by_points(after, limit, now, backwards=backwards)
    else:
        ids = await _by_column(_order(sort), after, limit, backwards=backwards)
    rows = await listed([customer_id for customer_id, _ in ids], now)
    found = [(rows[customer_id], cursor) for customer_id, cursor in ids if customer_id in rows]
    whole = [Listed(**(row | {"cursor": cursor})) for row, cursor in found]
    return whole[::-1] if backwards else whole


async def _by_column(order: _Order, after: int | None, limit: int, *, backwards: bool) -> list[tuple[int, int]]:
    down = order.descending != backwards
    way, sign = ("DESC", "<") if down else ("ASC", ">")
    values: list[Any] = [limit]
    beyond = ""
    if after is not None:
        start = await fetch_one(f"SELECT {order.key} AS key FROM customer c WHERE c.id = $1", after)
        if start is not None and start["key"] is not None:
            beyond = f"AND ({order.key}, c.id) {sign} ($2, $3)"
            values += [start["key"], after]
    rows = await fetch(
        f"SELECT c.id FROM customer c WHERE c.status = 'active' {order.among} {beyond} "
        f"ORDER BY {order.key} {way}, c.id {way} LIMIT $1",
        *values,
    )
    return [(row["id"], row["id"]) for row in rows]


async def _by_card(after: int | None, limit: int, *, backwards: bool) -> list[tuple[int, int]]:
    way, sign = ("DESC", "<") if backwards else ("ASC", ">")
    start = await fetch_one("SELECT number FROM card WHERE id = $1", after) if after is not None else None
    beyond = "" if start is None else f"AND k.number {sign} $2"
    rows = await fetch(
        "SELECT k.id, k.customer_id FROM card k JOIN customer c ON c.id = k.customer_id AND c.status = 'active' "
        f"WHERE k.status = 'bound' {beyond} ORDER BY k.number {way} LIMIT $1",
        *(limit, *([start["number"]] if start else [])),
    )
    return [(row["customer_id"], row["id"]) for row in rows]


_ACTIVE = "remaining > 0 AND activates_at <= $1 AND (expires_at IS NULL OR expires_at > $1)"


async def _by_points(after: int | None, limit: int, now: datetime, *, backwards: bool) -> list[tuple[int, int]]:
    """Those who have points now, the most first."""
    way, sign = ("ASC", ">") if backwards else ("DESC", "<")
    beyond: str = ""
    values: list[Any] = [now, limit]
    if after is not None:
        start = await fetch_one(
            f"SELECT COALESCE(sum(remaining), 0) AS points FROM lot WHERE {_ACTIVE} AND customer_id = $2",
            now,
            after,
        )
        beyond = (
            f"HAVING sum(remaining) {sign} CAST($3 AS BIGINT) "
            f"OR (sum(remaining) = CAST($3 AS BIGINT) AND customer_id {sign} $4)"
        )
        values += [int(start["points"]) if start else 0, after]
    rows = await fetch(
        f"SELECT customer_id FROM lot WHERE {_ACTIVE} GROUP BY customer_id {beyond} "
        f"ORDER BY sum(remaining) {way}, customer_id {way} LIMIT $2",
        *values,
    )
    return [(row["customer_id"], row["customer_id"]) for row in rows]


async def listed(ids: Sequence[int], now: datetime) -> dict[int, dict[str, Any]]:
    """What a list shows of active customers, by id."""
    if not ids:
        return {}
    keys = ", ".join(f"${2 + index}" for index in range(len(ids)))
    rows = await fetch(
        "SELECT c.id, c.name, c.phone, c.purchases, c.sold, c.last_purchase_at, c.blocked_at, "
        "(SELECT k.number FROM card k WHERE k.customer_id = c.id AND k.status = 'bound' "
        "ORDER BY k.id DESC LIMIT 1) AS card_number, COALESCE((SELECT sum(l.remaining) FROM lot l "
        "WHERE l.customer_id = c.id AND l.remaining > 0 AND l.activates_at <= $1 "
        "AND (l.expires_at IS NULL OR l.expires_at > $1)), 0) AS points "
        f"FROM customer c WHERE c.status = 'active' AND c.id IN ({keys})",
        now,
        *ids,
    )
    return {
        row["id"]: {name: value for name, value in row.items() if name != "blocked_at"}
        | {
            "points": int(row["points"]),
            "is_blocked": row["blocked_at"] is not None,
            "last_purchase_at": moment_or_none(row["last_purchase_at"]),
        }
        for row in rows
    }


async def named(key: str, limit: int) -> list[int]:
    """Active customers whose name, or its last word, begins so; ``key`` is made by ``name_key``."""
    found: list[int] = []
    for column, among in (("name_key", ""), ("name_tail_key", "AND c.name_tail_key <> ''")):
        ordered = by_code_points(f"c.{column}")
        rows = await fetch(
            f"SELECT c.id FROM customer c WHERE c.status = 'active' {among} AND {ordered} >= $1 "
            f"AND {ordered} < $2 ORDER BY {ordered}, c.id LIMIT $3",
            key,
            key + _TOP,
            limit,
        )
        found += [row["id"] for row in rows if row["id"] not in found]
    return found[:limit]


async def numbered(digits: str, limit: int) -> list[int]:
    """Active customers whose phone or bound card begins with these digits, or is them. Phones are E.164."""
    phones = await fetch(
        "SELECT COALESCE(c.merged_into_id, c.id) AS id FROM customer c WHERE c.phone >= $1 AND c.phone <= $2 "
        "ORDER BY c.phone LIMIT $3",
        digits,
        digits + "9" * (20 - len(digits)),
        limit,
    )
    cards = await fetch(
        "SELECT k.customer_id AS id FROM card k WHERE k.status = 'bound' AND k.number >= $1 AND k.number <= $2 "
        "ORDER BY k.number LIMIT $3",
        digits,
        digits + "9" * (20 - len(digits)),
        limit,
    )
    return list(dict.fromkeys(row["id"] for row in (*phones, *cards)))[:limit]


async def size() -> int:
    """How many customers there are."""
    found = await fetch_one("SELECT count(*) AS n FROM customer WHERE status = 'active'")
    return int(found["n"]) if found else 0


async def purchases(customer_id: int, offset: int, limit: int) -> list[Bought]:
    """A customer's purchases that were completed, the newest first, those undone later among them."""
    rows = await fetch(
        "SELECT p.id, p.completed_at AS at, b.time_zone, b.name AS branch_name, s.name AS staff_name, p.subtotal, "
        "p.discount, p.points, p.accrual, p.payable, p.paid, p.refunded, p.status = 'cancelled' AS is_undone "
        "FROM purchase p JOIN branch b ON b.id = p.branch_id JOIN staff_member s ON s.id = p.staff_member_id "
        "WHERE p.customer_id = $1 AND p.completed_at IS NOT NULL ORDER BY p.id DESC LIMIT $2 OFFSET $3",
        customer_id,
        limit,
        offset,
    )
    return [Bought(**(row | {"at": moment(row["at"]), "is_undone": bool(row["is_undone"])})) for row in rows]
