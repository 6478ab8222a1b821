"""The ledger's invariants as queries: each returns what breaks it, and nothing when all is well."""

from typing import Any

from core.domain.programme import Programme
from core.store.programmes import in_force, is_started
from core.store.sql import fetch, is_postgres

RULES: dict[str, str] = {
    "customer_sum": (
        "SELECT c.id, COALESCE(e.points, 0) AS entries, COALESCE(l.remaining, 0) - c.debt AS expected "
        "FROM customer c "
        "LEFT JOIN (SELECT customer_id, sum(points) AS points FROM ledger_entry GROUP BY customer_id) e "
        "ON e.customer_id = c.id "
        "LEFT JOIN (SELECT customer_id, sum(remaining) AS remaining FROM lot GROUP BY customer_id) l "
        "ON l.customer_id = c.id WHERE COALESCE(e.points, 0) <> COALESCE(l.remaining, 0) - c.debt"
    ),
    "customer_debt": (
        "SELECT c.id, c.debt AS found, COALESCE(e.debt, 0) AS expected FROM customer c LEFT JOIN "
        "(SELECT customer_id, sum(debt_change) AS debt FROM ledger_entry GROUP BY customer_id) e "
        "ON e.customer_id = c.id WHERE c.debt <> COALESCE(e.debt, 0)"
    ),
    "lot_draws": (
        "SELECT l.id, l.remaining AS found, l.granted - COALESCE(d.points, 0) AS expected FROM lot l LEFT JOIN "
        "(SELECT lot_id, sum(points) AS points FROM lot_draw GROUP BY lot_id) d ON d.lot_id = l.id "
        "WHERE l.remaining <> l.granted - COALESCE(d.points, 0)"
    ),
    "lot_bounds": "SELECT id, remaining, granted FROM lot WHERE remaining < 0 OR remaining > granted",
    "entry_balanced": (
        "SELECT e.id, e.points AS found, "
        "COALESCE(l.granted, 0) - COALESCE(d.points, 0) - e.debt_change AS expected FROM ledger_entry e "
        "LEFT JOIN lot l ON l.entry_id = e.id "
        "LEFT JOIN (SELECT entry_id, sum(points) AS points FROM lot_draw GROUP BY entry_id) d "
        "ON d.entry_id = e.id "
        "WHERE e.points <> COALESCE(l.granted, 0) - COALESCE(d.points, 0) - e.debt_change"
    ),
    "entry_sign": (
        "SELECT id, kind, points FROM ledger_entry WHERE (kind IN ('accrual', 'gift') AND points <= 0) "
        "OR (kind IN ('redemption', 'expiry') AND points >= 0)"
    ),
    "lot_owner": (
        "SELECT l.id, l.customer_id, e.customer_id AS expected FROM lot l "
        "JOIN ledger_entry e ON e.id = l.entry_id WHERE l.customer_id <> e.customer_id"
    ),
    "draw_owner": (
        "SELECT d.id, l.customer_id, e.customer_id AS expected FROM lot_draw d JOIN lot l ON l.id = d.lot_id "
        "JOIN ledger_entry e ON e.id = d.entry_id WHERE l.customer_id <> e.customer_id"
    ),
    "customer_counters": (
        "SELECT c.id, c.purchases, c.sold, c.paid FROM customer c LEFT JOIN (SELECT customer_id, "
        "sum(CASE WHEN refunded < subtotal THEN 1 ELSE 0 END) AS n, "
        "sum(subtotal - discount - COALESCE(r.sold, 0)) AS sold, "
        "sum(COALESCE(paid, payable) - COALESCE(r.money, 0)) AS paid FROM purchase LEFT JOIN "
        "(SELECT purchase_id, sum(sold) AS sold, sum(money) AS money FROM refund GROUP BY purchase_id) r "
        "ON r.purchase_id = purchase.id "
        "WHERE status = 'completed' GROUP BY customer_id) p ON p.customer_id = c.id "
        "WHERE c.purchases <> COALESCE(p.n, 0) OR c.sold <> COALESCE(p.sold, 0) OR c.paid <> COALESCE(p.paid, 0)"
    ),
    # A visit that has its purchase counts once; one whose purchase was undone is cut loose from it.
    "customer_visits": (
        "SELECT c.id, c.visits AS found, COALESCE(p.n, 0) + COALESCE(v.n, 0) AS expected FROM customer c "
        "LEFT JOIN (SELECT customer_id, count(*) AS n FROM purchase WHERE status = 'completed' "
        "AND refunded < subtotal GROUP BY customer_id) p ON p.customer_id = c.id "
        "LEFT JOIN (SELECT customer_id, count(*) AS n FROM visit WHERE status = 'came' AND purchase_id IS NULL "
        "GROUP BY customer_id) v ON v.customer_id = c.id "
        "WHERE c.visits <> COALESCE(p.n, 0) + COALESCE(v.n, 0)"
    ),
    "visit_purchase": (
        "SELECT v.id, v.status, p.status AS purchase FROM visit v JOIN purchase p ON p.id = v.purchase_id "
        "WHERE v.status <> 'came' OR p.status <> 'completed' OR p.refunded = p.subtotal "
        "OR p.customer_id <> v.customer_id"
    ),
    # Who never came has no level yet; while everybody is recomputed, what is kept may be of the rules before.
    "customer_level": (
        "SELECT c.id, c.level AS found, {reached} AS expected FROM customer c "
        "WHERE COALESCE(c.level, '') <> COALESCE({reached}, '') "
        "AND (c.visits > 0 OR c.purchases > 0 OR c.level IS NOT NULL) AND NOT EXISTS "
        "(SELECT 1 FROM job WHERE kind = 'standings' AND state IN ('queued', 'running'))"
    ),
    "purchase_payments": (
        "SELECT p.id, p.paid AS found, m.amount AS expected FROM purchase p JOIN "
        "(SELECT purchase_id, sum(amount) AS amount FROM purchase_payment GROUP BY purchase_id) m "
        "ON m.purchase_id = p.id WHERE p.refunded = 0 AND COALESCE(p.paid, p.payable) <> m.amount"
    ),
    "purchase_lines": (
        "SELECT p.id, p.payable AS found, l.payable AS expected FROM purchase p LEFT JOIN "
        "(SELECT purchase_id, sum(amount) AS amount, sum(discount) AS discount, sum(points_worth) AS worth, "
        "sum(payable) AS payable FROM purchase_line GROUP BY purchase_id) l ON l.purchase_id = p.id "
        "WHERE p.status = 'completed' AND (l.purchase_id IS NULL OR p.subtotal <> l.amount "
        "OR p.discount <> l.discount OR p.points_worth <> l.worth OR p.payable <> l.payable)"
    ),
    "purchase_posted": (
        "SELECT p.id, p.points, p.accrual, e.spent, e.earned FROM purchase p LEFT JOIN (SELECT purchase_id, "
        "sum(CASE WHEN kind = 'redemption' THEN -points ELSE 0 END) AS spent, "
        "sum(CASE WHEN kind = 'accrual' THEN points ELSE 0 END) AS earned "
        "FROM ledger_entry WHERE purchase_id IS NOT NULL GROUP BY purchase_id) e ON e.purchase_id = p.id "
        "WHERE p.completed_at IS NOT NULL "
        "AND (p.points <> COALESCE(e.spent, 0) OR p.accrual <> COALESCE(e.earned, 0))"
    ),
    "purchase_unposted": (
        "SELECT p.id, p.status FROM purchase p JOIN ledger_entry e ON e.purchase_id = p.id "
        "WHERE p.completed_at IS NULL"
    ),
    "purchase_undone": (
        "SELECT p.id, sum(e.points) AS found FROM purchase p JOIN ledger_entry e ON e.purchase_id = p.id "
        "WHERE p.status = 'cancelled' AND e.kind IN ('accrual', 'redemption', 'reversal') "
        "AND (e.reason IS NULL OR e.reason IN ('undone', 'refunded')) GROUP BY p.id HAVING sum(e.points) <> 0"
    ),
    "purchase_refunded": (
        "SELECT p.id, p.refunded AS found, r.amount, l.amount AS of_lines FROM purchase p LEFT JOIN "
        "(SELECT purchase_id, sum(amount) AS amount FROM refund GROUP BY purchase_id) r ON r.purchase_id = p.id "
        "LEFT JOIN (SELECT purchase_id, sum(refunded) AS amount FROM purchase_line GROUP BY purchase_id) l "
        "ON l.purchase_id = p.id WHERE p.refunded <> COALESCE(r.amount, 0) OR p.refunded <> COALESCE(l.amount, 0)"
    ),
    "refund_lines": (
        "SELECT r.id, r.amount AS found, l.amount AS expected FROM refund r LEFT JOIN "
        "(SELECT refund_id, sum(amount) AS amount FROM refund_line GROUP BY refund_id) l ON l.refund_id = r.id "
        "WHERE r.amount <> COALESCE(l.amount, 0)"
    ),
    "purchase_line_refunds": (
        "SELECT l.id, l.refunded AS found, r.amount AS expected FROM purchase_line l LEFT JOIN "
        "(SELECT line_id, sum(amount) AS amount FROM refund_line GROUP BY line_id) r ON r.line_id = l.id "
        "WHERE l.refunded <> COALESCE(r.amount, 0)"
    ),
    "refund_posted": (
        "SELECT p.id, p.returned_points, p.taken_back, e.returned, e.taken FROM purchase p LEFT JOIN "
        "(SELECT purchase_id, sum(CASE WHEN points > 0 THEN points ELSE 0 END) AS returned, "
        "sum(CASE WHEN points < 0 THEN -points ELSE 0 END) AS taken FROM ledger_entry "
        "WHERE kind = 'reversal' AND reason IN ('undone', 'refunded') GROUP BY purchase_id) e "
        "ON e.purchase_id = p.id LEFT JOIN (SELECT purchase_id, sum(returned) AS returned, "
        "sum(taken_back) AS taken FROM refund GROUP BY purchase_id) r ON r.purchase_id = p.id "
        "WHERE (p.refunded > 0 OR p.status = 'completed') AND (p.returned_points <> COALESCE(e.returned, 0) "
        "OR p.taken_back <> COALESCE(e.taken, 0) OR p.returned_points <> COALESCE(r.returned, 0) "
        "OR p.taken_back <> COALESCE(r.taken, 0))"
    ),
    "gift_exchange_posted": (
        "SELECT g.id, g.status, e.points AS found FROM gift_exchange g LEFT JOIN "
        "(SELECT g.id, sum(e.points) AS points FROM gift_exchange g JOIN ledger_entry e "
        "ON e.request_key = 'gift:' || g.id OR e.request_key = 'gift:' || g.id || ':undone' GROUP BY g.id) e "
        "ON e.id = g.id "
        "WHERE COALESCE(e.points, 0) <> CASE WHEN g.status = 'done' THEN -g.points ELSE 0 END"
    ),
    # What waits is in no entry; what was given is one of the purchase's accruals.
    "held_accrual_posted": (
        "SELECT a.id, a.status, a.points AS found, e.points AS expected FROM held_accrual a "
        "JOIN purchase p ON p.id = a.purchase_id LEFT JOIN ledger_entry e "
        "ON e.request_key = 'purchase:' || a.purchase_id || ':held' "
        "WHERE COALESCE(e.points, 0) <> CASE WHEN a.status = 'given' THEN a.points ELSE 0 END "
        "OR (a.status = 'waiting' AND (p.status <> 'completed' OR p.refunded = p.subtotal))"
    ),
    # A coupon is used by what was completed, once, and comes back with what was taken back whole.
    "coupon_uses": (
        "SELECT c.id, c.uses AS found, COALESCE(u.n, 0) AS expected FROM coupon c LEFT JOIN "
        "(SELECT coupon_id, count(*) AS n FROM coupon_use WHERE returned_at IS NULL GROUP BY coupon_id) u "
        "ON u.coupon_id = c.id WHERE c.uses <> COALESCE(u.n, 0)"
    ),
    "coupon_batch_uses": (
        "SELECT b.id, b.uses AS found, COALESCE(c.uses, 0) AS expected FROM coupon_batch b LEFT JOIN "
        "(SELECT batch_id, sum(uses) AS uses FROM coupon GROUP BY batch_id) c ON c.batch_id = b.id "
        "WHERE b.uses <> COALESCE(c.uses, 0)"
    ),
    "coupon_purchase": (
        "SELECT u.id, p.status, p.refunded FROM coupon_use u JOIN purchase p ON p.id = u.purchase_id "
        "WHERE p.customer_id <> u.customer_id OR (u.returned_at IS NULL) <> "
        "(p.status = 'completed' AND p.refunded < p.subtotal)"
    ),
    "purchase_coupon": (
        "SELECT p.id FROM purchase p WHERE p.status = 'completed' AND p.refunded < p.subtotal "
        "AND p.discount_source = 'coupon' "
        "AND NOT EXISTS (SELECT 1 FROM coupon_use u WHERE u.purchase_id = p.id AND u.returned_at IS NULL)"
    ),
    "promotion_purchase": (
        "SELECT u.id, p.status FROM promotion_use u JOIN purchase p ON p.id = u.purchase_id "
        "WHERE p.completed_at IS NULL OR p.customer_id <> u.customer_id"
    ),
    "hold_waiting": (
        "SELECT p.id, p.status FROM purchase p LEFT JOIN hold h ON h.purchase_id = p.id "
        "AND h.settled_at IS NULL WHERE (p.status = 'waiting' AND h.id IS NULL) "
        "OR (p.status <> 'waiting' AND h.id IS NOT NULL)"
    ),
    "hold_captured": (
        "SELECT h.id, h.points, p.points AS expected FROM hold h JOIN purchase p ON p.id = h.purchase_id "
        "WHERE h.outcome = 'captured' AND (p.completed_at IS NULL OR h.points <> p.points)"
    ),
}


