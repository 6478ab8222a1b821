"""A new customer at the till: the questionnaire, then a code to the phone or a link to the customer bot."""

from datetime import date
from typing import Any

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import CallbackQuery, Message

from core.domain.cards import parse_card
from core.domain.errors import CardTaken, CardUnbound, CardUnknown, CustomerUnknown, PhoneTaken
from core.domain.phone import parse_phone
from handlers.callbacks import Ask, OnRegistration
from handlers.parse import parse_birthday, parse_name
from handlers.staff import keyboards
from handlers.staff.customers import left_for_another, reopen_panel, serve_panel
from handlers.staff.desk import ANSWER, Desk, is_live
from handlers.staff.new_card import offer_card
from handlers.staff.photos import PHOTO, card_in
from handlers.staff.sales import sell
from handlers.staff.states import Finding, Joining
from handlers.ui import Screen

QUESTIONNAIRE = StateFilter(Joining.name, Joining.birthday, Joining.card)
NEXT = {Joining.name: Joining.birthday, Joining.birthday: Joining.card}


def build() -> Router:
    """The router of registration at the till."""
    router = Router(name="staff-new-customer")
    router.message.register(phone_typed, Joining.phone, ANSWER)
    router.message.register(name_typed, Joining.name, ANSWER)
    router.message.register(birthday_typed, Joining.birthday, ANSWER)
    router.message.register(card_typed, Joining.card, ANSWER)
    router.message.register(card_photographed, Joining.card, PHOTO)
    router.message.register(code_typed, Joining.code, ANSWER)
    press = router.callback_query.register
    press(register, Ask.filter(F.to == "register"), StateFilter(Finding.unknown), is_live)
    press(begin, Ask.filter(F.to == "register"))
    press(skip, Ask.filter(F.to == "skip"), QUESTIONNAIRE, is_live)
    press(issue_now, Ask.filter(F.to == "issue"), QUESTIONNAIRE, is_live)
    press(link_now, Ask.filter(F.to == "link"), QUESTIONNAIRE, is_live)
    press(issue, OnRegistration.filter(F.do == "issue"))
    press(link, OnRegistration.filter(F.do == "link"))
    return router


async def begin(event: Message | CallbackQuery, desk: Desk) -> None:
    """Ask for the phone; also after an old button whose phone is not kept any more."""
    await desk.ask(Joining.phone, Screen(desk.ui.text("staff/new/phone", card=None)))


async def register(press: CallbackQuery, desk: Desk) -> None:
    """The phone was just typed and nobody has it."""
    data = await desk.data()
    await ask_name(desk, phone=data["phone"], amount=data.get("amount"))


async def phone_typed(message: Message, desk: Desk) -> None:
    """Known: the panel opens instead, or the card is offered to them. Unknown: on to the name."""
    phone, data = parse_phone(desk.typed, desk.region), await desk.data()
    card, amount = data.get("card"), data.get("amount")
    try:
        panel = await desk.core.identification.by_phone(desk.actor, phone)
    except CustomerUnknown:
        await ask_name(desk, phone=phone, card=card, amount=amount)
    else:
        await (serve_panel(desk, panel, amount) if card is None else offer_card(desk, panel, card, amount))


async def ask_name(desk: Desk, *, phone: str, card: str | None = None, amount: int | None = None) -> None:
    screen = Screen(desk.ui.text("staff/new/name", phone=phone, card=card), keyboards.questionnaire(desk.ui))
    await desk.ask(Joining.name, screen, phone=phone, card=card, amount=amount)


async def name_typed(message: Message, desk: Desk) -> None:
    await proceed(desk, name=parse_name(desk.typed))


async def birthday_typed(message: Message, desk: Desk) -> None:
    await proceed(desk, birthday=parse_birthday(desk.typed, desk.today).isoformat())


async def card_typed(message: Message, desk: Desk) -> None:
    await take_card(desk, parse_card(desk.typed))


async def card_photographed(message: Message, desk: Desk) -> None:
    number = await card_in(desk, message)
    if number is None:
        await desk.say("staff/no_code", found=False)
    else:
        await take_card(desk, number)


async def take_card(desk: Desk, number: str) -> None:
    """A card that nobody has. Raises CardTaken, CardBlocked."""
    try:
        await desk.core.identification.by_card(desk.actor, number)
    except (CardUnknown, CardUnbound):
        await proceed(desk, card=number)
    else:
        raise CardTaken(number=number)


