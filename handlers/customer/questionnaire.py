"""Name and birthday, both of which may be skipped; then the welcome."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from core.actors import CustomerActor
from core.enrolment import Registered
from core.services import Services
from handlers.callbacks import Go
from handlers.customer import keyboards
from handlers.customer.asking import ask
from handlers.customer.filters import ANSWER, is_customer
from handlers.customer.states import Registration
from handlers.customer.who import Actor, visitor_of
from handlers.parse import InputError, parse_birthday, parse_name
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The router of the questionnaire."""
    router = Router(name="customer-questionnaire")
    router.message.register(name_typed, Registration.name, ANSWER, is_customer)
    router.message.register(birthday_typed, Registration.birthday, ANSWER, is_customer)
    press = router.callback_query.register
    press(name_pressed, Registration.name, Go.filter(F.to == "my_name"), is_customer)
    press(name_skipped, Registration.name, Go.filter(F.to == "skip_name"))
    press(birthday_skipped, Registration.birthday, Go.filter(F.to == "skip_birthday"))
    return router


async def ask_name(event: CallbackQuery, state: FSMContext, ui: Ui) -> None:
    screen = Screen(ui.text("customer/ask_name"), keyboards.name(ui, _telegram_name(event)))
    await ask(event, state, screen, Registration.name)


def _telegram_name(event: CallbackQuery) -> str | None:
    """The first name of the account, if it is one that can be taken."""
    try:
        return parse_name(event.from_user.first_name)
    except InputError:
        return None


async def name_typed(message: Message, state: FSMContext, actor: CustomerActor, core: Services, ui: Ui) -> None:
    name = parse_name(message.text or "")
    await core.preferences.set_name(actor, name)
    await ask_birthday(message, state, ui, name)


async def name_pressed(
    event: CallbackQuery, state: FSMContext, actor: CustomerActor, core: Services, ui: Ui
) -> None:
    """The name that Telegram knows."""
    name = parse_name(event.from_user.first_name)
    await core.preferences.set_name(actor, name)
    await event.answer()
    await ask_birthday(event, state, ui, name)


async def name_skipped(event: CallbackQuery, state: FSMContext, ui: Ui) -> None:
    await event.answer()
    await ask_birthday(event, state, ui, None)


async def ask_birthday(event: Message | CallbackQuery, state: FSMContext, ui: Ui, name: str | None) -> None:
    screen = Screen(ui.text("customer/ask_birthday", name=name), keyboards.birthday(ui))
    await ask(event, state, screen, Registration.birthday)


async def birthday_typed(
    message: Message, state: FSMContext, actor: CustomerActor, core: Services, ui: Ui
) -> None:
    birthday = parse_birthday(message.text or "", core.deps.clock.now().date())
    await core.preferences.set_birthday(actor, birthday)
    await finish(message, state, actor, core, ui)


async def birthday_skipped(event: CallbackQuery, state: FSMContext, actor: Actor, core: Services, ui: Ui) -> None:
    await event.answer()
    await finish(event, state, actor, core, ui)


async def finish(event: Message | CallbackQuery, state: FSMContext, actor: Actor, core: Services, ui: Ui) -> None:
    """The proof answers what came of the registration once more."""
    data = await state.get_data()
    registered = await core.registrations.finish(
        visitor_of(actor), data["proof_id"], messages=data["messages"], referral_code=data.get("referral")
    )
    await welcome(event, registered, state, core, ui)


async def welcome(
    event: Message | CallbackQuery, registered: Registered, state: FSMContext, core: Services, ui: Ui
) -> None:
    """Done: card, balance, and the menu."""
    await state.clear()
    programme = await core.programmes.current()
    if isinstance(event, CallbackQuery):
        await show(event, Screen(ui.text("customer/questions_done")))
    text = ui.text("customer/registered", it=registered, merchant=programme.name)
    await show(event, Screen(text, keyboards.menu(ui, programme.referral_on)))
