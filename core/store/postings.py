"""What purchases moved, to be taken back."""

from typing import Any

from core.store.sql import fetch


async def entries_of(purchase_id: int) -> list[dict[str, Any]]:
    """What the purchase earned and redeemed, with the lots of their own, oldest first."""
    return await fetch(
        "SELECT e.id, e.customer_id, e.kind, e.points, e.reason, l.id AS lot_id "
        "FROM ledger_entry e LEFT JOIN lot l ON l.entry_id = e.id "
        "WHERE e.purchase_id = $1 AND e.kind IN ('accrual', 'redemption') ORDER BY e.id",
        purchase_id,
    )


async def standing_gifts(customer_id: int) -> list[dict[str, Any]]:
    """Gifts that the customer's purchases brought to anybody and that were not taken back, oldest first."""
    return await fetch(
        "SELECT e.id, COALESCE(c.merged_into_id, c.id) AS customer_id, e.kind, e.points, e.reason, l.id AS lot_id "
        "FROM purchase p JOIN ledger_entry e ON e.purchase_id = p.id AND e.kind = 'gift' "
        "JOIN customer c ON c.id = e.customer_id "
        "LEFT JOIN lot l ON l.entry_id = e.id WHERE p.customer_id = $1 "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.request_key = 'undo:' || e.id) ORDER BY e.id",
        customer_id,
    )


async def draws_of(entry_id: int) -> list[tuple[int, int]]:
    """(lot, points) taken by an entry, net of what it gave back, in the order of consumption."""
    rows = await fetch(
        "SELECT lot_id, sum(points) AS points FROM lot_draw WHERE entry_id = $1 GROUP BY lot_id "
        "HAVING sum(points) > 0 ORDER BY min(id)",
        entry_id,
    )
    return [(int(row["lot_id"]), int(row["points"])) for row in rows]
