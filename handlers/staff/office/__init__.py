"""What managers and the owner do in «⚙️ Управление»: one file (or folder) per area, listed in ``menu.AREAS``."""

from aiogram import Router

from handlers.rendering import Renderer
from handlers.staff.office import importing, menu
from handlers.staff.office.guard import ManagersOnly


def build(renderer: Renderer) -> Router:
    """The router of the menu and of all its areas. Nobody below a manager comes in."""
    router = Router(name="staff-office")
    router.message.middleware(ManagersOnly())
    router.callback_query.middleware(ManagersOnly())
    menu.register(router, renderer)
    router.include_routers(*(area.build(renderer) for area in menu.AREAS), importing.build(renderer))
    return router
