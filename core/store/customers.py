"""Customers as rows: finding, locking, writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.domain.people import name_key, name_tail_key
from core.store.sql import fetch, fetch_one, moment_or_none, placeholders


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer's row as it stands, locked when it was asked for."""

    id: int
    phone: str | None
    phone_verified_at: datetime | None
    name: str | None
    birthday: date | None
    language: str
    status: str
    promo_code: str
    referred_by_id: int | None
    referral_settled_at: datetime | None
    debt: int
    purchases: int
    sold: int
    paid: int
    last_purchase_at: datetime | None
    visits: int
    last_visit_at: datetime | None
    level: str | None
    importance: str | None
    rule_discount: int
    created_at: datetime | None
    blocked_at: datetime | None
    merged_into_id: int | None


_COLUMNS = (
    "id, phone, phone_verified_at, name, birthday, language, status, promo_code, referred_by_id, "
    "referral_settled_at, debt, purchases, sold, paid, last_purchase_at, visits, last_visit_at, level, "
    "importance, rule_discount, created_at, blocked_at, merged_into_id"
)
_MOMENTS = (
    "phone_verified_at",
    "referral_settled_at",
    "last_purchase_at",
    "last_visit_at",
    "created_at",
    "blocked_at",
)

_MERGED = (
    f"SELECT {', '.join(f'c.{name}' for name in _COLUMNS.split(', '))} FROM customer p "
    "JOIN customer c ON c.id = COALESCE(p.merged_into_id, p.id)"
)


def _row(found: dict[str, Any]) -> CustomerRow:
    values = {name: found[name] for name in _COLUMNS.split(", ")}
    for name in _MOMENTS:
        values[name] = moment_or_none(values[name])
    if isinstance(values["birthday"], str):
        values["birthday"] = date.fromisoformat(values["birthday"])
    return CustomerRow(**values)


async def lock(*customer_ids: int) -> dict[int, CustomerRow]:
    """Lock customers' rows, in ascending order of id."""
    ids = sorted(set(customer_ids))
    keys = ", ".join(f"${1 + index}" for index in range(len(ids)))
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM customer WHERE id IN ({keys}) ORDER BY id FOR UPDATE",
        *ids,
    )
    return {row["id"]: _row(row) for row in rows}


async def lock_buyer(purchase_id: int, *, with_former: bool = False) -> dict[int, CustomerRow]:
    """Lock a purchase's customer, and with it the inviter whose reward may depend on it.

    ``with_former``: and those who became a part of either.
    """
    ids = (
        "SELECT customer_id AS id FROM purchase WHERE id = $1 UNION "
        "SELECT c.referred_by_id FROM customer c JOIN purchase p ON p.customer_id = c.id "
        "WHERE p.id = $1 AND c.referred_by_id IS NOT NULL"
    )
    if with_former:
        former = "SELECT m.id FROM customer m JOIN own ON m.merged_into_id = own.id"
        ids = f"WITH own AS ({ids}) SELECT id FROM own UNION {former}"
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM customer WHERE id IN ({ids}) ORDER BY id FOR UPDATE",
        purchase_id,
    )
    return {row["id"]: _row(row) for row in rows}


async def lock_next(after: int, limit: int, *, absent_since: datetime | None = None) -> list[CustomerRow]:
    """Lock the next customers by id, all of them or those whose last visit was by ``absent_since``."""
    absent = "" if absent_since is None else "AND last_visit_at <= $3"
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM customer WHERE id > $1 {absent} ORDER BY id LIMIT $2 FOR UPDATE",
        *(after, limit, *(() if absent_since is None else (absent_since,))),
    )
    return [_row(row) for row in rows]


async def how_many(*, absent_since: datetime | None = None) -> int:
    """How many customers there are, or how many of them did not come since."""
    if absent_since is None:
        rows = await fetch("SELECT count(*) AS n FROM customer")
    else:
        rows = await fetch("SELECT count(*) AS n FROM customer WHERE last_visit_at <= $1", absent_since)
    return int(rows[0]["n"])


