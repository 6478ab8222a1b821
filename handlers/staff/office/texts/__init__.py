"""«📝 Шаблоны»: the words of what customers are told, and which topics go by which channels."""

from aiogram import Router

from handlers.rendering import Renderer
from handlers.staff.office.guard import OwnersOnly
from handlers.staff.office.texts import browsing, editing, topics


def build(renderer: Renderer) -> Router:
    """The router of the area, for the owner alone."""
    router = Router(name="staff-office-texts")
    router.message.middleware(OwnersOnly())
    router.callback_query.middleware(OwnersOnly())
    router.include_routers(browsing.build(renderer), editing.build(renderer), topics.build())
    return router
