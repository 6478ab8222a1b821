"""What managers and the owner do in «⚙️ Управление»: one file (or folder) per area, listed in ``menu.AREAS``."""

from aiogram import Router

from handlers.rendering import Renderer
from handlers.staff.office import importing, menu
from handlers.staff.office.guard import ManagersOnly


def entrance(renderer: Renderer) -> Router:
    """The router of the ways in, asked before any question's: the menu's word is never an answer."""
    router = guarded("staff-office-entrance")
    menu.register(router, renderer)
    return router


def build(renderer: Renderer) -> Router:
    """The router of all areas. Nobody below a manager comes in."""
    router = guarded("staff-office")
    router.include_routers(*(area.build(renderer) for area in menu.AREAS), importing.build(renderer))
    return router


def guarded(name: str) -> Router:
    """A router that refuses everybody below a manager."""
    router = Router(name=name)
    router.message.middleware(ManagersOnly())
    router.callback_query.middleware(ManagersOnly())
    return router
