"""Stars for a purchase, and words after them."""

from contextlib import suppress

from aiogram import F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from core.actors import CustomerActor
from core.reviews import LONGEST, LOW
from core.services import Services
from handlers.callbacks import OnOwnReview
from handlers.customer.asking import ask, leave
from handlers.customer.filters import ANSWER, is_customer
from handlers.customer.states import Reviewing
from handlers.customer.who import CustomersOnly
from handlers.notices import stars
from handlers.ui import Screen, Ui, show


def build() -> Router:
    """The router of the presses under the question."""
    router = Router(name="customer-reviews")
    router.callback_query.middleware(CustomersOnly())
    router.callback_query.register(rate, OnOwnReview.filter(F.do == "rate"))
    router.callback_query.register(skip, OnOwnReview.filter(F.do == "skip"))
    return router


def build_answers() -> Router:
    """The router of the words."""
    router = Router(name="customer-reviews-words")
    router.message.register(words_typed, Reviewing.words, ANSWER, is_customer)
    return router


def question(ui: Ui, purchase_id: int, given: int) -> Screen:
    """The stars as they stand, other ones to choose, and the question for words."""
    again = stars(ui, purchase_id)
    skipping = OnOwnReview(do="skip", id=purchase_id)
    words = InlineKeyboardButton(text=ui.label("common.skip"), callback_data=skipping.pack())
    keys = InlineKeyboardMarkup(inline_keyboard=[again, [words]])
    return Screen(
        ui.text("customer/review_rated", stars=given, asks=True, low=given <= LOW, longest=LONGEST), keys
    )


async def rate(
    event: CallbackQuery,
    callback_data: OnOwnReview,
    state: FSMContext,
    actor: CustomerActor,
    core: Services,
    ui: Ui,
) -> None:
    """Keep the stars and ask for words; a review that is closed is thanked for once more."""
    row = await core.reviews.rate(actor, callback_data.id, callback_data.stars)
    await event.answer()
    if row.closed_at is not None:
        await show(event, Screen(ui.text("customer/review_thanks", words=True)))
        return
    await state.set_data({})
    screen = question(ui, callback_data.id, callback_data.stars)
    await ask(event, state, screen, Reviewing.words, purchase_id=callback_data.id, stars=callback_data.stars)


async def skip(event: CallbackQuery, state: FSMContext, ui: Ui) -> None:
    """Stars alone will do."""
    if await state.get_state() == Reviewing.words.state:
        await state.clear()
    await event.answer()
    await show(event, Screen(ui.text("customer/review_thanks", words=False)))


async def words_typed(message: Message, state: FSMContext, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """Too many words leave the question open."""
    data = await state.get_data()
    row = await core.reviews.say(actor, data["purchase_id"], (message.text or "").strip())
    await leave(message.bot, message.chat.id, state)
    if message.bot is not None and data.get("message_id") is not None:
        text = ui.text("customer/review_rated", stars=row.stars, asks=False)
        with suppress(TelegramBadRequest):  # gone: nothing there asks for words any more
            await message.bot.edit_message_text(text, chat_id=message.chat.id, message_id=data["message_id"])
    await show(message, Screen(ui.text("customer/review_thanks", words=True)))
