"""Settings: messages by topic and channel, language; the way to one's own data."""

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from core.actors import CustomerActor
from core.services import Services
from handlers.callbacks import Go, Language, Topic
from handlers.customer import home, keyboards
from handlers.customer.who import CustomersOnly
from handlers.rendering import Renderer
from handlers.ui import Screen, Ui, show


def build(renderer: Renderer) -> Router:
    """The router of /settings."""
    router = Router(name="customer-settings")
    router.message.middleware(CustomersOnly())
    router.callback_query.middleware(CustomersOnly())
    router.message.register(settings, or_f(Command("settings"), F.text.in_(renderer.labels("menu.settings"))))
    router.callback_query.register(back, Go.filter(F.to == "settings"))
    router.callback_query.register(switch, Topic.filter())
    router.callback_query.register(speak, Language.filter())
    return router


async def settings(message: Message, actor: CustomerActor, core: Services, ui: Ui) -> None:
    await show(message, await _screen(actor, core, ui))


async def back(event: CallbackQuery, state: FSMContext, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """Out of a question about one's own data."""
    await state.clear()
    await event.answer()
    await show(event, await _screen(actor, core, ui))


async def switch(event: CallbackQuery, callback_data: Topic, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """Messages of a topic on a channel on or off."""
    await core.preferences.set_topic(actor, callback_data.topic, callback_data.channel, callback_data.on)
    await event.answer()
    await show(event, await _screen(actor, core, ui))


async def speak(
    event: CallbackQuery, callback_data: Language, actor: CustomerActor, core: Services, ui: Ui
) -> None:
    """Change the language: of this screen, and of the menu by a new message."""
    await core.preferences.set_language(actor, callback_data.code)
    await event.answer()
    ui = Ui(ui.renderer, callback_data.code)
    await show(event, await _screen(actor, core, ui))
    if isinstance(event.message, Message):
        await home.menu(event.message, core, ui, "customer/language_chosen")


async def _screen(actor: CustomerActor, core: Services, ui: Ui) -> Screen:
    topics = await core.preferences.topics(actor)
    return Screen(ui.text("customer/settings"), keyboards.settings(ui, topics))
