"""«Каталог»: what is sold, by whom it is found at the till, and in which categories."""

from aiogram import Router

from handlers.rendering import Renderer
from handlers.staff.office.catalogue import cards, groups, shelf


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-catalogue")
    router.include_routers(shelf.build(), cards.build(), groups.build())
    return router
