"""What the customer and the till are told of a sale."""

from datetime import datetime, timedelta

from core.domain.quote import Quote
from core.sale_views import SaleView
from core.store import outbox
from core.store.purchases import PurchaseRow
from core.telling import in_chat
from core.till_screens import at_till


def receipt(row: PurchaseRow, done: SaleView) -> list[outbox.Draft]:
    """What the customer is told of the finished sale, when they have the bot."""
    return in_chat(
        "receipts",
        row.customer_id,
        row.customer_chat,
        row.customer_language,
        template="notice/receipt",
        dedupe_key=f"receipt:{row.id}",
        data={
            "branch_name": done.branch_name,
            "time_zone": done.time_zone,
            "currency": done.currency,
            "subtotal": done.subtotal,
            "discount": done.discount,
            "discount_by": done.discount_by,
            "points": done.points,
            "payable": done.payable,
            "accrual": done.accrual,
            "points_by": ", ".join(dict.fromkeys(each for each in (done.factor_by, done.extra_by) if each)),
            "held": done.held,
            "activates_at": done.activates_at.isoformat() if done.activates_at else None,
            "gift": done.gift,
            "repaid": done.repaid,
            "balance": done.balance,
        },
    )


def question(
    row: PurchaseRow, hold_id: int, priced: Quote, now: datetime, within: timedelta
) -> list[outbox.Draft]:
    """Ask the customer whether to pay by the points of ``priced``."""
    return in_chat(
        "confirmation",
        row.customer_id,
        row.customer_chat,
        row.customer_language,
        template="notice/confirm_redemption",
        dedupe_key=f"confirm:{hold_id}",
        until=now + within,
        data={
            "purchase_id": row.id,
            "hold_id": hold_id,
            "points": priced.points,
            "subtotal": priced.subtotal,
            "branch_name": row.branch_name,
            "currency": row.currency,
            "minutes": int(within.total_seconds() // 60),
        },
    )


async def close_question(row: PurchaseRow, now: datetime) -> None:
    """The question in the customer's chat loses its buttons, or is never asked."""
    if row.customer_chat is None or row.hold_id is None:
        return
    question = f"confirm:{row.hold_id}"
    await outbox.suppress([question], "withdrawn")
    drafts = in_chat(
        "confirmation",
        row.customer_id,
        row.customer_chat,
        row.customer_language,
        template="notice/confirmation_closed",
        dedupe_key=f"{question}:closed",
        edits_key=question,
    )
    await outbox.enqueue(drafts, now)


def till_screen(row: PurchaseRow, why: str) -> list[outbox.Draft]:
    """Rewrite the till's live message with what is true when it is sent.

    ``why``: confirmed, declined, expired (the customer did not answer in time), or unreachable (in Telegram).
    """
    key = f"till:{row.id}:{why}:{row.hold_id}"
    return at_till(row, template="screen/sale", dedupe_key=key, data={"purchase_id": row.id, "why": why})
