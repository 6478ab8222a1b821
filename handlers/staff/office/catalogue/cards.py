"""One product: its card, changing it, adding one by hand."""

from collections.abc import Callable
from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.catalogue import LONGEST_ARTICLE, LONGEST_NAME, Product, barcode, price, words
from core.domain.errors import InvalidAmount
from handlers.callbacks import OnProduct
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk, is_live
from handlers.staff.keyboards import button, inline
from handlers.staff.office.catalogue import screens
from handlers.staff.office.parts import back_to
from handlers.staff.photos import PHOTO, codes_in
from handlers.staff.states import Cataloguing
from handlers.ui import Screen

PARSERS: dict[str, Callable[[str], Any]] = {
    "name": lambda text: words(text, LONGEST_NAME),
    "article": lambda text: words(text, LONGEST_ARTICLE),
    "barcode": barcode,
    "price": price,
}


def build() -> Router:
    router = Router(name="staff-office-catalogue-cards")
    press = router.callback_query.register
    press(opened, OnProduct.filter(F.do == "open"))
    press(ask, OnProduct.filter((F.do == "edit") & F.word.in_(set(PARSERS))))
    press(clear, OnProduct.filter((F.do == "clear") & F.word.in_(set(screens.CLEARED))))
    press(switch, OnProduct.filter(F.do.in_({"sold", "unsold"})))
    press(add, OnProduct.filter(F.do == "add"))
    press(without_price, OnProduct.filter(F.do == "no_price"), Cataloguing.price, is_live)
    router.message.register(barcode_photographed, Cataloguing.field, PHOTO)
    router.message.register(typed, Cataloguing.field, ANSWER)
    router.message.register(name_typed, Cataloguing.name, ANSWER)
    router.message.register(price_typed, Cataloguing.price, ANSWER)
    return router


async def opened(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    await show(desk, await desk.core.catalogue.product(desk.actor, callback_data.id))


async def show(desk: Desk, product: Product) -> None:
    await desk.open(None)
    await desk.show(screens.card(desk.ui, product))


async def ask(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    """Ask for a new value."""
    product = await desk.core.catalogue.product(desk.actor, callback_data.id)
    screen = screens.asked(desk.ui, callback_data.word, product)
    await desk.ask(Cataloguing.field, screen, id=product.id, field=callback_data.word)


async def typed(message: Message, desk: Desk) -> None:
    """The new value; one that does not fit is asked for again with its bounds. A phone is the next customer's."""
    data = await desk.data()
    field = data["field"]
    try:
        value = PARSERS[field](desk.typed)
    except (ValueError, InvalidAmount):
        if not await left_for_another(desk):
            product = await desk.core.catalogue.product(desk.actor, data["id"])
            await desk.show(screens.asked(desk.ui, field, product, refused=True))
        return
    await show(desk, await desk.core.catalogue.change(desk.actor, data["id"], **{field: value}))


async def barcode_photographed(message: Message, desk: Desk) -> None:
    """The barcode in a picture, where one is asked for."""
    data = await desk.data()
    codes = await codes_in(desk, message) if data["field"] == "barcode" else []
    if not codes:
        await desk.say("staff/office/catalogue/ask", what=data["field"], refused=True)
        return
    await show(desk, await desk.core.catalogue.change(desk.actor, data["id"], barcode=barcode(codes[0])))


async def clear(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    """A product without a price or barcode."""
    changes = {callback_data.word: None}
    await show(desk, await desk.core.catalogue.change(desk.actor, callback_data.id, **changes))


async def switch(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    """Whether the till offers it."""
    sold = callback_data.do == "sold"
    await show(desk, await desk.core.catalogue.change(desk.actor, callback_data.id, is_sold=sold))


async def add(press: CallbackQuery, desk: Desk) -> None:
    """Begin a new product: what it is called."""
    screen = Screen(
        desk.ui.text("staff/office/catalogue/ask", what="name", refused=False),
        inline([back_to(desk.ui, screens.LIST)]),
    )
    await desk.ask(Cataloguing.name, screen)


async def name_typed(message: Message, desk: Desk) -> None:
    """Its name; then its price is asked."""
    if await left_for_another(desk):
        return
    try:
        name = words(desk.typed, LONGEST_NAME)
    except ValueError:
        await desk.say("staff/office/catalogue/ask", what="name", refused=True)
        return
    await _ask_price(desk, name, refused=False)


async def _ask_price(desk: Desk, name: str, *, refused: bool) -> None:
    later = button(desk.ui.label("catalogue.no_price"), OnProduct(do="no_price"))
    screen = Screen(
        desk.ui.text("staff/office/catalogue/ask", what="price", refused=refused),
        inline([later], [back_to(desk.ui, screens.LIST)]),
    )
    await desk.ask(Cataloguing.price, screen, name=name)


async def price_typed(message: Message, desk: Desk) -> None:
    """Its price, and the product is there."""
    name = (await desk.data())["name"]
    try:
        cost = price(desk.typed)
    except InvalidAmount:
        if not await left_for_another(desk):
            await _ask_price(desk, name, refused=True)
        return
    await show(desk, await desk.core.catalogue.add(desk.actor, name, cost, key=desk.key))


async def without_price(press: CallbackQuery, desk: Desk) -> None:
    """A product whose price is typed at the till."""
    name = (await desk.data())["name"]
    await show(desk, await desk.core.catalogue.add(desk.actor, name, None, key=desk.key))
