"""What is on: current promotions, and what a coupon gives whose code is typed where nothing is asked."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import CallbackQuery, Message

from core.actors import CustomerActor
from core.couponing import Told
from core.services import Services
from handlers.callbacks import Go
from handlers.customer.filters import ANSWER, is_customer
from handlers.customer.who import Actor, CustomersOnly
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The router of promotions."""
    router = Router(name="customer-offers")
    router.callback_query.middleware(CustomersOnly())
    router.callback_query.register(offers, Go.filter(F.to == "offers"))
    return router


def build_codes() -> Router:
    """The router of typed coupon codes. A word that is no coupon's code is left to the others."""
    router = Router(name="customer-coupons")
    router.message.register(coupon, StateFilter(None), ANSWER, is_customer, is_coupon)
    return router


async def is_coupon(message: Message, actor: Actor, core: Services) -> bool | dict[str, Any]:
    """A filter that finds the coupon whose code was typed."""
    if not isinstance(actor, CustomerActor):
        return False
    told = await core.couponing.tell(actor, message.text or "")
    return False if told is None else {"told": told}


async def offers(event: CallbackQuery, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """A short list of what is on now."""
    await event.answer()
    await show(event, Screen(ui.text("customer/offers", views=await core.promotions.for_customer(actor))))


async def coupon(message: Message, told: Told, ui: Ui) -> None:
    """What the coupon gives, until when, or why nothing any more."""
    await show(message, Screen(ui.text("customer/coupon", told=told, it=told.offer)))
