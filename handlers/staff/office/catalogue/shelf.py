"""The list of products: pages, what is searched for, the whole list as a file."""

from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.catalogue_import import table
from core.imports import in_thread
from handlers.callbacks import OnProduct
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.office.catalogue import screens
from handlers.staff.office.importing import hand_out
from handlers.staff.photos import PHOTO, codes_in
from handlers.staff.states import Cataloguing

LONGEST_SEARCH = 64


def build() -> Router:
    router = Router(name="staff-office-catalogue-shelf")
    press = router.callback_query.register
    press(listed, OnProduct.filter(F.do == "list"))
    press(everything, OnProduct.filter(F.do == "all"))
    press(in_group, OnProduct.filter(F.do == "in_group"))
    press(export, OnProduct.filter(F.do == "export"))
    router.message.register(searched, Cataloguing.shelf, ANSWER)
    router.message.register(photographed, Cataloguing.shelf, PHOTO)
    return router


async def listed(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    """A page of what was searched for last, or of everything."""
    data = await desk.data()
    await show(desk, callback_data.n, search=data.get("search", ""), category_id=data.get("category"))


async def everything(press: CallbackQuery, desk: Desk) -> None:
    await show(desk)


async def in_group(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    """The products of one category."""
    await show(desk, category_id=callback_data.id)


async def show(desk: Desk, page: int = 0, *, search: str = "", category_id: int | None = None) -> None:
    """A page of products; what is typed next is looked for."""
    groups = {each.id: each for each in await desk.core.catalogue.categories(desk.actor)}
    category = groups.get(category_id or 0)
    found = await desk.core.catalogue.shelf(
        desk.actor, page, screens.PAGE, search=search, category_id=category.id if category else None
    )
    data: dict[str, Any] = {"search": search, "category": category.id if category else None}
    await desk.ask(Cataloguing.shelf, screens.shelf(desk.ui, found, search=search, category=category), **data)


async def searched(message: Message, desk: Desk) -> None:
    """A part of a name, an article or a barcode. A phone is the next customer's."""
    if not await left_for_another(desk):
        await show(desk, search=desk.typed[:LONGEST_SEARCH])


async def photographed(message: Message, desk: Desk) -> None:
    """A barcode's product."""
    codes = await codes_in(desk, message)
    if codes:
        await show(desk, search=codes[0][:LONGEST_SEARCH])
    else:
        await desk.say("staff/no_code", found=False)


async def export(press: CallbackQuery, desk: Desk) -> None:
    """The whole list, as it can be loaded again."""
    rows = await desk.core.catalogue.rows(desk.actor)
    ui = desk.ui
    cells = table(rows, ui.language, ui.label("common.yes").lower(), ui.label("common.no").lower())
    await hand_out(desk, await in_thread("xlsx", f"{ui.label('catalogue.file')}-{desk.today:%Y-%m-%d}", cells))
