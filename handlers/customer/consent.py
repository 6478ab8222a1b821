"""Consent to the terms, and apart from it to messages; agreeing makes a customer."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from core.services import Services
from handlers.callbacks import Go
from handlers.customer import keyboards, questionnaire
from handlers.customer.states import Registration
from handlers.customer.who import Actor, visitor_of
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The router of the consent."""
    router = Router(name="customer-consent")
    press = router.callback_query.register
    press(agree, Registration.consent, Go.filter(F.to == "agree"))
    press(terms, Registration.consent, Go.filter(F.to == "terms"))
    press(back, Registration.consent, Go.filter(F.to == "consent"))
    press(switch, Registration.consent, Go.filter(F.to.in_({"messages_on", "messages_off"})))
    return router


def question(ui: Ui, *, messages: bool) -> Screen:
    """The short text, with the switch as it stands."""
    return Screen(ui.text("customer/consent", messages=messages), keyboards.consent(ui, messages))


async def switch(event: CallbackQuery, callback_data: Go, state: FSMContext, ui: Ui) -> None:
    """Messages on or off; the press carries which, so that a press told twice switches once."""
    messages = callback_data.to == "messages_on"
    await state.update_data(messages=messages)
    await event.answer()
    await show(event, question(ui, messages=messages))


async def terms(event: CallbackQuery, core: Services, ui: Ui) -> None:
    """The terms in full."""
    greeting = await core.registrations.greet()
    await event.answer()
    await show(event, Screen(ui.text("customer/terms", it=greeting), keyboards.back_to_consent(ui)))


async def back(event: CallbackQuery, state: FSMContext, ui: Ui) -> None:
    await event.answer()
    await show(event, question(ui, messages=(await state.get_data())["messages"]))


async def agree(event: CallbackQuery, state: FSMContext, actor: Actor, core: Services, ui: Ui) -> None:
    """Register. Who has a name already was asked before, at the till or here."""
    data = await state.get_data()
    registered = await core.registrations.finish(
        visitor_of(actor),
        data["proof_id"],
        messages=data["messages"],
        referral_code=data.get("referral"),
        registration_id=data.get("registration_id"),
    )
    await event.answer()
    if registered.name:
        await questionnaire.welcome(event, registered, state, core, ui)
    else:
        await questionnaire.ask_name(event, state, ui)
