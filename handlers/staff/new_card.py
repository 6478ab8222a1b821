"""A card that nobody holds: whose shall it be? Its buttons carry its number, so an old one means its own card."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.domain.errors import CardUnbound, CardUnknown
from core.identification import Panel
from handlers.callbacks import OnCard
from handlers.staff import keyboards
from handlers.staff.customers import not_found, serve_panel
from handlers.staff.desk import Desk
from handlers.staff.states import Editing, Joining
from handlers.ui import Screen


def build() -> Router:
    """The router of cards that nobody holds."""
    router = Router(name="staff-new-card")
    router.callback_query.register(create, OnCard.filter(F.do == "create"))
    router.callback_query.register(look, OnCard.filter(F.do == "look"))
    return router


async def create(press: CallbackQuery, callback_data: OnCard, desk: Desk) -> None:
    """Ask for the phone. A card that was given away since opens its holder's panel."""
    number, amount = callback_data.number, await sum_kept(desk, callback_data)
    try:
        panel = await desk.core.identification.by_card(desk.actor, number)
    except (CardUnknown, CardUnbound):
        keys = keyboards.new_card(desk.ui, number, "look", "common.back")
        screen = Screen(desk.ui.text("staff/new/phone", card=number), keys)
        await desk.ask(Joining.phone, screen, card=number, amount=amount)
    else:
        await serve_panel(desk, panel, amount)


async def look(press: CallbackQuery, callback_data: OnCard, desk: Desk) -> None:
    """Back to what was found of the card."""
    amount = await sum_kept(desk, callback_data)
    try:
        panel = await desk.core.identification.by_card(desk.actor, callback_data.number)
    except (CardUnknown, CardUnbound) as error:
        await not_found(desk, error, amount)
    else:
        await serve_panel(desk, panel, amount)


async def sum_kept(desk: Desk, button: OnCard) -> int | None:
    """The sum that was typed with this card, unless something else was begun since."""
    data = await desk.data()
    return data.get("amount") if data.get("card") == button.number else None


async def offer_card(desk: Desk, panel: Panel, card: str, amount: int | None) -> None:
    """A known customer: one press gives them the card."""
    keys = keyboards.inline(
        *keyboards.answers(desk.ui, ("panel.bind_card", "bind")).inline_keyboard,
        [keyboards.back_to_panel(desk.ui, panel.customer_id)],
    )
    screen = Screen(desk.ui.text("staff/bind", panel=panel, number=card), keys)
    await desk.ask(Editing.bind, screen, customer_id=panel.customer_id, card=card, amount=amount)
