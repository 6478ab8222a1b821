"""One's own data: another phone, everything as a file, and being forgotten."""

import json

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Message, ReplyKeyboardRemove

from core.actors import CustomerActor
from core.domain.errors import CodeExhausted, CodeExpired, CodeWrong, PhoneNotChangeable
from core.domain.phone import parse_phone
from core.services import Services
from handlers.callbacks import Go
from handlers.customer import home, keyboards
from handlers.customer.asking import ask, leave
from handlers.customer.filters import ANSWER, is_customer
from handlers.customer.states import NewPhone
from handlers.customer.who import CustomersOnly
from handlers.errors import template_of
from handlers.parse import parse_code
from handlers.ui import Screen, Ui, show

FILE = "my-data.json"


def build() -> Router:
    """The router of the buttons under the settings."""
    router = Router(name="customer-privacy")
    router.callback_query.middleware(CustomersOnly())
    press = router.callback_query.register
    press(ask_phone, Go.filter(F.to == "new_phone"))
    press(export, Go.filter(F.to == "export"))
    press(ask_erasure, Go.filter(F.to == "delete"))
    press(erase, Go.filter(F.to == "delete_sure"))
    asked = StateFilter(NewPhone.phone, NewPhone.code)
    press(ask_phone, asked, Go.filter(F.to == "change_phone"))
    press(resend, asked, Go.filter(F.to == "resend"))
    return router


def build_answers() -> Router:
    """The router of what is typed in answer: after the menu's words."""
    router = Router(name="customer-new-phone")
    router.message.register(phone_typed, NewPhone.phone, ANSWER, is_customer)
    router.message.register(code_typed, NewPhone.code, ANSWER, is_customer)
    return router


async def ask_phone(event: CallbackQuery, state: FSMContext, ui: Ui) -> None:
    await event.answer()
    await ask(
        event, state, Screen(ui.text("customer/new_phone_awaited"), keyboards.back_to_settings(ui)), NewPhone.phone
    )


async def phone_typed(
    message: Message, state: FSMContext, actor: CustomerActor, core: Services, ui: Ui, key: str
) -> None:
    """A code goes to the phone that was typed."""
    phone = parse_phone(message.text or "", core.deps.region)
    sent = await core.privacy.request_code(actor, phone, key=key)
    screen = Screen(ui.text("customer/code_sent", sent=sent, again=False), keyboards.code(ui))
    await ask(message, state, screen, NewPhone.code, phone=phone)


async def resend(
    event: CallbackQuery, state: FSMContext, actor: CustomerActor, core: Services, ui: Ui, key: str
) -> None:
    """Another code to the same phone, once the pause is over."""
    phone = (await state.get_data()).get("phone")
    if phone is None:
        await ask_phone(event, state, ui)
        return
    sent = await core.privacy.request_code(actor, phone, key=key)
    await event.answer(ui.label("registration.resent"))
    screen = Screen(ui.text("customer/code_sent", sent=sent, again=True), keyboards.code(ui))
    await ask(event, state, screen, NewPhone.code)


async def code_typed(
    message: Message, state: FSMContext, actor: CustomerActor, core: Services, ui: Ui, key: str
) -> None:
    """The code proves the phone; a wrong one is answered with the ways on."""
    digits = parse_code(message.text or "", (await core.programmes.current()).code_length)
    try:
        phone = await core.privacy.change_phone(actor, digits, key=key)
    except (CodeWrong, CodeExhausted, CodeExpired) as error:
        name, values = template_of(error)
        await ask(message, state, Screen(ui.text(name, **values), keyboards.code(ui)))
    except PhoneNotChangeable:
        await leave(message.bot, message.chat.id, state)
        await home.menu(message, core, ui, "errors/phone_not_changeable")
    else:
        await leave(message.bot, message.chat.id, state)
        await home.menu(message, core, ui, "customer/phone_changed", phone=phone)


async def export(event: CallbackQuery, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """All that is kept, as a file."""
    await event.answer()
    found = await core.privacy.export(actor)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if isinstance(event.message, Message):
        file = BufferedInputFile(text.encode(), FILE)
        await event.message.answer_document(file, caption=ui.text("customer/my_data"))


async def ask_erasure(event: CallbackQuery, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """Say what would be lost; nothing is done yet."""
    it = await core.privacy.loss(actor)
    await event.answer()
    await show(event, Screen(ui.text("customer/delete_data", it=it), keyboards.erasure(ui)))


async def erase(event: CallbackQuery, state: FSMContext, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """The second press: forgotten."""
    await core.privacy.erase(actor)
    await state.clear()
    await event.answer()
    await show(event, Screen(ui.text("customer/erased")))
    if isinstance(event.message, Message):
        await show(event.message, Screen(ui.text("customer/erased_farewell"), ReplyKeyboardRemove()))
