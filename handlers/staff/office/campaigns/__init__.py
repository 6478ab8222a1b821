"""«📣 Рассылки»: one message to a segment of customers, from its draft to what it changed."""

from aiogram import Router

from handlers.rendering import Renderer
from handlers.staff.office.campaigns import drafts, segment, sending


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-campaigns")
    router.include_routers(drafts.build(), segment.build(), sending.build())
    return router
