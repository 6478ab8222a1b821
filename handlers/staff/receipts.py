"""The receipt's number: asked where the programme wants it, typed, or sent along as ``#1234``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.errors import ReceiptNeeded, ReceiptTaken
from core.receipts import LONGEST
from handlers.callbacks import OnSale
from handlers.staff import keyboards
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.sales import show_sale
from handlers.staff.states import Selling
from handlers.ui import Screen


def build() -> Router:
    """The router of numbers."""
    router = Router(name="staff-receipts")
    router.callback_query.register(ask, OnSale.filter(F.do == "receipt"))
    router.message.register(typed, Selling.receipt, ANSWER)
    return router


@asynccontextmanager
async def asking_receipt(desk: Desk, purchase_id: int) -> AsyncIterator[None]:
    """When the number is missing or taken, that is said, and the number is asked for: the sale waits."""
    try:
        yield
    except (ReceiptNeeded, ReceiptTaken) as error:
        await desk.refuse(error)
        await ask_number(desk, purchase_id)


async def ask(press: CallbackQuery, callback_data: OnSale, desk: Desk) -> None:
    """Ask for the number of a quote's receipt; a sale that is over is shown as it is."""
    sale = await desk.core.till.look(desk.actor, callback_data.purchase_id)
    if sale.status == "draft":
        await ask_number(desk, sale.purchase_id)
    else:
        await show_sale(desk, sale)


async def ask_number(desk: Desk, purchase_id: int) -> None:
    screen = Screen(desk.ui.text("staff/sale/receipt", high=LONGEST), keyboards.back_to_sale(desk.ui, purchase_id))
    await desk.ask(Selling.receipt, screen, purchase_id=purchase_id)


async def typed(message: Message, desk: Desk) -> None:
    """The number, with its sign or without; somebody's phone is the next customer."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    sale = await desk.core.receipt_numbers.put(desk.actor, data["purchase_id"], desk.typed)
    await show_sale(desk, sale, before=data["message_id"])
