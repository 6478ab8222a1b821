"""Changing a text: typed as a message, checked, previewed, saved; and the way back to the file's own."""

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import CallbackQuery, Message

from handlers.callbacks import OnText
from handlers.rendering import Renderer
from handlers.staff.desk import ANSWER, Desk, is_live
from handlers.staff.office.texts import screens
from handlers.staff.states import Wording
from handlers.wording import from_telegram


def build(renderer: Renderer) -> Router:
    router = Router(name="staff-office-texts-editing")
    press, known = router.callback_query.register, F.word.in_(set(renderer.own.catalogue.messages))
    press(ask, OnText.filter((F.do == "edit") & known))
    press(save, OnText.filter((F.do == "save") & known), StateFilter(Wording.preview), is_live)
    press(reset, OnText.filter((F.do == "reset") & known))
    router.message.register(typed, StateFilter(Wording.text, Wording.preview), ANSWER)
    return router


async def ask(press: CallbackQuery, callback_data: OnText, desk: Desk) -> None:
    """Ask for another text, and give the one to begin with: what was typed for this message, else what stands."""
    version = screens.version_of(desk.ui, callback_data)
    if version is None:
        await desk.show(screens.groups(desk.ui))
        return
    data, pressed = await desk.data(), callback_data.pack()
    typed_before = data.get("body") if data.get("pressed") == pressed else None
    body = typed_before or await desk.core.texts.body(desk.actor, version.key)
    await desk.ask(Wording.text, screens.question(desk.ui, version), pressed=pressed)
    await desk.add(screens.beginning(desk.ui, version, body))


async def typed(message: Message, desk: Desk) -> None:
    """A text: what is wrong with it, all at once; or how it looks."""
    data = await desk.data()
    version = screens.version_of(desk.ui, OnText.unpack(data["pressed"]))
    if version is None:
        await desk.show(screens.groups(desk.ui))
        return
    body = desk.typed if version.channel == "sms" else from_telegram(message.html_text)
    problems = desk.ui.renderer.own.check(version.told, version.channel, desk.ui.language, body)
    if problems:
        await desk.show(screens.refused(desk.ui, version, problems))
        return
    await desk.ask(Wording.preview, await screens.preview(desk, version, body), pressed=data["pressed"], body=body)


async def save(press: CallbackQuery, callback_data: OnText, desk: Desk) -> None:
    """Put the previewed text in force."""
    data = await desk.data()
    version = screens.version_of(desk.ui, OnText.unpack(data["pressed"]))
    await desk.open(None)
    if version is None:
        await desk.show(screens.groups(desk.ui))
        return
    await _put(desk, version, data["body"])
    await desk.show(await screens.look(desk, version, head="saved"))


async def reset(press: CallbackQuery, callback_data: OnText, desk: Desk) -> None:
    """The file's own text again, in one press."""
    await desk.open(None)
    version = screens.version_of(desk.ui, callback_data)
    if version is None:
        await desk.show(screens.groups(desk.ui))
        return
    await _put(desk, version, None)
    await desk.show(await screens.look(desk, version, head="reset"))


async def _put(desk: Desk, version: screens.Version, body: str | None) -> None:
    """Save it; this process sends it from now on, others look every other second."""
    await desk.core.texts.save(desk.actor, version.key, body)
    own = desk.ui.renderer.own
    newer = await desk.core.texts.newer_than(own.version)
    if newer is not None:
        own.renew(*newer)
