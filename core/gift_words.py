"""What the customer and the till are told of a gift for points."""

from datetime import timedelta
from typing import Any

from core.store import outbox
from core.store.exchanges import ExchangeRow
from core.telling import in_chat
from core.till_screens import at_till


def _to_customer(row: ExchangeRow, topic: str, template: str, key: str, **more: Any) -> list[outbox.Draft]:
    return in_chat(
        topic,
        row.customer_id,
        row.customer_chat,
        row.customer_language,
        template=template,
        dedupe_key=key,
        **more,
    )


def gift_question(row: ExchangeRow, within: timedelta) -> list[outbox.Draft]:
    """Ask the customer whether to exchange."""
    data = {
        "exchange_id": row.id,
        "title": row.title,
        "points": row.points,
        "branch_name": row.branch_name,
        "minutes": int(within.total_seconds() // 60),
    }
    key, until = f"confirm:gift:{row.id}", row.created_at + within
    return _to_customer(row, "confirmation", "notice/confirm_gift", key, data=data, until=until)


def gift_receipt(row: ExchangeRow, balance: int, *, undone: bool = False) -> list[outbox.Draft]:
    """Tell the customer, when they have the bot, that the gift is theirs, or that the points are back."""
    data = {
        "title": row.title,
        "points": row.points,
        "branch_name": row.branch_name,
        "balance": balance,
        "undone": undone,
    }
    key = f"gift:{row.id}:{'undone' if undone else 'done'}"
    return _to_customer(row, "refund" if undone else "receipts", "notice/gift", key, data=data)


async def question_closed(row: ExchangeRow) -> list[outbox.Draft]:
    """The question in the customer's chat loses its buttons, or is never asked."""
    if row.customer_chat is None:
        return []
    question = f"confirm:gift:{row.id}"
    await outbox.suppress([question], "withdrawn")
    return _to_customer(
        row, "confirmation", "notice/confirmation_closed", f"{question}:closed", edits_key=question
    )


def gift_screen(row: ExchangeRow, why: str) -> list[outbox.Draft]:
    """Rewrite the till's live message with what is true when it is sent; ``why``: confirmed or declined."""
    key = f"till:gift:{row.id}:{why}"
    return at_till(row, template="screen/gift", dedupe_key=key, data={"exchange_id": row.id, "why": why})
