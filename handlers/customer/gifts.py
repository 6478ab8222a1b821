"""Gifts for points: what there is, and the question whether to exchange."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.actors import CustomerActor
from core.domain.errors import HoldGone, PointsNotEnough
from core.services import Services
from handlers.callbacks import ConfirmGift, Go
from handlers.customer.who import CustomersOnly
from handlers.errors import refuse, template_of
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The router of gifts."""
    router = Router(name="customer-gifts")
    router.callback_query.middleware(CustomersOnly())
    router.callback_query.register(gifts, Go.filter(F.to == "gifts"))
    router.callback_query.register(answered, ConfirmGift.filter())
    return router


async def gifts(event: CallbackQuery, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """The gifts with their prices, and which of them the balance is enough for."""
    await event.answer()
    await show(event, Screen(ui.text("customer/gifts", it=await core.gifts.for_customer(actor))))


async def answered(
    event: CallbackQuery, callback_data: ConfirmGift, actor: CustomerActor, core: Services, ui: Ui
) -> None:
    """Exchange, or don't. A late press says what is true now, and the question loses its buttons."""
    verb = core.gifts.confirm if callback_data.yes else core.gifts.decline
    try:
        view = await verb(actor, callback_data.exchange_id)
    except (HoldGone, PointsNotEnough) as error:
        await refuse(event, ui, error)
        name, values = template_of(error)
        await show(event, Screen(ui.text(name, **values)))
    else:
        await event.answer()
        await show(event, Screen(ui.text("customer/gift", it=view)))
