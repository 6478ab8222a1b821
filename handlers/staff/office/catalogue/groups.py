"""Categories of products: their list, new ones, and which one a product is in."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.catalogue import LONGEST_CATEGORY, Category, words
from core.domain.errors import ProductUnknown
from handlers.callbacks import OnProduct
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import inline
from handlers.staff.office.catalogue import cards, screens
from handlers.staff.office.parts import back_to
from handlers.staff.states import Cataloguing
from handlers.ui import Screen


def build() -> Router:
    router = Router(name="staff-office-catalogue-groups")
    press = router.callback_query.register
    press(listed, OnProduct.filter(F.do == "groups"))
    press(opened, OnProduct.filter(F.do == "group"))
    press(choose, OnProduct.filter(F.do == "choose"))
    press(put, OnProduct.filter(F.do == "put"))
    press(ask_name, OnProduct.filter(F.do.in_({"new_group", "rename", "make"})))
    press(delete, OnProduct.filter(F.do == "delete"))
    router.message.register(typed, Cataloguing.group, ANSWER)
    return router


async def listed(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    await _show_all(desk, callback_data.n)


async def _show_all(desk: Desk, page: int = 0) -> None:
    await desk.open(None)
    await desk.show(screens.all_groups(desk.ui, await desk.core.catalogue.categories(desk.actor), page))


async def opened(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(screens.group(desk.ui, await _group(desk, callback_data.id)))


async def _group(desk: Desk, category_id: int) -> Category:
    for each in await desk.core.catalogue.categories(desk.actor):
        if each.id == category_id:
            return each
    raise ProductUnknown


async def choose(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    """Which category the product shall be in."""
    product = await desk.core.catalogue.product(desk.actor, callback_data.id)
    groups = await desk.core.catalogue.categories(desk.actor)
    await desk.open(None)
    await desk.show(screens.choice(desk.ui, product, groups, callback_data.n))


async def put(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    """Into a category, or into none."""
    category_id = callback_data.n or None
    await cards.show(desk, await desk.core.catalogue.change(desk.actor, callback_data.id, category_id=category_id))


async def ask_name(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    """What a category is to be called: a new one (perhaps for a product), or one that is there."""
    product = callback_data.id if callback_data.do == "make" else 0
    group = callback_data.id if callback_data.do == "rename" else 0
    if product:
        back = OnProduct(do="choose", id=product)
    else:
        back = OnProduct(do="group", id=group) if group else screens.GROUPS
    text = desk.ui.text("staff/office/catalogue/ask", what="group", refused=False)
    await desk.ask(Cataloguing.group, Screen(text, inline([back_to(desk.ui, back)])), id=group, product=product)


async def typed(message: Message, desk: Desk) -> None:
    """The name."""
    if await left_for_another(desk):
        return
    try:
        name = words(desk.typed, LONGEST_CATEGORY)
    except ValueError:
        await desk.say("staff/office/catalogue/ask", what="group", refused=True)
        return
    data, core, actor = await desk.data(), desk.core.catalogue, desk.actor
    if data["id"]:
        await core.rename_category(actor, data["id"], name)
        await _show_all(desk)
        return
    made = await core.add_category(actor, name)
    if data["product"]:
        await cards.show(desk, await core.change(actor, data["product"], category_id=made))
    else:
        await _show_all(desk)


async def delete(press: CallbackQuery, callback_data: OnProduct, desk: Desk) -> None:
    """Take an empty category away."""
    await desk.core.catalogue.delete_category(desk.actor, callback_data.id)
    await _show_all(desk)
