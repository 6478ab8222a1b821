"""The receipt's number, where the programme asks for it: one in a branch and day."""

import re
from datetime import datetime

from core.domain.errors import InvalidReceipt, ReceiptNeeded, ReceiptTaken
from core.domain.local_days import local_day
from core.domain.programme import Programme, ReceiptNumber
from core.store import receipts
from core.store.purchases import PurchaseRow

LONGEST = 32
_NUMBER = re.compile(rf"[0-9A-ZА-ЯЁ/-]{{1,{LONGEST}}}")


def read_number(text: str) -> str:
    """A number as it is kept: without its sign and spaces, in capitals. Raises InvalidReceipt."""
    number = re.sub(r"[\s#№]", "", text).upper()
    if not _NUMBER.fullmatch(number):
        raise InvalidReceipt(high=LONGEST)
    return number


async def keep(
    purchase_id: int, programme: Programme, number: str | None, *, instead_of: int | None = None
) -> None:
    """Keep what was typed along with a new draft, or the number of the draft that it stands for.

    Nothing where the programme doesn't ask.
    """
    if programme.receipt_number is ReceiptNumber.OFF:
        return
    if number is None and instead_of is not None:
        number = await receipts.number_of(instead_of)
    if number is not None:
        await receipts.put(purchase_id, read_number(number))


async def check(row: PurchaseRow, now: datetime) -> None:
    """Raise ReceiptNeeded where the number is required, ReceiptTaken when another sale of the day has it."""
    if row.receipt_number is None:
        if row.programme.receipt_number is ReceiptNumber.REQUIRED:
            raise ReceiptNeeded
        return
    other = await receipts.taken_by(row.branch_id, local_day(now, row.time_zone), row.receipt_number, but=row.id)
    if other is not None:
        raise ReceiptTaken(
            number=row.receipt_number, subtotal=other.subtotal, at=other.completed_at, time_zone=row.time_zone
        )


async def settle(row: PurchaseRow, now: datetime) -> None:
    """The sale is being completed: its number is taken from now on. Raises as ``check`` does.

    Of two at the same moment the second meets the database's own index, and is refused when it is run again.
    """
    await check(row, now)
    if row.receipt_number is not None:
        await receipts.set_day(row.id, local_day(now, row.time_zone))
