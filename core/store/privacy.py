"""What is kept of one customer, to be handed over; and taking the person out of it."""

from datetime import datetime
from typing import Any

from core.store.sql import fetch, placeholders

# What a customer is told of, by the name in the file. Of other people nothing is in it, but staff's branches.
_ABOUT: dict[str, str] = {
    "cards": "SELECT number, status, created_at, blocked_at FROM card WHERE customer_id = $1 ORDER BY id",
    "telegram": (
        "SELECT bot, telegram_id, language, created_at, blocked_at FROM telegram_identity WHERE customer_id = $1"
    ),
    "consents": (
        "SELECT topic, channel, granted, text_version, source, created_at FROM consent "
        "WHERE customer_id = $1 ORDER BY id"
    ),
    "purchases": (
        "SELECT p.id, p.status, b.name AS branch, p.subtotal, p.discount, p.points, p.payable, p.accrual, "
        "p.created_at, p.completed_at, p.cancelled_at FROM purchase p JOIN branch b ON b.id = p.branch_id "
        "WHERE p.customer_id = $1 ORDER BY p.id"
    ),
    "purchase_lines": (
        "SELECT l.purchase_id, l.title, l.quantity, l.amount, l.discount, l.payable, l.refunded "
        "FROM purchase_line l JOIN purchase p ON p.id = l.purchase_id WHERE p.customer_id = $1 ORDER BY l.id"
    ),
    "payments": (
        "SELECT y.purchase_id, y.method, y.amount, y.paid_at FROM purchase_payment y "
        "JOIN purchase p ON p.id = y.purchase_id WHERE p.customer_id = $1 ORDER BY y.id"
    ),
    "refunds": (
        "SELECT r.purchase_id, r.amount, r.money, r.returned, r.taken_back, r.created_at FROM refund r "
        "JOIN purchase p ON p.id = r.purchase_id WHERE p.customer_id = $1 ORDER BY r.id"
    ),
    "points_being_checked": (
        "SELECT purchase_id, points, status, created_at, decided_at FROM held_accrual "
        "WHERE customer_id = $1 ORDER BY id"
    ),
    "points_by_hand": (
        "SELECT points, reason, status, created_at, decided_at FROM manual_points "
        "WHERE customer_id = $1 ORDER BY id"
    ),
    "gifts": (
        "SELECT title, points, status, created_at, settled_at FROM gift_exchange "
        "WHERE customer_id = $1 ORDER BY id"
    ),
    "coupons_used": (
        "SELECT c.code, b.name, u.purchase_id, u.discount, u.points, u.used_at, u.returned_at FROM coupon_use u "
        "JOIN coupon c ON c.id = u.coupon_id JOIN coupon_batch b ON b.id = c.batch_id "
        "WHERE u.customer_id = $1 ORDER BY u.id"
    ),
    "promotions_used": (
        "SELECT r.name, u.purchase_id, u.discount, u.points, u.used_at FROM promotion_use u "
        "JOIN promotion r ON r.id = u.promotion_id JOIN purchase p ON p.id = u.purchase_id "
        "WHERE p.customer_id = $1 ORDER BY u.id"
    ),
    "operations": (
        "SELECT e.kind, e.points, e.reason, e.purchase_id, b.name AS branch, e.created_at FROM ledger_entry e "
        "LEFT JOIN branch b ON b.id = e.branch_id WHERE e.customer_id IN "
        "(SELECT id FROM customer WHERE id = $1 OR merged_into_id = $1) ORDER BY e.id"
    ),
    "points_left": (
        "SELECT remaining, activates_at, expires_at FROM lot WHERE customer_id = $1 AND remaining > 0 ORDER BY id"
    ),
    "visits": (
        "SELECT v.status, b.name AS branch, v.expected_at, v.settled_at FROM visit v "
        "JOIN branch b ON b.id = v.branch_id WHERE v.customer_id = $1 ORDER BY v.id"
    ),
    "reviews": (
        "SELECT purchase_id, stars, words, answer, asked_at, rated_at, answered_at FROM review "
        "WHERE customer_id = $1 ORDER BY id"
    ),
    "categories": "SELECT name, source, created_at FROM customer_category WHERE customer_id = $1 ORDER BY id",
    "messages": (
        "SELECT topic, channel, template, state, phone, created_at, sent_at FROM message "
        "WHERE customer_id IN (SELECT id FROM customer WHERE id = $1 OR merged_into_id = $1) ORDER BY id"
    ),
}


