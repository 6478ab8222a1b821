"""What no other handler took: each gets a sentence that says what is awaited, or what can be done."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from core.services import Services
from handlers.customer import consent, keyboards, start
from handlers.customer.filters import is_customer
from handlers.customer.states import Invitation, Registration
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The last router."""
    router = Router(name="customer-strays")
    take = router.message.register
    take(phone_awaited, Registration.phone)
    take(code_awaited, Registration.code)
    take(consent_awaited, Registration.consent)
    take(name_awaited, Registration.name, is_customer)
    take(birthday_awaited, Registration.birthday, is_customer)
    take(promo_code_awaited, Invitation.promo_code, is_customer)
    take(hint, StateFilter(None), is_customer)
    take(start.greet)
    router.callback_query.register(stale)
    return router


async def phone_awaited(message: Message, ui: Ui) -> None:
    await show(message, Screen(ui.text("customer/phone_awaited"), keyboards.share_contact(ui)))


async def code_awaited(message: Message, ui: Ui) -> None:
    await show(message, Screen(ui.text("customer/code_awaited", sent=None), keyboards.code(ui)))


async def consent_awaited(message: Message, state: FSMContext, ui: Ui) -> None:
    await show(message, Screen(ui.text("customer/consent_awaited")))
    await show(message, consent.question(ui, messages=(await state.get_data())["messages"]))


async def name_awaited(message: Message, ui: Ui) -> None:
    await show(message, Screen(ui.text("customer/name_awaited"), keyboards.name(ui, None)))


async def birthday_awaited(message: Message, ui: Ui) -> None:
    await show(message, Screen(ui.text("customer/birthday_awaited"), keyboards.birthday(ui)))


async def promo_code_awaited(message: Message, ui: Ui) -> None:
    await show(message, Screen(ui.text("customer/promo_code_awaited")))


async def hint(message: Message, core: Services, ui: Ui) -> None:
    """Nothing is asked: the menu says what can be done."""
    await start.menu(message, core, ui, "customer/hint")


async def stale(event: CallbackQuery, ui: Ui) -> None:
    """A button of a question that is closed, or one that never was."""
    await event.answer(ui.plain("customer/stale"), show_alert=True)
