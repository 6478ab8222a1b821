"""What is told of points by hand: to those who may decide, to who asked, to the customer."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.store.customers import CustomerRow
from core.store.manual import ManualRow
from core.store.outbox import Draft
from core.telling import in_chat, to_member

PRIORITY_MANUAL = 10


def questions(row: ManualRow, people: Sequence[Mapping[str, Any]]) -> list[Draft]:
    """The question to each of ``people``, who may decide."""
    data = _about(row) | {"manual_id": row.id, "branch_name": row.branch_name}
    return [
        to_member(
            each["id"],
            each["telegram_id"],
            template="notice/manual_asked",
            dedupe_key=_question(row, each["id"]),
            priority=PRIORITY_MANUAL,
            data=data,
        )
        for each in people
    ]


def answers(row: ManualRow, told: Mapping[int, int]) -> list[Draft]:
    """How it ended, to members by their accounts: their questions lose the buttons, who asked hears of it."""
    data = _about(row) | {"decided_by": row.decided_by, "status": row.status}
    return [
        to_member(
            member_id,
            chat,
            template="notice/manual_decided",
            dedupe_key=f"{_question(row, member_id)}:decided",
            priority=PRIORITY_MANUAL,
            data=data,
            edits_key=None if member_id == row.asked_by_id else _question(row, member_id),
        )
        for member_id, chat in told.items()
    ]


def receipt(customer: CustomerRow, chat: int | None, row: ManualRow, balance: int) -> list[Draft]:
    """What the customer is told, when they have the bot."""
    data = {"branch_name": row.branch_name, "points": row.points, "reason": row.reason, "balance": balance}
    return in_chat(
        "receipts",
        customer.id,
        chat,
        customer.language,
        template="notice/manual",
        dedupe_key=f"manual:{row.id}",
        data=data,
    )


def _question(row: ManualRow, member_id: int) -> str:
    return f"manual:{row.id}:{member_id}"


def _about(row: ManualRow) -> dict[str, Any]:
    return {
        "customer_name": row.customer_name,
        "customer_phone": row.customer_phone,
        "points": row.points,
        "reason": row.reason,
        "asked_by": row.asked_by,
    }
