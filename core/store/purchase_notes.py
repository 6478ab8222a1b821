"""What is noted of a purchase besides its prices: payments, its end, and the till's message of it."""

from collections.abc import Sequence
from datetime import datetime

from core.store.sql import fetch, placeholders


async def add_accrual(purchase_id: int, points: int) -> None:
    """Note points of a completed purchase that were held and have been given now."""
    await fetch("UPDATE purchase SET accrual = accrual + $2 WHERE id = $1", purchase_id, points)


async def add_payments(purchase_id: int, payments: Sequence[tuple[str, int]], now: datetime) -> None:
    """Note (method, amount) of what was paid of a purchase; nothing of nothing."""
    values = [value for method, amount in payments if amount for value in (purchase_id, method, amount, now)]
    if values:
        await fetch(
            "INSERT INTO purchase_payment (purchase_id, method, amount, paid_at) "
            f"VALUES {placeholders(len(values) // 4, 4)}",
            *values,
        )


async def cancel(purchase_id: int, *, by: int | None, now: datetime) -> None:
    """A draft that was dropped, or a completed sale that was undone."""
    await fetch(
        "UPDATE purchase SET status = 'cancelled', cancelled_at = $2, cancelled_by_id = $3 WHERE id = $1",
        purchase_id,
        now,
        by,
    )


async def drop_draft(purchase_id: int, customer_id: int, branch_id: int, *, by: int, now: datetime) -> None:
    """Cancel a customer's draft if it is still one; the customer is locked by the caller."""
    await fetch(
        "UPDATE purchase SET status = 'cancelled', cancelled_at = $4, cancelled_by_id = $5 "
        "WHERE id = $1 AND customer_id = $2 AND branch_id = $3 AND status = 'draft'",
        purchase_id,
        customer_id,
        branch_id,
        now,
        by,
    )


async def remember_message(purchase_id: int, chat_id: int, message_id: int) -> None:
    """Where the till's live message stands, so that the customer's press can finish it there."""
    await fetch(
        "UPDATE purchase SET chat_id = $2, message_id = $3 WHERE id = $1", purchase_id, chat_id, message_id
    )
