"""Settings to begin with, by kind of business: chosen, shown as a difference, saved."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.domain.presets import PRESETS
from handlers.callbacks import OnProgramme
from handlers.staff.desk import Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import back_to
from handlers.staff.office.programme import screens
from handlers.staff.office.programme.saving import propose
from handlers.ui import Screen


def build() -> Router:
    router = Router(name="staff-office-programme-presets")
    router.callback_query.register(presets, OnProgramme.filter(F.do == "presets"))
    router.callback_query.register(choose, OnProgramme.filter((F.do == "preset") & F.word.in_(set(PRESETS))))
    return router


async def presets(press: CallbackQuery, desk: Desk) -> None:
    """The list of presets; the owner's, as they are for the whole network."""
    await desk.open(None)
    await desk.core.boards.board(desk.actor, None)
    rows = [
        [button(desk.ui.label(f"office.preset.{name}"), screens.at(None, "preset", word=name))] for name in PRESETS
    ]
    text = desk.ui.text("staff/office/programme/presets")
    await desk.show(Screen(text, inline(*rows, [back_to(desk.ui, screens.at(None, "sections"))])))


async def choose(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """What the preset would change."""
    await propose(desk, None, PRESETS[callback_data.word], back=screens.at(None, "presets"))
