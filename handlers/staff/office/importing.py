"""Loading files of any kind: asked for, checked, loaded. What a kind is, core.imports says."""

from collections.abc import Awaitable, Callable

from aiogram import Bot, F, Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardMarkup, Message

from core.domain.errors import LoyaltyError
from core.import_kinds import ImportKind, said
from core.import_views import ImportView
from core.sheets import MAX_BYTES, MAX_ROWS, SheetFile
from handlers.callbacks import OnCards, OnFiles, OnImport, OnProduct
from handlers.rendering import Renderer
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import back_to
from handlers.staff.states import Importing
from handlers.ui import Screen, Ui

FetchDocument = Callable[[Bot, str], Awaitable[bytes]]
"""A file of Telegram's by its id. Raises FileRefused for one that is too heavy or gone."""

KINDS: dict[str, CallbackData] = {
    "products": OnProduct(do="list"),
    "cards": OnCards(do="menu"),
    "customers": OnFiles(do="menu"),
}
"""Kinds of import with the screen that each comes from. Areas add theirs: one line."""


def build(renderer: Renderer) -> Router:
    """The router of files."""
    router = Router(name="staff-office-importing")
    press = router.callback_query.register
    press(ask, OnImport.filter((F.do == "ask") & F.kind.in_(set(KINDS))))
    press(look, OnImport.filter(F.do == "look"))
    press(load, OnImport.filter(F.do == "load"))
    press(errors, OnImport.filter(F.do == "errors"))
    router.message.register(received, Importing.file, F.document)
    router.message.register(typed, Importing.file, ANSWER)
    return router


async def ask(press: CallbackQuery, callback_data: OnImport, desk: Desk) -> None:
    """Ask for a file, and say what it may hold."""
    kind = desk.core.imports.kinds[callback_data.kind]
    desk.actor.require(kind.right)
    await desk.ask(Importing.file, _asked(desk.ui, kind), kind=kind.name)


async def received(message: Message, desk: Desk, fetch_document: FetchDocument) -> None:
    """Check the file and show what loading it would do; one that is refused can be sent anew at once."""
    data = await desk.data()
    document, bot = message.document, message.bot
    if document is None or bot is None:
        raise TypeError("the filter lets documents through only")
    waits = await desk.add(Screen(desk.ui.text("staff/office/imports/reading")))
    try:
        content = await fetch_document(bot, document.file_id)
        name = document.file_name or "file"
        view = await desk.core.imports.read(desk.actor, data["kind"], name, content, key=desk.key)
    except LoyaltyError:
        await desk.remove(waits.message_id)
        raise
    await desk.remove(waits.message_id)
    await desk.show(checked(desk.ui, view))
    await desk.open(None)


async def typed(message: Message, desk: Desk) -> None:
    """No file: the next customer, or somebody who needs to be told that a file is awaited."""
    if not await left_for_another(desk):
        kind = desk.core.imports.kinds[(await desk.data())["kind"]]
        await desk.show(_asked(desk.ui, kind, refused=True))


async def look(press: CallbackQuery, callback_data: OnImport, desk: Desk) -> None:
    await desk.show(checked(desk.ui, await desk.core.imports.look(desk.actor, callback_data.id)))


async def load(press: CallbackQuery, callback_data: OnImport, desk: Desk) -> None:
    """Begin to load; the pressed message shows the progress."""
    pressed = desk.pressed_id
    message = None if pressed is None else ("staff", desk.actor.telegram_id, pressed)
    view = await desk.core.imports.load(desk.actor, callback_data.id, message=message)
    await desk.show(checked(desk.ui, view))


async def errors(press: CallbackQuery, callback_data: OnImport, desk: Desk) -> None:
    """All wrong rows as a file."""
    head = [desk.ui.label(f"imports.head.{word}") for word in ("row", "column", "found", "expected")]
    name = desk.ui.label("imports.errors_name")
    await hand_out(desk, await desk.core.imports.errors(desk.actor, callback_data.id, name, head))


async def hand_out(desk: Desk, file: SheetFile) -> None:
    """Send a file as a document, under what is on the screen."""
    await desk.answer()
    event = desk.event.message if isinstance(desk.event, CallbackQuery) else desk.event
    if event is None:
        raise ValueError("a press without its message comes from inline mode, which is off")
    await event.answer_document(BufferedInputFile(file.content, file.name))


def _asked(ui: Ui, kind: ImportKind, *, refused: bool = False) -> Screen:
    columns = [(said(each.title, ui.language), each.required) for each in kind.columns]
    bounds = {"megabytes": MAX_BYTES // 1_000_000, "rows": MAX_ROWS}
    text = ui.text("staff/office/imports/ask", kind=kind.name, columns=columns, refused=refused, **bounds)
    return Screen(text, inline([back_to(ui, KINDS[kind.name])]))


def checked(ui: Ui, view: ImportView) -> Screen:
    """What loading a file would do, or what it does or did."""
    return Screen(ui.text("staff/office/imports/checked", it=view), keys(ui, view.kind, view.id, view))


def keys(ui: Ui, kind: str, import_id: int, view: ImportView) -> InlineKeyboardMarkup:
    """What can be done with a file that was read."""
    loads = view.state == "ready" and view.added + view.changed > 0
    go = [button(ui.label("imports.load"), OnImport(do="load", id=import_id))] if loads else []
    bad = [button(ui.label("imports.errors"), OnImport(do="errors", id=import_id))] if view.wrong else []
    other = [button(ui.label("imports.other"), OnImport(do="ask", kind=kind))] if view.state != "loading" else []
    return inline(go, bad, other, [back_to(ui, KINDS[kind])])
