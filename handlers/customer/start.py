"""The first words, help, and leaving a question."""

from typing import Any

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, ReplyKeyboardRemove

from core.actors import CustomerActor
from core.domain.errors import RegistrationStale
from core.services import Services
from handlers.customer import keyboards
from handlers.customer.states import Registration
from handlers.customer.who import Actor, visitor_of
from handlers.errors import refuse
from handlers.parse import parse_payload
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The router of /start, /help and /cancel."""
    router = Router(name="customer-start")
    router.message.register(start, CommandStart())
    router.message.register(explain, Command("help"))
    router.message.register(cancel, Command("cancel"))
    return router


async def start(
    message: Message, command: CommandObject, state: FSMContext, actor: Actor, core: Services, ui: Ui, key: str
) -> None:
    """A customer gets the menu; a visitor is greeted, or sent a code for the link that the till gave."""
    payload = parse_payload(command.args)
    if isinstance(actor, CustomerActor):
        await state.clear()
        await menu(message, core, ui, "customer/welcome_back", name=actor.name)
    elif payload.kind == "reg":
        await follow_link(message, payload.value, state, actor, core, ui, key)
    else:
        await greet(message, state, core, ui, payload.value if payload.kind == "ref" else None)


async def greet(message: Message, state: FSMContext, core: Services, ui: Ui, referral: str | None = None) -> None:
    """Say what the programme is and ask for the phone; an invitation is remembered from an earlier /start."""
    referral = referral or (await state.get_data()).get("referral")
    greeting = await core.registrations.greet(referral)
    await state.set_state(Registration.phone)
    await state.set_data({"referral": referral} if referral else {})
    await show(message, Screen(ui.text("customer/greeting", it=greeting), keyboards.share_contact(ui)))


async def follow_link(
    message: Message, token: str, state: FSMContext, actor: Actor, core: Services, ui: Ui, key: str
) -> None:
    """The link in the till's SMS: its phone gets a code at once. A dead link is said to be so."""
    try:
        opened = await core.registrations.open_link(visitor_of(actor), token, key=key)
    except RegistrationStale as error:
        await refuse(message, ui, error)
        await greet(message, state, core, ui)
        return
    await state.set_state(Registration.code)
    await state.update_data(phone=opened.phone, registration_id=opened.registration_id)
    await show(message, Screen(ui.text("customer/link_opened", it=opened), keyboards.share_contact(ui)))
    await show(message, Screen(ui.text("customer/code_awaited", sent=opened.sent), keyboards.code(ui)))


async def explain(message: Message, actor: Actor, core: Services, ui: Ui) -> None:
    """What the bot can do. A question that is open stays open."""
    programme = await core.programmes.current()
    customer = isinstance(actor, CustomerActor)
    text = ui.text("customer/help", merchant=programme.name, customer=customer, referral=programme.referral_on)
    await show(message, Screen(text, keyboards.menu(ui, programme.referral_on) if customer else None))


async def cancel(message: Message, state: FSMContext, actor: Actor, core: Services, ui: Ui) -> None:
    """Leave the open question; what was not confirmed has not happened."""
    was_open = await state.get_state() is not None
    await state.clear()
    if isinstance(actor, CustomerActor):
        await menu(message, core, ui, "customer/cancelled", was_open=was_open, customer=True)
    else:
        text = ui.text("customer/cancelled", was_open=was_open, customer=False)
        await show(message, Screen(text, ReplyKeyboardRemove()))


async def menu(message: Message, core: Services, ui: Ui, template: str, /, **data: Any) -> None:
    """Say something with the menu under it."""
    programme = await core.programmes.current()
    await show(
        message,
        Screen(ui.text(template, merchant=programme.name, **data), keyboards.menu(ui, programme.referral_on)),
    )
