"""Proving a phone: one's own contact, or a code from an SMS."""

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, ReplyKeyboardRemove

from core.domain.errors import CodeExhausted, CodeExpired, CodeWrong, ContactNotProof, ResendTooSoon
from core.domain.phone import parse_phone
from core.registration import Proof
from core.services import Services
from handlers.callbacks import Go
from handlers.customer import consent, keyboards
from handlers.customer.asking import ask
from handlers.customer.filters import ANSWER
from handlers.customer.states import Registration
from handlers.customer.who import Actor, visitor_of
from handlers.errors import template_of
from handlers.parse import parse_code
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The router of the questions for a phone and for the code sent to it."""
    router = Router(name="customer-phone")
    asked = StateFilter(Registration.phone, Registration.code)
    router.message.register(contact_shared, asked, F.contact)
    router.message.register(phone_typed, Registration.phone, ANSWER)
    router.message.register(code_typed, Registration.code, ANSWER)
    router.callback_query.register(resend, asked, Go.filter(F.to == "resend"))
    router.callback_query.register(change_phone, asked, Go.filter(F.to == "change_phone"))
    return router


async def contact_shared(
    message: Message, state: FSMContext, actor: Actor, core: Services, ui: Ui, key: str
) -> None:
    """One's own contact is proof, or at least saves typing; a forwarded or foreign one is refused."""
    contact = message.contact
    if contact is None:
        raise TypeError("the filter lets contacts through only")
    whose = contact.user_id if message.forward_origin is None else None
    phone = parse_phone(f"+{contact.phone_number.lstrip('+')}", core.deps.region) if whose else ""
    try:
        proof = await core.registrations.accept_contact(visitor_of(actor), whose, phone, key=key)
    except ContactNotProof:
        await send_code(message, phone, state, actor, core, ui, key)
    else:
        await proven(message, proof, state, ui)


async def phone_typed(message: Message, state: FSMContext, actor: Actor, core: Services, ui: Ui, key: str) -> None:
    """A typed phone is sent a code; typed once more too soon, the code on its way is awaited."""
    phone = parse_phone(message.text or "", core.deps.region)
    before = (await state.get_data()).get("phone")
    try:
        await send_code(message, phone, state, actor, core, ui, key)
    except ResendTooSoon as error:
        if phone != before:
            raise
        await ask(message, state, Screen(_said(ui, error), keyboards.code(ui)), Registration.code)


async def send_code(
    message: Message, phone: str, state: FSMContext, actor: Actor, core: Services, ui: Ui, key: str
) -> None:
    """Send a code and await it."""
    sent = await core.registrations.request_code(visitor_of(actor), phone, key=key)
    screen = Screen(ui.text("customer/code_sent", sent=sent, again=False), keyboards.code(ui))
    await ask(message, state, screen, Registration.code, phone=phone)


async def code_typed(message: Message, state: FSMContext, actor: Actor, core: Services, ui: Ui, key: str) -> None:
    """Compare the code; a wrong one is answered with the ways on."""
    digits = parse_code(message.text or "", (await core.programmes.current()).code_length)
    try:
        proof = await core.registrations.check_code(visitor_of(actor), digits, key=key)
    except (CodeWrong, CodeExhausted, CodeExpired) as error:
        await ask(message, state, Screen(_said(ui, error), keyboards.code(ui)))
    else:
        await proven(message, proof, state, ui)


async def resend(event: CallbackQuery, state: FSMContext, actor: Actor, core: Services, ui: Ui, key: str) -> None:
    """Another code to the phone typed last, once the pause is over."""
    phone = (await state.get_data()).get("phone")
    if phone is None:
        raise SkipHandler
    sent = await core.registrations.request_code(visitor_of(actor), phone, key=key)
    await event.answer(ui.label("registration.resent"))
    screen = Screen(ui.text("customer/code_sent", sent=sent, again=True), keyboards.code(ui))
    await ask(event, state, screen, Registration.code)


async def change_phone(event: CallbackQuery, state: FSMContext, ui: Ui) -> None:
    """Back to the question for a phone."""
    await state.set_state(Registration.phone)
    await event.answer()
    await show(event, Screen(ui.text("customer/phone_awaited")))


async def proven(message: Message, proof: Proof, state: FSMContext, ui: Ui) -> None:
    """The phone is verified: on to the consent."""
    await show(message, Screen(ui.text("customer/phone_verified", proof=proof), ReplyKeyboardRemove()))
    question = consent.question(ui, messages=False)
    await ask(message, state, question, Registration.consent, proof_id=proof.proof_id, messages=False)


def _said(ui: Ui, error: CodeWrong | CodeExhausted | CodeExpired | ResendTooSoon) -> str:
    name, values = template_of(error)
    return ui.text(name, **values)
