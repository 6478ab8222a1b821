"""Choosing the language, also before registration."""

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from core.services import Services
from handlers.callbacks import Speak
from handlers.customer import keyboards, strays
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
    await show(message, Screen(ui.text("customer/language"), keyboards.languages(ui)))


async def speak(
    event: CallbackQuery, callback_data: Speak, state: FSMContext, actor: Actor, core: Services, ui: Ui
) -> None:
    """Speak it from now on."""
    await core.preferences.set_language(actor, callback_data.code)
    await event.answer()
    ui = Ui(ui.renderer, callback_data.code)
    await show(event, Screen(ui.text("customer/language_chosen", merchant="")))
    if isinstance(event.message, Message):
        await strays.ask_again(event.message, state, actor, core, ui)
