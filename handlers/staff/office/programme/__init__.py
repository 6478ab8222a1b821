"""«Программа»: every setting of the programme, on screens made from its declaration."""

from aiogram import Router

from handlers.rendering import Renderer
from handlers.staff.office.programme import (
    boards,
    editing,
    exclusions,
    gifts,
    nth,
    pairs,
    presets,
    reminding,
    saving,
)


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-programme")
    router.include_routers(
        boards.build(),
        editing.build(),
        pairs.build(),
        gifts.build(),
        exclusions.build(),
        nth.build(),
        presets.build(),
        reminding.build(),
        saving.build(),
    )
    return router