async def get(customer_id: int) -> CustomerRow | None:
    found = await fetch_one(f"SELECT {_COLUMNS} FROM customer WHERE id = $1", customer_id)
    return _row(found) if found else None


async def by_phone(phone: str, *, locked: bool = False) -> CustomerRow | None:
    """Whose phone it is; one of a customer who was merged into another is the other's."""
    for_update = " FOR UPDATE OF c" if locked else ""
    found = await fetch_one(f"{_MERGED} WHERE p.phone = $1{for_update}", phone)
    return _row(found) if found else None


async def by_promo_code(code: str) -> CustomerRow | None:
    found = await fetch_one(f"{_MERGED} WHERE p.promo_code = $1", code)
    return _row(found) if found else None


async def accounts(telegram_ids: Sequence[int]) -> dict[int, tuple[CustomerRow | None, str | None]]:
    """Accounts of the customer bot by number: the customer whose it is, and its language. One statement."""
    names = ", ".join(f"c.{name}" for name in _COLUMNS.split(", "))
    rows = await fetch(
        f"SELECT {names}, t.telegram_id, t.language AS spoken FROM telegram_identity t LEFT JOIN customer c "
        "ON c.id = t.customer_id AND c.status = 'active' "
        f"WHERE t.bot = 'customer' AND t.telegram_id IN {placeholders(1, len(telegram_ids))}",
        *telegram_ids,
    )
    return {row["telegram_id"]: (_row(row) if row["id"] is not None else None, row["spoken"]) for row in rows}


async def by_telegram(telegram_id: int) -> CustomerRow | None:
    """The customer whose Telegram account this is in the customer bot."""
    row, _ = (await accounts([telegram_id])).get(telegram_id, (None, None))
    return row


async def insert(
    *,
    phone: str,
    name: str | None,
    birthday: date | None,
    language: str,
    promo_code: str,
    referred_by_id: int | None,
    branch_id: int | None,
    registered_by_id: int | None,
    now: datetime,
) -> int:
    """A new customer whose phone was just verified. The phone is unique: a rival's insert fails."""
    rows = await fetch(
        "INSERT INTO customer (phone, phone_verified_at, name, name_key, birthday, language, status, "
        "promo_code, referred_by_id, branch_id, registered_by_id, debt, purchases, sold, paid, created_at, "
        "name_tail_key) "
        "VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8, $9, $10, 0, 0, 0, 0, $2, $11) RETURNING id",
        phone,
        now,
        name,
        name_key(name),
        birthday,
        language,
        promo_code,
        referred_by_id,
        branch_id,
        registered_by_id,
        name_tail_key(name),
    )
    return int(rows[0]["id"])


_EDITABLE = frozenset(
    {"phone", "phone_verified_at", "name", "name_key", "birthday", "language", "referred_by_id", "debt"}
    | {"referral_settled_at", "purchases", "sold", "paid", "last_purchase_at", "visits", "last_visit_at"}
    | {"level", "importance", "rule_discount", "blocked_at", "merged_into_id", "status"}
)


async def update(customer_id: int, **changes: Any) -> None:
    """Change columns of a customer's row in one statement; what they are found by follows the name."""
    if not changes.keys() <= _EDITABLE:
        raise ValueError("not a column that may change")
    if "name" in changes:
        changes |= {"name_key": name_key(changes["name"]), "name_tail_key": name_tail_key(changes["name"])}
    parts = ", ".join(f"{column} = ${2 + index}" for index, column in enumerate(changes))
    await fetch(f"UPDATE customer SET {parts} WHERE id = $1", customer_id, *changes.values())


async def write_standings(found: Sequence[tuple[int, str | None, str | None, int]]) -> None:
    """Write (id, level, importance, rule_discount) of locked customers in one statement."""
    if not found:
        return
    values = [value for each in found for value in each]
    casts = ("BIGINT", "TEXT", "TEXT", "INTEGER")
    await fetch(
        "UPDATE customer SET level = v.column2, importance = v.column3, rule_discount = v.column4 "
        f"FROM (VALUES {placeholders(len(found), 4, casts=casts)}) AS v WHERE customer.id = v.column1",
        *values,
    )
