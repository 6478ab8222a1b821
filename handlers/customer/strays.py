"""What no other handler took: each gets a sentence that says what is awaited, or what can be done."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from core.actors import CustomerActor
from core.services import Services
from handlers.customer import consent, home, keyboards, reviews, start
from handlers.customer.asking import ask
from handlers.customer.filters import is_customer
from handlers.customer.states import Invitation, NewPhone, Registration, Reviewing
from handlers.customer.who import Actor
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The last router."""
    router = Router(name="customer-strays")
    take = router.message.register
    take(phone_awaited, Registration.phone)
    take(code_awaited, Registration.code)
    take(consent_awaited, Registration.consent)
    take(name_awaited, Registration.name, is_customer)
    take(birthday_awaited, Registration.birthday, is_customer)
    take(new_phone_awaited, NewPhone.phone, is_customer)
    take(new_code_awaited, NewPhone.code, is_customer)
    take(promo_code_awaited, Invitation.promo_code, is_customer)
    take(words_awaited, Reviewing.words, is_customer)
    take(hint, StateFilter(None), is_customer)
    take(start.greet)
    router.callback_query.register(stale)
    return router


async def phone_awaited(message: Message, ui: Ui) -> None:
    await show(message, Screen(ui.text("customer/phone_awaited"), keyboards.share_contact(ui)))


async def code_awaited(message: Message, state: FSMContext, ui: Ui) -> None:
    await ask(message, state, Screen(ui.text("customer/code_awaited", sent=None), keyboards.code(ui)))


async def consent_awaited(message: Message, state: FSMContext, ui: Ui) -> None:
    await show(message, Screen(ui.text("customer/consent_awaited")))
    await ask(message, state, consent.question(ui, messages=(await state.get_data())["messages"]))


async def name_awaited(message: Message, state: FSMContext, ui: Ui) -> None:
    await ask(message, state, Screen(ui.text("customer/name_awaited"), keyboards.name(ui, None)))


async def birthday_awaited(message: Message, state: FSMContext, ui: Ui) -> None:
    await ask(message, state, Screen(ui.text("customer/birthday_awaited"), keyboards.birthday(ui)))


async def new_phone_awaited(message: Message, state: FSMContext, ui: Ui) -> None:
    await ask(message, state, Screen(ui.text("customer/new_phone_awaited"), keyboards.back_to_settings(ui)))


async def new_code_awaited(message: Message, state: FSMContext, ui: Ui) -> None:
    await code_awaited(message, state, ui)


async def promo_code_awaited(message: Message, ui: Ui) -> None:
    await show(message, Screen(ui.text("customer/promo_code_awaited")))


async def words_awaited(message: Message, state: FSMContext, ui: Ui) -> None:
    asked = await state.get_data()
    await ask(message, state, reviews.question(ui, asked["purchase_id"], asked["stars"]))


async def hint(message: Message, core: Services, ui: Ui) -> None:
    """Nothing is asked: the menu says what can be done."""
    await home.menu(message, core, ui, "customer/hint")


async def ask_again(message: Message, state: FSMContext, actor: Actor, core: Services, ui: Ui) -> None:
    """Whatever is asked now, once more; where nothing is, the menu or the greeting."""
    asked = await state.get_state()
    customer = isinstance(actor, CustomerActor)
    if asked == Registration.code.state:
        await code_awaited(message, state, ui)
    elif asked == Registration.consent.state:
        await consent_awaited(message, state, ui)
    elif asked == Registration.name.state and customer:
        await name_awaited(message, state, ui)
    elif asked == Registration.birthday.state and customer:
        await birthday_awaited(message, state, ui)
    elif asked == NewPhone.phone.state and customer:
        await new_phone_awaited(message, state, ui)
    elif asked == NewPhone.code.state and customer:
        await new_code_awaited(message, state, ui)
    elif asked == Invitation.promo_code.state and customer:
        await promo_code_awaited(message, ui)
    elif asked == Reviewing.words.state and customer:
        await words_awaited(message, state, ui)
    elif isinstance(actor, CustomerActor):
        await home.menu(message, core, ui, "customer/welcome_back", name=actor.name, invited=False)
    else:
        await start.greet(message, state, core, ui)


async def stale(event: CallbackQuery, ui: Ui) -> None:
    """A button of a question that is closed, or one that never was."""
    await event.answer(ui.plain("customer/stale"), show_alert=True)