async def everything(customer_id: int) -> dict[str, list[dict[str, Any]]]:
    """Rows about the customer as they are kept, by kind."""
    return {name: await fetch(statement, customer_id) for name, statement in _ABOUT.items()}


async def close_sales(customer_id: int, now: datetime) -> None:
    """End the customer's unfinished sales, and give free what they hold."""
    await fetch(
        "UPDATE hold SET settled_at = $2, outcome = 'released' WHERE customer_id = $1 AND settled_at IS NULL",
        customer_id,
        now,
    )
    await fetch(
        "UPDATE purchase SET status = 'cancelled', cancelled_at = $2 "
        "WHERE customer_id = $1 AND status IN ('draft', 'waiting')",
        customer_id,
        now,
    )


async def erase(customer_id: int, phone: str | None, now: datetime) -> None:
    """Take the person out of every row; what was bought and what moved stays, of nobody."""
    accounts = await fetch(
        "DELETE FROM telegram_identity WHERE bot = 'customer' AND customer_id = $1 RETURNING telegram_id",
        customer_id,
    )
    await fetch("DELETE FROM shown_code WHERE customer_id = $1", customer_id)
    await fetch("DELETE FROM customer_category WHERE customer_id = $1", customer_id)
    await fetch(
        "UPDATE review SET words = NULL, answer = NULL, answered_by_id = NULL, answered_at = NULL "
        "WHERE customer_id = $1",
        customer_id,
    )
    await fetch("DELETE FROM registration WHERE customer_id = $1 OR phone = $2", customer_id, phone or "")
    await fetch(
        "UPDATE card SET status = 'blocked', customer_id = NULL, blocked_at = $2 WHERE customer_id = $1",
        customer_id,
        now,
    )
    await fetch(
        "UPDATE customer SET phone = NULL, phone_verified_at = NULL, name = NULL, name_key = '', "
        "name_tail_key = '', birthday = NULL, promo_code = $2, status = 'erased' WHERE id = $1",
        customer_id,
        f"erased{customer_id}",
    )
    await _erase_messages(customer_id, phone, [int(row["telegram_id"]) for row in accounts])
    await fetch(
        "UPDATE customer SET phone = NULL, phone_verified_at = NULL, promo_code = 'erased' || id "
        "WHERE merged_into_id = $1",
        customer_id,
    )


_TO_STAFF = (
    "SELECT 'review:' || r.purchase_id || part.name || s.id FROM review r CROSS JOIN staff_member s "
    "CROSS JOIN (SELECT ':low:' AS name UNION ALL SELECT ':words:') AS part WHERE r.customer_id = $1 "
    "UNION ALL SELECT 'manual:' || m.id || ':' || s.id || part.name FROM manual_points m "
    "CROSS JOIN staff_member s CROSS JOIN (SELECT '' AS name UNION ALL SELECT ':decided') AS part "
    "WHERE m.customer_id = $1"
)
"""Dedupe keys of what staff were told of a customer by name: of few stars, and of points by hand."""


async def _erase_messages(customer_id: int, phone: str | None, chats: list[int]) -> None:
    """Nothing more is told, and what was told names nobody; nor does what was told to those whom the customer was
    merged of."""
    in_chats = f"bot = 'customer' AND chat_id IN {placeholders(1, len(chats), first=3)}" if chats else "1 = 0"
    theirs = "SELECT {} FROM customer WHERE merged_into_id = $1"
    await fetch(
        "UPDATE message SET state = CASE WHEN state IN ('queued', 'unknown') THEN 'suppressed' ELSE state END, "
        "reason = CASE WHEN state IN ('queued', 'unknown') THEN 'erased' ELSE reason END, "
        "phone = NULL, chat_id = NULL, data = '{}', secret = NULL, notify_chat_id = NULL, "
        "telegram_message_id = NULL "
        f"WHERE customer_id = $1 OR customer_id IN ({theirs.format('id')}) "
        f"OR phone = $2 OR phone IN ({theirs.format('phone')}) OR ({in_chats})",
        customer_id,
        phone or "",
        *chats,
    )
    await fetch(
        "UPDATE message SET state = CASE WHEN state IN ('queued', 'unknown') THEN 'suppressed' ELSE state END, "
        "reason = CASE WHEN state IN ('queued', 'unknown') THEN 'erased' ELSE reason END, data = '{}' "
        f"WHERE dedupe_key IN ({_TO_STAFF}) OR (topic = 'sms' AND data->>'phone' = $2)",
        customer_id,
        phone or "",
    )
