"""A customer's categories by hand, for managers."""

from hashlib import blake2s

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.categories import CategoriesView
from handlers.callbacks import OnCategory, OnCustomer
from handlers.parse import LABEL_LENGTH, parse_label
from handlers.staff import keyboards
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import Button, button
from handlers.staff.states import Editing
from handlers.ui import Screen, Ui

OTHERS = 30


def build() -> Router:
    """The router of categories. The core lets managers and the owner in."""
    router = Router(name="staff-categories")
    press = router.callback_query.register
    press(shown, OnCustomer.filter(F.do == "categories"))
    press(refreshed, OnCustomer.filter(F.do == "refresh"))
    press(ask_name, OnCustomer.filter(F.do == "category"))
    press(changed, OnCategory.filter(F.do.in_({"add", "remove"})))
    router.message.register(name_typed, Editing.category, ANSWER)
    return router


async def shown(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(screen_of(desk.ui, await desk.core.categories.of(desk.actor, callback_data.customer_id)))


async def refreshed(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    """Recompute this customer by the rules."""
    found = await desk.core.categories.refresh(desk.actor, callback_data.customer_id)
    await desk.answer(desk.ui.label("category.refreshed"))
    await desk.show(screen_of(desk.ui, found))


async def changed(press: CallbackQuery, callback_data: OnCategory, desk: Desk) -> None:
    """Into a category or out of it; one that is gone meanwhile shows the screen as it is."""
    found = await desk.core.categories.of(desk.actor, callback_data.customer_id)
    known = [name for name, _ in found.held] if callback_data.do == "remove" else list(found.others)
    name = next((each for each in known if tag(each) == callback_data.tag), None)
    if name is not None and callback_data.do == "add":
        found = await desk.core.categories.put_in(desk.actor, callback_data.customer_id, name)
    elif name is not None:
        found = await desk.core.categories.take_out(desk.actor, callback_data.customer_id, name)
    await desk.show(screen_of(desk.ui, found))


async def ask_name(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    """Ask for a category that nobody is in yet."""
    found = await desk.core.categories.of(desk.actor, callback_data.customer_id)
    back = button(desk.ui.label("common.back"), OnCustomer(do="categories", customer_id=found.customer_id))
    screen = Screen(desk.ui.text("staff/categories/name", high=LABEL_LENGTH), keyboards.inline([back]))
    await desk.ask(Editing.category, screen, customer_id=found.customer_id)


async def name_typed(message: Message, desk: Desk) -> None:
    """The category's name; a phone is the next customer's."""
    if await left_for_another(desk):
        return
    name = parse_label(desk.typed)
    customer_id = (await desk.data())["customer_id"]
    found = await desk.core.categories.put_in(desk.actor, customer_id, name)
    await desk.open(None)
    await desk.show(screen_of(desk.ui, found))


def tag(name: str) -> str:
    """A name as a button carries it."""
    return blake2s(name.encode(), digest_size=6).hexdigest()


def screen_of(ui: Ui, found: CategoriesView) -> Screen:
    """What the customer is in, with buttons to take them out or put them into another one."""

    def key(label: str, do: str, name: str) -> list[Button]:
        data = OnCategory(do=do, customer_id=found.customer_id, tag=tag(name))
        return [button(ui.label(label, name=name), data)]

    rows = [key("category.remove", "remove", name) for name, _ in found.held]
    rows += [key("category.add", "add", name) for name in found.others[:OTHERS]]
    new = OnCustomer(do="category", customer_id=found.customer_id)
    refresh = OnCustomer(do="refresh", customer_id=found.customer_id)
    rows.append([button(ui.label("category.new"), new), button(ui.label("category.refresh"), refresh)])
    rows.append([keyboards.back_to_panel(ui, found.customer_id)])
    return Screen(ui.text("staff/categories/held", it=found), keyboards.inline(*rows))
