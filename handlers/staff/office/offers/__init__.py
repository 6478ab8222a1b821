"""«Акции и купоны»: lists with what each has cost, and one board for making and changing them."""

from aiogram import Router

from handlers.rendering import Renderer
from handlers.staff.office.offers import drafting, lists


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-offers")
    router.include_routers(lists.build(), drafting.build())
    return router
