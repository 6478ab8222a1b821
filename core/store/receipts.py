"""Numbers of receipts: kept with the purchase, one in a branch and day."""

from dataclasses import dataclass
from datetime import date, datetime

from core.store.sql import fetch, fetch_one, moment


@dataclass(frozen=True, slots=True)
class TakenBy:
    """The completed sale that has a number already; its sum in minor units."""

    subtotal: int
    completed_at: datetime


async def put(purchase_id: int, number: str | None) -> None:
    """Keep a draft's number."""
    await fetch("UPDATE purchase SET receipt_number = $2 WHERE id = $1", purchase_id, number)


async def number_of(purchase_id: int) -> str | None:
    found = await fetch_one("SELECT receipt_number FROM purchase WHERE id = $1", purchase_id)
    return found["receipt_number"] if found else None


async def taken_by(branch_id: int, day: date, number: str, *, but: int) -> TakenBy | None:
    """Another completed sale of the branch with this number on this day."""
    found = await fetch_one(
        "SELECT subtotal, completed_at FROM purchase WHERE branch_id = $1 AND receipt_day = $2 "
        "AND receipt_number = $3 AND status = 'completed' AND id <> $4",
        branch_id,
        day,
        number,
        but,
    )
    return TakenBy(found["subtotal"], moment(found["completed_at"])) if found else None


async def set_day(purchase_id: int, day: date) -> None:
    """The branch's day on which the purchase is completed: from then on the number is taken."""
    await fetch("UPDATE purchase SET receipt_day = $2 WHERE id = $1", purchase_id, day)
