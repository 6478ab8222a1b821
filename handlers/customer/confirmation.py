"""The customer's yes or no to a redemption that the till asked for."""

from aiogram import Router
from aiogram.types import CallbackQuery

from core.actors import CustomerActor
from core.domain.errors import HoldGone, PurchaseClosed, QuoteStale
from core.services import Services
from handlers.callbacks import Confirm
from handlers.customer.who import CustomersOnly
from handlers.errors import refuse, template_of
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The router of the two buttons."""
    router = Router(name="customer-confirmation")
    router.callback_query.middleware(CustomersOnly())
    router.callback_query.register(answered, Confirm.filter())
    return router


async def answered(
    event: CallbackQuery, callback_data: Confirm, actor: CustomerActor, core: Services, ui: Ui
) -> None:
    """Spend, or don't. A late press says what is true now, and the question loses its buttons."""
    verb = core.redemption.confirm if callback_data.yes else core.redemption.decline
    try:
        sale = await verb(actor, callback_data.purchase_id, hold_id=callback_data.hold_id)
    except (HoldGone, PurchaseClosed, QuoteStale) as error:
        await refuse(event, ui, error)
        name, values = template_of(error)
        await show(event, Screen(ui.text(name, **values)))
    else:
        await event.answer()
        await show(event, Screen(ui.text("customer/redemption", sale=sale)))