async def skip(press: CallbackQuery, desk: Desk) -> None:
    await proceed(desk)


async def proceed(desk: Desk, **answer: Any) -> None:
    """Keep the answer and ask the next question; after the last one, how to finish."""
    data = await desk.data() | answer
    following = {asked.state: question for asked, question in NEXT.items()}.get(await desk.state.get_state())
    if following is None or (following is Joining.card and data.get("card")):
        await finish(desk, data)
        return
    name = "birthday" if following is Joining.birthday else "card"
    await desk.ask(following, Screen(desk.ui.text(f"staff/new/{name}"), keyboards.questionnaire(desk.ui)), **data)


async def finish(desk: Desk, answers: dict[str, Any]) -> None:
    """Keep the questionnaire and offer the two ways to finish."""
    registration_id = await keep(desk, answers)
    if registration_id is not None:
        keys = keyboards.registration(desk.ui, registration_id, "new_customer.issue_now")
        said = {"name": answers.get("name"), "phone": answers["phone"], "card": answers.get("card")}
        await desk.show(Screen(desk.ui.text("staff/new/ready", **said), keys))
        await desk.open(None, registration_id=registration_id, amount=answers.get("amount"))


async def keep(desk: Desk, answers: dict[str, Any]) -> int | None:
    """The kept questionnaire's id. A phone that has become known meanwhile opens its panel instead."""
    born = answers.get("birthday")
    try:
        return await desk.core.till_registrations.open_at_till(
            desk.actor,
            answers["phone"],
            name=answers.get("name"),
            birthday=date.fromisoformat(born) if born else None,
            card_number=answers.get("card"),
        )
    except PhoneTaken as taken:
        panel = await desk.core.identification.panel(desk.actor, taken.data["customer_id"])
        await serve_panel(desk, panel, answers.get("amount"))
        return None


async def issue_now(press: CallbackQuery, desk: Desk) -> None:
    """Skip what is left and send the code."""
    data = await desk.data()
    registration_id = await keep(desk, data)
    if registration_id is not None:
        await send_code(desk, registration_id, data.get("amount"))


async def link_now(press: CallbackQuery, desk: Desk) -> None:
    """Skip what is left and send the link."""
    data = await desk.data()
    registration_id = await keep(desk, data)
    if registration_id is not None:
        await send_link(desk, registration_id, data.get("amount"))


async def issue(press: CallbackQuery, callback_data: OnRegistration, desk: Desk) -> None:
    await send_code(desk, callback_data.registration_id, await sum_kept(desk, callback_data))


async def link(press: CallbackQuery, callback_data: OnRegistration, desk: Desk) -> None:
    await send_link(desk, callback_data.registration_id, await sum_kept(desk, callback_data))


async def sum_kept(desk: Desk, button: OnRegistration) -> int | None:
    """The sum that was typed with this registration's customer, unless something else was begun since."""
    data = await desk.data()
    return data.get("amount") if data.get("registration_id") == button.registration_id else None


async def send_code(desk: Desk, registration_id: int, amount: int | None) -> None:
    """Send a code to the new customer's phone and await it."""
    sent = await desk.core.till_registrations.send_till_code(desk.actor, registration_id, key=desk.key)
    keys = keyboards.registration(desk.ui, registration_id, "registration.resend")
    screen = Screen(desk.ui.text("staff/new/code", sent=sent), keys)
    await desk.ask(Joining.code, screen, registration_id=registration_id, amount=amount)


async def send_link(desk: Desk, registration_id: int, amount: int | None) -> None:
    """The customer registers in the customer bot; nothing more is to be done here."""
    phone = await desk.core.till_registrations.send_link(desk.actor, registration_id, key=desk.key)
    await desk.show(Screen(desk.ui.text("staff/new/link_sent", phone=phone, amount=amount)))
    await desk.open(None)


async def code_typed(message: Message, desk: Desk) -> None:
    """The code activates the card; a sum typed with the phone is sold, else the panel is ready for one."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    digits = await desk.typed_code()
    done = await desk.core.till_registrations.finish_at_till(
        desk.actor, data["registration_id"], digits, key=desk.key
    )
    if data.get("amount") is None:
        await reopen_panel(desk, done.customer_id, head="registered")
        return
    await desk.say("staff/new/registered", card=done.card_number)
    await sell(desk, done.customer_id, data["amount"])
