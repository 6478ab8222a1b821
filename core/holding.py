"""A sale that waits for its customer: points held for it, then spent by it, or free again."""

from datetime import datetime, timedelta

from core.domain.errors import HoldGone, QuoteStale, ReceiptTaken
from core.offers import without_gone
from core.receipts import check as check_receipt
from core.sale_completion import complete
from core.sale_views import SaleView, view_of
from core.sale_words import till_screen
from core.sales import LockedSale
from core.store import holds, outbox, quotes

CONFIRM_WITHIN = timedelta(minutes=5)
HOLD_LIFETIME = timedelta(minutes=10)


async def hold(sale: LockedSale, points: int, now: datetime) -> int:
    """Hold points (hundredths) instead of what was held before; the hold's id."""
    if sale.row.hold_id is not None:
        await holds.settle(sale.row.hold_id, "expired", now)
    return await holds.open_for(
        sale.row.id,
        sale.customer.id,
        points,
        confirm_until=now + CONFIRM_WITHIN,
        expires_at=now + HOLD_LIFETIME,
        now=now,
    )


def require_hold(sale: LockedSale, now: datetime, *, by_code: bool, hold_id: int | None = None) -> None:
    """Raise HoldGone unless the sale waits, for the question ``hold_id`` if it is given; a code has more time."""
    until = sale.row.hold_expires_at if by_code else sale.row.hold_confirm_until
    other = hold_id not in (None, sale.row.hold_id)
    if sale.row.status != "waiting" or until is None or until <= now or other:
        raise HoldGone


async def capture(
    sale: LockedSale, *, staff_id: int, now: datetime, why: str | None = None
) -> SaleView | QuoteStale:
    """Spend what was held; when a lot expired meanwhile, go back to a quote that is true.

    With ``why`` the till's live message is rewritten.
    """
    active = sale.account.active(now)
    if sale.row.points > active:
        return QuoteStale(sale=await back_to_draft(sale, "released", now, why=why))
    gone = await without_gone(sale.row, sale.customer, now)
    if gone is not None:
        sale.row = gone
        return QuoteStale(sale=await back_to_draft(sale, "released", now, why=why))
    try:
        await check_receipt(sale.row, now)
    except ReceiptTaken:  # by a sale that came in between: the till hears of it when it goes on
        return QuoteStale(sale=await back_to_draft(sale, "released", now, why=why))
    priced = sale.reprice(available=active, points=sale.row.points)
    screen = till_screen(sale.row, why) if why else []
    return await complete(sale, priced, staff_id=staff_id, now=now, also=screen)


async def back_to_draft(sale: LockedSale, outcome: str, now: datetime, *, why: str | None = None) -> SaleView:
    """Free the points: the quote stands without them. With ``why`` the till's live message is rewritten."""
    if sale.row.hold_id is not None:
        await holds.settle(sale.row.hold_id, outcome, now)
    available = await sale.available(now)
    priced = sale.reprice(available=available, points=0)
    await quotes.requote(sale.row.id, priced, status="draft", now=now)
    if why is not None:
        await outbox.enqueue(till_screen(sale.row, why), now)
    return view_of(sale.row, priced, status="draft", balance=available, confirm_until=None)
