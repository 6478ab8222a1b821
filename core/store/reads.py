"""Screens and reports as plain rows."""

from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, is_postgres, moment, moment_or_none


async def balance(customer_id: int, now: datetime, soon: datetime) -> list[dict[str, Any]]:
    """The customer's open points by what becomes of them (or one row without any), and the merchant's settings.

    ``pending_at`` is when points activate, ``expiring_at`` when active ones expire, if that is by ``soon``; the
    rest is one sum. One statement, and few rows however many lots there are.
    """
    return await fetch(
        "SELECT c.debt, c.sold, c.paid, c.visits, c.last_visit_at, o.points, o.pending_at, o.expiring_at, "
        "(SELECT v.settings FROM programme_version v "
        "WHERE v.branch_id IS NULL ORDER BY v.id DESC LIMIT 1) AS settings "
        "FROM (SELECT 1 AS one) x LEFT JOIN customer c ON c.id = $1 "
        "LEFT JOIN (SELECT customer_id, sum(remaining) AS points, "
        "CASE WHEN activates_at > $2 THEN activates_at END AS pending_at, "
        "CASE WHEN activates_at <= $2 AND expires_at <= $3 THEN expires_at END AS expiring_at "
        "FROM lot WHERE customer_id = $1 AND remaining > 0 AND (expires_at IS NULL OR expires_at > $2) "
        "GROUP BY customer_id, pending_at, expiring_at) o ON o.customer_id = c.id "
        "ORDER BY o.pending_at, o.expiring_at",
        customer_id,
        now,
        soon,
    )


# What two customers had before they were merged is the kept one's, without what only moved between them.
_OF_CUSTOMER = (
    "e.customer_id IN (SELECT id FROM customer WHERE id = $1 OR merged_into_id = $1) "
    "AND COALESCE(e.reason, '') NOT IN ('merged_out', 'merged_in')"
)


async def history(customer_id: int, offset: int, limit: int) -> list[dict[str, Any]]:
    """The customer's operations, newest first; those of one purchase stand together as entries do."""
    rows = await fetch(
        "SELECT e.id, e.kind, e.points, e.reason, e.created_at, e.purchase_id, b.name AS branch_name, "
        "b.time_zone, p.subtotal FROM ledger_entry e LEFT JOIN branch b ON b.id = e.branch_id "
        f"LEFT JOIN purchase p ON p.id = e.purchase_id WHERE {_OF_CUSTOMER} "
        "ORDER BY e.id DESC LIMIT $2 OFFSET $3",
        customer_id,
        limit,
        offset,
    )
    return [row | {"created_at": moment(row["created_at"])} for row in rows]


async def history_size(customer_id: int) -> int:
    found = await fetch_one(f"SELECT count(*) AS n FROM ledger_entry e WHERE {_OF_CUSTOMER}", customer_id)
    return int(found["n"]) if found else 0


async def points_of(request_key: str) -> int:
    """The points of one entry; 0 when it was never written."""
    found = await fetch_one("SELECT points FROM ledger_entry WHERE request_key = $1", request_key)
    return int(found["points"]) if found else 0


async def panel(customer_id: int, branch_id: int, now: datetime) -> dict[str, Any] | None:
    """What the till of a branch sees of a customer, with the settings in force: one statement.

    ``unpaid_id`` is the last purchase that was paid in part.
    """
    together = "string_agg(g.name, ', ')" if is_postgres() else "group_concat(g.name, ', ')"
    found = await fetch_one(
        f"SELECT (SELECT {together} FROM (SELECT name FROM customer_category WHERE customer_id = $1 "
        "ORDER BY name) g) AS categories, (SELECT max(p.id) FROM purchase p WHERE p.customer_id = $1 "
        "AND p.status = 'completed' AND p.refunded = 0 AND p.paid < p.payable) AS unpaid_id, "
        "(SELECT v.settings FROM programme_version v WHERE v.branch_id IS NULL ORDER BY v.id DESC LIMIT 1) "
        "AS settings, (SELECT v.settings FROM programme_version v WHERE v.branch_id = $3 "
        "ORDER BY v.id DESC LIMIT 1) AS branch_settings, c.sold, c.paid, c.visits, c.last_visit_at, c.id, c.name, "
        "c.phone, c.phone_verified_at, c.birthday, c.purchases, c.last_purchase_at, c.status, "
        "COALESCE((SELECT sum(l.remaining) FROM lot l WHERE l.customer_id = c.id AND l.remaining > 0 "
        "AND l.activates_at <= $2 AND (l.expires_at IS NULL OR l.expires_at > $2)), 0) AS points, "
        "COALESCE((SELECT sum(h.points) FROM hold h WHERE h.customer_id = c.id AND h.settled_at IS NULL "
        "AND h.expires_at > $2), 0) AS held, "
        "(SELECT k.number FROM card k WHERE k.customer_id = c.id AND k.status = 'bound' "
        "ORDER BY k.id DESC LIMIT 1) AS card_number, "
        "EXISTS(SELECT 1 FROM telegram_identity t WHERE t.customer_id = c.id AND t.bot = 'customer' "
        "AND t.blocked_at IS NULL) AS has_chat, "
        "EXISTS(SELECT 1 FROM product WHERE is_sold) AS has_products "
        "FROM customer c WHERE c.id = $1",
        customer_id,
        now,
        branch_id,
    )
    if found is None:
        return None
    for name in ("phone_verified_at", "last_purchase_at", "last_visit_at"):
        found[name] = moment_or_none(found[name])
    return found


