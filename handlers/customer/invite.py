"""Inviting friends, and entering the promo code of the friend who invited."""

import re

from aiogram import F, Router
from aiogram.filters import Command, StateFilter, or_f
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from core.actors import CustomerActor
from core.domain.errors import PromoCodeUnknown
from core.services import Services
from handlers.callbacks import Go
from handlers.customer import home, keyboards
from handlers.customer.filters import ANSWER, is_customer
from handlers.customer.states import Invitation
from handlers.customer.who import CustomersOnly
from handlers.images import draw_qr
from handlers.rendering import Renderer
from handlers.ui import Screen, Ui, show

_PROMO_CODE = re.compile("[A-Z0-9]{6}")
_LOOK_ALIKES = str.maketrans("АВЕКМНРСТУХ", "ABEKMHPCTYX")


def build(renderer: Renderer) -> Router:
    """The router of /invite."""
    router = Router(name="customer-invite")
    router.message.middleware(CustomersOnly())
    router.callback_query.middleware(CustomersOnly())
    router.message.register(invite, or_f(Command("invite"), F.text.in_(renderer.labels("menu.invite"))))
    router.callback_query.register(ask_promo_code, Go.filter(F.to == "promo_code"))
    return router


def build_codes() -> Router:
    """The router of typed promo codes: where one is asked for, or where nothing is."""
    router = Router(name="customer-promo-codes")
    router.message.register(promo_code_typed, Invitation.promo_code, ANSWER, is_customer)
    router.message.register(promo_code_typed, StateFilter(None), F.text.func(_is_promo_code), is_customer)
    return router


async def invite(message: Message, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """The link, the promo code and the QR; what came of them."""
    it = await core.referrals.invitation(actor)
    if not it.on:
        await home.menu(message, core, ui, "customer/invite_off")
        return
    screen = Screen(ui.text("customer/invite", it=it), keyboards.invitation(ui, it), await draw_qr(it.link))
    await show(message, screen)


async def ask_promo_code(event: CallbackQuery, state: FSMContext, ui: Ui) -> None:
    await state.set_state(Invitation.promo_code)
    await event.answer()
    await show(event, Screen(ui.text("customer/promo_code_awaited")))


async def promo_code_typed(
    message: Message, state: FSMContext, actor: CustomerActor, core: Services, ui: Ui
) -> None:
    """A refused code leaves the question open."""
    code = _tidied(message.text or "")
    if not _PROMO_CODE.fullmatch(code):
        raise PromoCodeUnknown
    claimed = await core.referrals.claim(actor, code)
    await state.clear()
    await home.menu(message, core, ui, "customer/promo_code_taken", it=claimed)


def _is_promo_code(text: str | None) -> bool:
    return text is not None and _PROMO_CODE.fullmatch(_tidied(text)) is not None


def _tidied(text: str) -> str:
    """Capitals, with Cyrillic letters that look Latin taken for the Latin ones they were meant to be."""
    return text.strip().upper().translate(_LOOK_ALIKES)
