"""Commands and the menu: the way into everything, and out of every question."""

from aiogram import F, Router
from aiogram.filters import Command, CommandStart
from aiogram.types import CallbackQuery, Message

from core.domain.errors import PurchaseClosed
from core.domain.people import Role
from handlers.callbacks import Language, OnShift
from handlers.rendering import Renderer
from handlers.staff import commands, keyboards, new_customer, refunding
from handlers.staff.desk import Desk
from handlers.staff.states import Refunding, Selling
from handlers.ui import Screen, Ui

OF_SOLD = frozenset({*Refunding.__state_names__, Selling.rest.state})
"""Questions about a purchase that is completed and stays so."""


def build(renderer: Renderer) -> Router:
    """The router of commands and menu words, in whatever language they are shown."""
    router = Router(name="staff-menu")
    reply = router.message.register
    reply(start, CommandStart())
    reply(explain, Command("help"))
    reply(cancel, Command("cancel"))
    reply(languages, Command("language"))
    reply(find, F.text.in_(renderer.labels("staff_menu.find")))
    reply(new_customer.begin, Command("new"))
    reply(new_customer.begin, F.text.in_(renderer.labels("staff_menu.new")))
    reply(refunding.recent, Command("refund"))
    reply(refunding.recent, F.text.in_(renderer.labels("staff_menu.refund")))
    reply(shift, Command("shift"))
    reply(shift, F.text.in_(renderer.labels("staff_menu.shift")))
    router.callback_query.register(set_language, Language.filter())
    router.callback_query.register(other_shift, OnShift.filter())
    return router


def home(desk: Desk, template: str) -> Screen:
    """Words with the menu under them."""
    role = desk.ui.label(f"role.{desk.actor.role.value}")
    return Screen(desk.ui.text(template, actor=desk.actor, role=role), keyboards.menu(desk.ui, desk.actor))


async def start(message: Message, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(home(desk, "staff/home"))


async def explain(message: Message, desk: Desk) -> None:
    """What the bot can do. A question that is open stays open."""
    await desk.show(home(desk, "staff/help"))


async def cancel(message: Message, desk: Desk) -> None:
    """Leave the open question; the sale it was about is thrown away, unless it was finished meanwhile."""
    data, asked = await desk.data(), await desk.state.get_state()
    await desk.open(None)
    is_sale = "purchase_id" in data and asked not in OF_SOLD
    if asked is not None and "message_id" in data and not is_sale:
        await desk.disarm(data["message_id"])
    if is_sale:
        try:
            await desk.core.till.drop(desk.actor, data["purchase_id"])
        except PurchaseClosed:
            await desk.show(home(desk, "staff/home"))
            return
        await desk.remove(data["message_id"])
    await desk.show(home(desk, "staff/cancelled"))


async def find(message: Message, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(Screen(desk.ui.text("staff/find")))


async def shift(message: Message, desk: Desk) -> None:
    """Today in this branch."""
    await desk.open(None)
    await show_shift(desk, None)


async def other_shift(press: CallbackQuery, callback_data: OnShift, desk: Desk) -> None:
    """Today in another branch, or in all."""
    await show_shift(desk, callback_data.branch_id)


async def show_shift(desk: Desk, branch_id: int | None) -> None:
    it = await desk.core.reports.shift(desk.actor, branch_id)
    await desk.show(Screen(desk.ui.text("staff/shift", it=it, tz=it.time_zone), keyboards.shift(desk.ui, it)))


async def languages(message: Message, desk: Desk) -> None:
    await desk.show(Screen(desk.ui.text("staff/language"), keyboards.languages(desk.ui)))


async def set_language(press: CallbackQuery, callback_data: Language, desk: Desk) -> None:
    """Speak another language from now on; the menu comes anew."""
    language = desk.ui.renderer.language(callback_data.code)
    await desk.core.staff.set_language(desk.actor.telegram_id, language)
    desk.ui = Ui(desk.ui.renderer, language)
    if desk.actor.role.rank >= Role.MANAGER.rank:
        await commands.offer_to_manager(press.bot, desk.ui.renderer, desk.actor.telegram_id, language)
    await desk.add(home(desk, "staff/home"))
