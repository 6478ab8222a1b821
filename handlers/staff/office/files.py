"""«Импорт и экспорт»: what can be loaded from files, and everything as a file. Exports are the owner's alone."""

import tempfile
from pathlib import Path

from aiogram import F, Router
from aiogram.types import CallbackQuery, FSInputFile

from core.domain.people import Right
from handlers.callbacks import OnFiles, OnImport
from handlers.rendering import Renderer
from handlers.staff.desk import Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office import parts
from handlers.ui import Screen

OWNERS = ("customers",)
"""Kinds of import that only the owner is offered."""
LOADED = ("customers", "cards", "products")


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-files")
    press = router.callback_query.register
    press(menu, OnFiles.filter(F.do == "menu"))
    press(ask_export, OnFiles.filter(F.do == "export"))
    press(export, OnFiles.filter(F.do == "export_sure"))
    press(download, OnFiles.filter(F.do == "download"))
    return router


async def menu(press: CallbackQuery, desk: Desk) -> None:
    """What can be loaded, and what can be taken out."""
    await desk.open(None)
    owns = desk.actor.role.may(Right.OWN)
    kinds = [kind for kind in LOADED if owns or kind not in OWNERS]
    rows = [[button(desk.ui.label(f"office.files.{kind}"), OnImport(do="ask", kind=kind))] for kind in kinds]
    out = [button(desk.ui.label("office.files.export"), OnFiles(do="export"))] if owns else []
    text = desk.ui.text("staff/office/files/menu", owns=owns)
    await desk.show(Screen(text, inline(*rows, out, [parts.to_menu(desk.ui)])))


async def ask_export(press: CallbackQuery, desk: Desk) -> None:
    """Say what is in the file before it is made: it holds everybody's phones."""
    desk.actor.require(Right.OWN)
    sure = button(desk.ui.label("office.files.export_sure"), OnFiles(do="export_sure"))
    keys = inline([sure], [parts.back_to(desk.ui, OnFiles(do="menu"))])
    await desk.show(Screen(desk.ui.text("staff/office/files/export"), keys))


async def export(press: CallbackQuery, desk: Desk) -> None:
    """Begin the export; the pressed message shows its progress."""
    job_id = await desk.core.exports.begin(desk.actor, key=desk.key)
    shown = await desk.show(Screen(desk.ui.text("notice/exported", state="queued", done=0, total=0)))
    await desk.core.jobs.show_on(job_id, ("staff", shown.chat.id, shown.message_id))


async def download(press: CallbackQuery, callback_data: OnFiles, desk: Desk) -> None:
    """Send the files of a finished export."""
    if press.message is None:
        raise ValueError("a press without its message comes from inline mode, which is off")
    with tempfile.TemporaryDirectory() as folder:
        paths = await desk.core.exports.files(desk.actor, callback_data.id, Path(folder))
        await desk.answer()
        for path in paths:
            await press.message.answer_document(FSInputFile(path))
