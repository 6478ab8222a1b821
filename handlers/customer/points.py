"""The balance and the history."""

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.types import CallbackQuery, Message

from core.actors import CustomerActor
from core.balance import HistoryPage
from core.services import Services
from handlers.callbacks import HistoryAt
from handlers.customer import keyboards
from handlers.customer.who import CustomersOnly
from handlers.rendering import Renderer
from handlers.ui import Screen, Ui, show


def build(renderer: Renderer) -> Router:
    """The router of /balance and /history."""
    router = Router(name="customer-points")
    router.message.middleware(CustomersOnly())
    router.callback_query.middleware(CustomersOnly())
    router.message.register(balance, or_f(Command("balance"), F.text.in_(renderer.labels("menu.balance"))))
    router.message.register(history, or_f(Command("history"), F.text.in_(renderer.labels("menu.history"))))
    router.callback_query.register(turn_page, HistoryAt.filter())
    return router


async def balance(message: Message, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """Points now and their worth, what comes and what goes."""
    opened = await core.balances.open(actor)
    keys = keyboards.balance(ui, gifts=opened.has_gifts, offers=opened.has_offers)
    await show(message, Screen(ui.text("customer/balance", it=opened, tz=core.deps.time_zone), keys))


async def history(message: Message, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """The newest operations."""
    await show(message, _screen(await core.balances.history(actor), core, ui))


async def turn_page(
    event: CallbackQuery, callback_data: HistoryAt, actor: CustomerActor, core: Services, ui: Ui
) -> None:
    """Another page in the same message."""
    page = await core.balances.history(actor, callback_data.page)
    await event.answer()
    await show(event, _screen(page, core, ui))


def _screen(page: HistoryPage, core: Services, ui: Ui) -> Screen:
    text = ui.text("customer/history", it=page, tz=core.deps.time_zone)
    return Screen(text, keyboards.pages(ui, page.page, page.pages))