async def statement(rule: str, limit: int = 20) -> tuple[str, list[str]]:
    """The question of a rule of RULES for at most ``limit`` rows that break it, and its values."""
    if "{reached}" not in RULES[rule]:
        return f"{RULES[rule]} LIMIT {limit}", []
    programme = (await in_force()).programme if await is_started() else Programme()
    reached, names = _reached(programme)
    return f"{RULES[rule].format(reached=reached)} LIMIT {limit}", names


async def broken(rule: str, limit: int = 20) -> list[dict[str, Any]]:
    """Rows that break a rule of RULES, at most ``limit``."""
    question, values = await statement(rule, limit)
    return await fetch(question, *values)


def _reached(programme: Programme) -> tuple[str, list[str]]:
    """The level of customer ``c`` as an expression of its own making, and the names that it needs."""
    levels = sorted(programme.levels, key=lambda level: -level.threshold)
    whens = [
        f"WHEN c.{programme.level_metric.value} >= {level.threshold} THEN CAST(${number} AS TEXT)"
        for number, level in enumerate(levels, start=1)
    ]
    return (f"CASE {' '.join(whens)} END" if whens else "CAST(NULL AS TEXT)"), [level.name for level in levels]


async def freeze_view() -> None:
    """Make the transaction see one moment of the database, however long it reads."""
    if is_postgres():
        await fetch("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


async def sizes() -> dict[str, int]:
    """How many rows were looked at."""
    tables = ("customer", "purchase", "ledger_entry", "lot", "lot_draw")
    return {table: int((await fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"]) for table in tables}
