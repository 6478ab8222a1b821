"""Finding a customer at any moment: a typed phone, card or code, or a photo of one."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.types import Message

from handlers.staff.customers import is_name, reads_as_sum, scanned, serve_panel, serve_typed, show_named, sum_in
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.photos import PHOTO
from handlers.staff.states import Finding, Refunding, Selling

OPEN = StateFilter(None, Finding.unknown, Finding.card, Selling.panel, Selling.quote, Refunding.look)


def build() -> Router:
    """The router of customers and sums that nobody asked for."""
    router = Router(name="staff-finding")
    router.message.register(typed, OPEN, ANSWER)
    router.message.register(total_typed, Selling.total, ANSWER)
    router.message.register(photographed, OPEN, PHOTO)
    router.message.register(photographed, Selling.total, PHOTO)
    return router


async def typed(message: Message, desk: Desk) -> None:
    """A customer, a customer with a sum, or the sum of the customer whose panel is open; else a name."""
    if is_name(desk.typed):
        await show_named(desk)
        return
    panel_open = "customer_id" in await desk.data()
    await serve_typed(desk, awaiting_sum=panel_open and reads_as_sum(desk.typed))


async def total_typed(message: Message, desk: Desk) -> None:
    """The sum that was asked for, however long; somebody else's phone or name leaves the question."""
    if is_name(desk.typed):
        await show_named(desk)
        return
    await serve_typed(desk, awaiting_sum=True)


async def photographed(message: Message, desk: Desk) -> None:
    """The card or the customer's QR; a sum in the caption is the purchase."""
    amount = sum_in(message.caption)
    panel = await scanned(desk, message, amount)
    if panel is not None:
        await serve_panel(desk, panel, amount)
