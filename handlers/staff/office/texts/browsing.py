"""Looking at texts: by group, then one message in a language by a channel."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from handlers.callbacks import OnText
from handlers.rendering import Renderer
from handlers.staff.desk import Desk
from handlers.staff.office.texts import screens


def build(renderer: Renderer) -> Router:
    router = Router(name="staff-office-texts-browsing")
    press = router.callback_query.register
    press(opened, OnText.filter(F.do == "open"))
    press(grouped, OnText.filter((F.do == "group") & F.word.in_(set(renderer.own.catalogue.groups))))
    press(looked, OnText.filter(F.do == "look"))
    return router


async def opened(press: CallbackQuery, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(screens.groups(desk.ui))


async def grouped(press: CallbackQuery, callback_data: OnText, desk: Desk) -> None:
    await desk.open(None)
    changed = await desk.core.texts.changed(desk.actor)
    await desk.show(screens.messages(desk.ui, callback_data.word, changed))


async def looked(press: CallbackQuery, callback_data: OnText, desk: Desk) -> None:
    """One message; one that is no more shows the groups."""
    await desk.open(None)
    version = screens.version_of(desk.ui, callback_data)
    await desk.show(screens.groups(desk.ui) if version is None else await screens.look(desk, version))
