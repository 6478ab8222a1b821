"""The card: a picture with a QR and six digits that die after a while."""

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.types import CallbackQuery, Message

from core.actors import CustomerActor
from core.cards import ShownCard
from core.services import Services
from handlers.callbacks import Go
from handlers.customer import keyboards
from handlers.customer.who import CustomersOnly
from handlers.images import draw_card
from handlers.rendering import Renderer
from handlers.ui import Screen, Ui, show


def build(renderer: Renderer) -> Router:
    """The router of /card and its button."""
    router = Router(name="customer-card")
    router.message.middleware(CustomersOnly())
    router.callback_query.middleware(CustomersOnly())
    router.message.register(show_card, or_f(Command("card"), F.text.in_(renderer.labels("menu.card"))))
    router.callback_query.register(refresh, Go.filter(F.to == "card"))
    return router


async def show_card(message: Message, actor: CustomerActor, core: Services, ui: Ui) -> None:
    await show(message, await _screen(await core.cards.show(actor), actor, core, ui))


async def refresh(event: CallbackQuery, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """New digits and a new QR in the same message; drawing it takes longer than a press waits."""
    card = await core.cards.show(actor)
    await event.answer()
    await show(event, await _screen(card, actor, core, ui))


async def _screen(card: ShownCard, actor: CustomerActor, core: Services, ui: Ui) -> Screen:
    programme = await core.programmes.current()
    opened = await core.balances.open(actor)
    picture = await draw_card(
        card.qr_text,
        name=card.name or "",
        level=opened.follows.level,
        merchant=programme.name or ui.label("card.title"),
        code=card.code,
        footer=ui.label("card.footer", number=card.card_number) if card.card_number else "",
    )
    return Screen(ui.text("customer/card", card=card), keyboards.card(ui), picture)
