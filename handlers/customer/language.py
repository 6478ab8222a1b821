"""Choosing the language, also before registration."""

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from core.actors import CustomerActor
from core.services import Services
from handlers.callbacks import Speak
from handlers.customer import home, keyboards, strays
from handlers.customer.states import Registration
from handlers.customer.who import Actor
from handlers.rendering import Renderer
from handlers.ui import Screen, Ui, show


def build(renderer: Renderer) -> Router:
    """The router of /language. A question that is open stays open, and is asked again in the new language."""
    router = Router(name="customer-language")
    words = F.text.in_(renderer.labels("registration.language"))
    router.message.register(ask, or_f(Command("language"), words))
    router.callback_query.register(speak, Speak.filter())
    return router


async def ask(message: Message, ui: Ui) -> None:
    await show(message, Screen(ui.text("customer/language", chosen=False), keyboards.languages(ui)))


async def speak(
    event: CallbackQuery, callback_data: Speak, state: FSMContext, actor: Actor, core: Services, ui: Ui
) -> None:
    """Speak it from now on. The confirmation brings the buttons under the field in that language."""
    await core.preferences.set_language(actor, callback_data.code)
    await event.answer()
    ui = Ui(ui.renderer, callback_data.code)
    await show(event, Screen(ui.text("customer/language", chosen=True)))
    if not isinstance(event.message, Message):
        return
    asked = await state.get_state()
    if isinstance(actor, CustomerActor):
        await home.menu(event.message, core, ui, "customer/language_chosen")
    else:
        keys = None if asked == Registration.consent.state else keyboards.share_contact(ui)
        await show(event.message, Screen(ui.text("customer/language_chosen", merchant=""), keys))
    if asked is not None or not isinstance(actor, CustomerActor):
        await strays.ask_again(event.message, state, actor, core, ui)
