"""The buttons of a customer's panel."""

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message

from core.domain.cards import parse_card
from handlers.callbacks import Ask, OnCustomer, OnItem
from handlers.parse import parse_birthday, parse_name
from handlers.staff import consents, keyboards
from handlers.staff.customers import left_for_another, reopen_panel
from handlers.staff.desk import ANSWER, Desk, is_live
from handlers.staff.photos import PHOTO, card_in
from handlers.staff.sales import sell
from handlers.staff.states import Editing, Selling
from handlers.ui import Screen

QUESTIONS: dict[str, State] = {
    "name": Editing.name,
    "birthday": Editing.birthday,
    "replace": Editing.card,
}


def build() -> Router:
    """The router of a known customer."""
    router = Router(name="staff-panel")
    press = router.callback_query.register
    press(panel, OnCustomer.filter(F.do == "panel"))
    press(ask_total, OnCustomer.filter(F.do.in_({"sale", "again"})))
    press(look, OnCustomer.filter(F.do.in_({"profile", "card"})))
    press(history, OnCustomer.filter(F.do == "history"))
    press(ask, OnCustomer.filter(F.do.in_(set(QUESTIONS))))
    press(bind, Ask.filter(F.to == "bind"), StateFilter(Editing.bind), is_live)
    router.message.register(name_typed, Editing.name, ANSWER)
    router.message.register(birthday_typed, Editing.birthday, ANSWER)
    router.message.register(card_typed, Editing.card, ANSWER)
    router.message.register(card_photographed, Editing.card, PHOTO)
    router.include_router(consents.build())
    return router


async def panel(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    await reopen_panel(desk, callback_data.customer_id)


async def ask_total(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    """Ask for the sum; after a finished sale in a new message, as that one is a task of its own."""
    found = await desk.core.identification.panel(desk.actor, callback_data.customer_id)
    items = keyboards.button(desk.ui.label("sale.items"), OnItem(do="start", n=found.customer_id))
    screen = Screen(
        desk.ui.text("staff/ask_total", panel=found),
        keyboards.inline(
            [items] if found.has_products else [], [keyboards.back_to_panel(desk.ui, found.customer_id)]
        ),
    )
    await (desk.show(screen) if callback_data.do == "sale" else desk.add(screen))
    await desk.open(Selling.total, customer_id=found.customer_id)


async def look(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    """The questionnaire or the card, with what can be changed."""
    found = await desk.core.identification.panel(desk.actor, callback_data.customer_id)
    if callback_data.do == "profile":
        keys = keyboards.profile(desk.ui, found.customer_id)
        await desk.show(Screen(desk.ui.text("staff/profile", panel=found), keys))
    else:
        keys = keyboards.card(desk.ui, found.customer_id)
        await desk.show(Screen(desk.ui.text("staff/card", panel=found), keys))


async def history(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    page = await desk.core.balances.history_for_till(desk.actor, callback_data.customer_id, callback_data.page)
    keys = keyboards.pages(desk.ui, callback_data.customer_id, page.page, page.pages)
    await desk.show(Screen(desk.ui.text("staff/history", it=page, tz=desk.actor.time_zone), keys))


async def ask(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    """Ask for a new name, birthday or card."""
    keys = keyboards.inline([keyboards.back_to_panel(desk.ui, callback_data.customer_id)])
    question = QUESTIONS[callback_data.do]
    text = desk.ui.text("staff/awaited", what=question.state)
    await desk.ask(question, Screen(text, keys), customer_id=callback_data.customer_id)


async def name_typed(message: Message, desk: Desk) -> None:
    customer_id = (await desk.data())["customer_id"]
    await desk.core.preferences.edit_at_till(desk.actor, customer_id, name=parse_name(desk.typed))
    await reopen_panel(desk, customer_id, head="edited")


async def birthday_typed(message: Message, desk: Desk) -> None:
    customer_id = (await desk.data())["customer_id"]
    born = parse_birthday(desk.typed, desk.today)
    await desk.core.preferences.edit_at_till(desk.actor, customer_id, birthday=born)
    await reopen_panel(desk, customer_id, head="edited")


async def card_typed(message: Message, desk: Desk) -> None:
    """A new card's number; a phone is the next customer's, and never a card by mistake."""
    if not await left_for_another(desk):
        await give_card(desk, (await desk.data())["customer_id"], parse_card(desk.typed))


async def card_photographed(message: Message, desk: Desk) -> None:
    number = await card_in(desk, message)
    if number is None:
        await desk.say("staff/no_code", found=False)
    else:
        await give_card(desk, (await desk.data())["customer_id"], number)


async def bind(press: CallbackQuery, desk: Desk) -> None:
    """Give the card that was shown to the customer whose phone was typed then; a sum typed with it is sold."""
    data = await desk.data()
    if data.get("amount") is None:
        await give_card(desk, data["customer_id"], data["card"])
        return
    blocked = await desk.core.cards.bind(desk.actor, data["customer_id"], data["card"])
    await desk.answer(desk.ui.label("panel.bound_anew" if blocked else "panel.bound"))
    await sell(desk, data["customer_id"], data["amount"])


async def give_card(desk: Desk, customer_id: int, number: str) -> None:
    """The card is the customer's now, their older ones are blocked, the balance stays."""
    blocked = await desk.core.cards.bind(desk.actor, customer_id, number)
    await reopen_panel(desk, customer_id, head="bound", blocked=blocked)
