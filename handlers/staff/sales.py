"""Pricing a purchase and keeping its one live message."""

from core.sale_views import SaleView
from handlers.staff.desk import Desk
from handlers.staff.screens import sale_screen
from handlers.staff.states import Selling
from handlers.ui import Screen


async def sell(
    desk: Desk,
    customer_id: int,
    amount: int,
    *,
    instead_of: int | None = None,
    before: int | None = None,
    receipt: str | None = None,
) -> None:
    """Price a purchase of ``amount`` minor units.

    It may take the place of a draft that a slip of the finger made, and of that one's message ``before``.
    """
    sale = await desk.core.till.open_sale(
        desk.actor, customer_id, amount, key=desk.key, instead_of=instead_of, receipt_number=receipt
    )
    await show_sale(desk, sale, before=before)


async def show_sale(desk: Desk, sale: SaleView, *, before: int | None = None, moved: bool = False) -> None:
    """Show a sale on its live message and await what its status asks for.

    A question about something else stays open. ``moved``: the pressed message may be another one than before.
    """
    message_id = await put(desk, sale, sale_screen(desk.ui, sale, now=desk.now), before=before, moved=moved)
    ids = {"purchase_id": sale.purchase_id, "message_id": message_id}
    if sale.status == "draft":
        await desk.open(Selling.quote, customer_id=sale.customer_id, **ids)
    elif sale.status == "waiting" and sale.channel == "sms":
        await desk.open(Selling.code, **ids)
    elif (await desk.data()).get("purchase_id") == sale.purchase_id:
        await desk.open(None)


async def put(
    desk: Desk, sale: SaleView, screen: Screen, *, before: int | None = None, moved: bool = False
) -> int:
    """Show a screen of a sale; returns the id of what is its live message now.

    After a press that is the pressed message. After something typed a new one takes the place of the one
    ``before``, so that the outcome stands under what was typed.
    """
    shown = await desk.show(screen)
    if moved or shown.message_id != desk.pressed_id:
        await desk.core.till.remember_message(sale.purchase_id, shown.chat.id, shown.message_id)
    if before is not None:
        await desk.remove(before)
    return shown.message_id
