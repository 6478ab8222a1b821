"""The two dispatchers: routers from the handlers' factories, middlewares, the dialogue storage."""

from aiogram import Dispatcher
from aiogram.fsm.storage.memory import DisabledEventIsolation

from bot.dialogues import DialogueStorage
from bot.documents import fetch_document
from bot.inline_filters import ask_in_place
from bot.photos import fetch_photo
from core.services import Services
from handlers import customer, staff
from handlers.errors import Refusals
from handlers.middlewares import Acting, PrivateOnly
from handlers.rendering import Renderer


def customer_dispatcher(core: Services, renderer: Renderer) -> Dispatcher:
    """The customer bot."""
    dispatcher = _dispatcher("customer", core, renderer)
    dispatcher.include_router(customer.build_router(renderer))
    ask_in_place(dispatcher)
    return dispatcher


def staff_dispatcher(core: Services, renderer: Renderer) -> Dispatcher:
    """The staff bot."""
    dispatcher = _dispatcher("staff", core, renderer)
    dispatcher["fetch_photo"] = fetch_photo
    dispatcher["fetch_document"] = fetch_document
    dispatcher.include_router(staff.build_router(renderer))
    ask_in_place(dispatcher)
    return dispatcher


def _dispatcher(name: str, core: Services, renderer: Renderer) -> Dispatcher:
    # The intake gives turns: aiogram's isolation would begin after the dialogue was read.
    dispatcher = Dispatcher(storage=DialogueStorage(core.deps.clock), events_isolation=DisabledEventIsolation())
    for observer in (dispatcher.message, dispatcher.callback_query):
        observer.outer_middleware(PrivateOnly())
        observer.outer_middleware(Acting(name, core, renderer))
        observer.outer_middleware(Refusals())
    dispatcher.my_chat_member.outer_middleware(Acting(name, core, renderer))
    return dispatcher
