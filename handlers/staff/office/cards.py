"""«Карты»: the pool that is loaded in bulk, whose each card is, blocking one that is lost."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.card_pool import STATUSES
from core.domain.cards import HIGH, LOW, MOST_AT_ONCE, parse_card
from core.domain.errors import InvalidCard
from handlers.callbacks import OnCards
from handlers.rendering import Renderer
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.office import card_screens
from handlers.staff.states import Managing
from handlers.ui import Screen


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-cards")
    press = router.callback_query.register
    press(menu, OnCards.filter(F.do == "menu"))
    press(page, OnCards.filter((F.do == "page") & F.word.in_(set(STATUSES))))
    press(opened, OnCards.filter(F.do == "open"))
    press(blocked, OnCards.filter(F.do == "block"))
    press(unblocked, OnCards.filter(F.do == "unblock"))
    press(ask_number, OnCards.filter(F.do == "find"))
    press(ask_range, OnCards.filter(F.do == "load"))
    router.message.register(number_typed, Managing.find_card, ANSWER)
    router.message.register(range_typed, Managing.card_range, ANSWER)
    return router


async def menu(press: CallbackQuery, desk: Desk) -> None:
    """How many cards there are by status."""
    await desk.open(None)
    await desk.show(card_screens.menu(desk.ui, await desk.core.card_pool.counts(desk.actor)))


async def page(press: CallbackQuery, callback_data: OnCards, desk: Desk) -> None:
    """Cards of a status, a page at a time."""
    await desk.open(None)
    found = await desk.core.card_pool.page(
        desk.actor, callback_data.word, callback_data.id or None, backwards=bool(callback_data.n)
    )
    await desk.show(card_screens.page(desk.ui, found))


async def opened(press: CallbackQuery, callback_data: OnCards, desk: Desk) -> None:
    await desk.open(None)
    it = await desk.core.card_pool.look(desk.actor, callback_data.id)
    await desk.show(card_screens.card(desk.ui, it, desk.actor.time_zone))


async def blocked(press: CallbackQuery, callback_data: OnCards, desk: Desk) -> None:
    """The card is lost: nobody can use it any more."""
    it = await desk.core.card_pool.block(desk.actor, callback_data.id)
    await desk.answer(desk.ui.label("office.cards.blocked_now"))
    await desk.show(card_screens.card(desk.ui, it, desk.actor.time_zone))


async def unblocked(press: CallbackQuery, callback_data: OnCards, desk: Desk) -> None:
    """The card was found again; that another one was given in its place is said."""
    it = await desk.core.card_pool.unblock(desk.actor, callback_data.id)
    works = "unblocked_both" if it.beside else "unblocked_now"
    await desk.answer(desk.ui.label(f"office.cards.{works}"))
    await desk.show(card_screens.card(desk.ui, it, desk.actor.time_zone))


async def ask_number(press: CallbackQuery, desk: Desk) -> None:
    await desk.ask(Managing.find_card, card_screens.ask(desk.ui, "ask_number"))


async def number_typed(message: Message, desk: Desk) -> None:
    """A number or its beginning; the next one typed is looked for, too."""
    typed = "".join(desk.typed.split())
    if not (typed.isascii() and typed.isdigit() and len(typed) <= HIGH):
        raise InvalidCard(low=LOW, high=HIGH)
    digits = parse_card(typed) if len(typed) >= LOW else typed
    found = await desk.core.card_pool.search(desk.actor, digits)
    await desk.show(card_screens.results(desk.ui, digits, found))


async def ask_range(press: CallbackQuery, desk: Desk) -> None:
    screen = card_screens.ask(desk.ui, "ask_range", low=LOW, high=HIGH, most=MOST_AT_ONCE)
    await desk.ask(Managing.card_range, screen)


async def range_typed(message: Message, desk: Desk) -> None:
    """Begin to load a range; its progress stands in a message of its own."""
    job_id, _ = await desk.core.card_pool.load_range(desk.actor, desk.typed, key=desk.key)
    await desk.open(None)
    shown = await desk.add(Screen(desk.ui.text("notice/cards_loaded", state="queued", done=0, total=0, it=None)))
    await desk.core.jobs.show_on(job_id, ("staff", shown.chat.id, shown.message_id))
