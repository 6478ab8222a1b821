"""The first words, help, and leaving a question."""

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, ReplyKeyboardRemove

from core.actors import CustomerActor
from core.domain.errors import PromoCodeCircle, PromoCodeOwn, PromoCodeTooLate, PromoCodeUnknown, RegistrationStale
from core.services import Services
from handlers.customer import keyboards, quiet
from handlers.customer.asking import ask, leave
from handlers.customer.home import leave_question, menu
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
    if payload.kind == "stop":
        await quiet.follow(message, payload.value, actor, core, ui)
        return
    if isinstance(actor, CustomerActor):
        await leave(message.bot, message.chat.id, state)
        if payload.kind == "ref":
            await accept_invitation(message, payload.value, actor, core, ui)
        else:
            await menu(message, core, ui, "customer/welcome_back", name=actor.name, invited=False)
    elif payload.kind == "reg":
        await follow_link(message, payload.value, state, actor, core, ui, key)
    else:
        await greet(message, state, core, ui, payload.value if payload.kind == "ref" else None)


async def accept_invitation(message: Message, code: str, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """A friend's link followed by a customer: good while a typed promo code would be."""
    try:
        claimed = await core.referrals.claim(actor, code)
    except (PromoCodeCircle, PromoCodeOwn, PromoCodeTooLate, PromoCodeUnknown) as error:
        await menu(message, core, ui, "customer/welcome_back", name=actor.name, invited=error.code)
    else:
        await menu(message, core, ui, "customer/promo_code_taken", it=claimed)


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
    kept = {"phone": opened.phone, "registration_id": opened.registration_id}
    await show(message, Screen(ui.text("customer/link_opened", it=opened), keyboards.share_contact(ui)))
    question = Screen(ui.text("customer/code_awaited", sent=opened.sent), keyboards.code(ui))
    await ask(message, state, question, Registration.code, **kept)


async def explain(message: Message, state: FSMContext, actor: Actor, core: Services, ui: Ui) -> None:
    """What the bot can do. A customer's open question is left; whoever registers goes on with theirs."""
    if isinstance(actor, CustomerActor):
        await leave_question(message, state, core, ui)
    programme = await core.programmes.current()
    customer = isinstance(actor, CustomerActor)
    promotions, coupons = await core.promotions.kinds_on()
    text = ui.text(
        "customer/help",
        merchant=programme.name,
        customer=customer,
        referral=programme.referral_on,
        promotions=promotions,
        coupons=coupons,
    )
    await show(message, Screen(text, keyboards.menu(ui, programme.referral_on) if customer else None))


async def cancel(message: Message, state: FSMContext, actor: Actor, core: Services, ui: Ui) -> None:
    """Leave the open question; what was not confirmed has not happened."""
    was_open = await leave(message.bot, message.chat.id, state) is not None
    if isinstance(actor, CustomerActor):
        await menu(message, core, ui, "customer/cancelled", was_open=was_open, customer=True)
    else:
        text = ui.text("customer/cancelled", was_open=was_open, customer=False)
        await show(message, Screen(text, ReplyKeyboardRemove()))