async def shift(branch_id: int, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """What happened in a branch in a time, by staff member: sales completed, money taken (later payments too),
    refunds made of what was not undone, and points of these sales that wait for a manager."""
    within = "AND {0} >= $2 AND {0} < $3"
    completed = f"p.branch_id = $1 AND p.status = 'completed' {within.format('p.completed_at')}"
    return await fetch(
        "SELECT s.id, s.name, sum(x.purchases) AS purchases, sum(x.sold) AS sold, sum(x.paid) AS paid, "
        "sum(x.earned) AS earned, sum(x.spent) AS spent, sum(x.refunds) AS refunds, sum(x.money) AS money, "
        "sum(x.taken_back) AS taken_back, sum(x.returned) AS returned, sum(x.held) AS held FROM ("
        "SELECT p.staff_member_id, 1 AS purchases, p.subtotal - p.discount AS sold, "
        "CASE WHEN EXISTS (SELECT 1 FROM purchase_payment m WHERE m.purchase_id = p.id) THEN 0 "
        "ELSE COALESCE(p.paid, p.payable) END AS paid, p.accrual AS earned, p.points AS spent, 0 AS refunds, "
        "0 AS money, 0 AS taken_back, 0 AS returned, COALESCE((SELECT a.points FROM held_accrual a "
        "WHERE a.purchase_id = p.id AND a.status = 'waiting'), 0) AS held "
        f"FROM purchase p WHERE {completed} "
        "UNION ALL SELECT p.staff_member_id, 0, 0, m.amount, 0, 0, 0, 0, 0, 0, 0 FROM purchase_payment m "
        "JOIN purchase p ON p.id = m.purchase_id WHERE p.branch_id = $1 AND p.status = 'completed' "
        f"{within.format('m.paid_at')} "
        "UNION ALL SELECT r.staff_member_id, 0, 0, 0, 0, 0, 1, r.money, r.taken_back, r.returned, 0 FROM refund r "
        "JOIN purchase p ON p.id = r.purchase_id AND p.status = 'completed' WHERE r.branch_id = $1 "
        f"{within.format('r.created_at')}) x "
        "JOIN staff_member s ON s.id = x.staff_member_id GROUP BY s.id, s.name ORDER BY s.id",
        branch_id,
        since,
        until,
    )


async def new_customers(branch_id: int, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Customers registered in a branch, by the member who registered them."""
    return await fetch(
        "SELECT registered_by_id, count(*) AS customers FROM customer WHERE branch_id = $1 "
        "AND created_at >= $2 AND created_at < $3 GROUP BY registered_by_id",
        branch_id,
        since,
        until,
    )


async def save_shown_code(customer_id: int, code: str, expires_at: datetime, now: datetime) -> bool:
    """Keep the digits on a customer's screen; False when somebody else's live screen shows them."""
    await fetch("DELETE FROM shown_code WHERE code = $1 AND expires_at <= $2", code, now)
    if await fetch("SELECT id FROM shown_code WHERE code = $1 AND customer_id <> $2", code, customer_id):
        return False
    await fetch(
        "INSERT INTO shown_code (customer_id, code, expires_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (customer_id) DO UPDATE SET code = excluded.code, expires_at = excluded.expires_at",
        customer_id,
        code,
        expires_at,
    )
    return True


async def shown_code(code: str) -> dict[str, Any] | None:
    found = await fetch_one("SELECT customer_id, expires_at FROM shown_code WHERE code = $1", code)
    return found | {"expires_at": moment(found["expires_at"])} if found else None
