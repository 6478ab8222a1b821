"""Before every handler: private chats only, who acts, in which language, and the request's key."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject, Update, User

from core.batches import Batches
from core.services import Services
from handlers.rendering import Renderer
from handlers.ui import Ui

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class PrivateOnly(BaseMiddleware):
    """Nothing of the merchant or its customers is ever said in a group; a press there is answered by nothing."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if isinstance(event, Message) and event.chat.type != "private":
            return None
        if isinstance(event, CallbackQuery) and (event.message is None or event.message.chat.type != "private"):
            await event.answer()
            return None
        return await handler(event, data)


class Acting(BaseMiddleware):
    """Gives handlers ``actor``, ``ui``, ``core`` and ``key``.

    In the customer bot the actor is a CustomerActor or a Visitor; in the staff bot a StaffActor or None.
    ``key`` is the same each time the same update is delivered.
    """

    def __init__(self, bot: str, core: Services, renderer: Renderer) -> None:
        self._bot = bot
        self._core = core
        self._renderer = renderer
        self._customer = Batches(core.identification.customers)

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        user: User | None = data.get("event_from_user")
        if user is None:
            return None
        update: Update = data["event_update"]
        client_language = self._renderer.language(user.language_code)
        actor: Any
        if self._bot == "staff":
            actor = await self._core.staff.identify(user.id, client_language)
        else:
            actor = await self._customer((user.id, client_language))
        language = actor.language if actor is not None else client_language
        data |= {
            "actor": actor,
            "ui": Ui(self._renderer, language),
            "core": self._core,
            "key": f"{self._bot}:{update.update_id}",
        }
        return await handler(event, data)
