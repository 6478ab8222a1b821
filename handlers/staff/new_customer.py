"""A new customer at the till: the questionnaire, then a code to the phone or a link to the customer bot."""

from datetime import date
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, StateFilter
from aiogram.types import CallbackQuery, Message

from core.domain.cards import parse_card
from core.domain.errors import CardTaken, CardUnbound, CardUnknown, CustomerUnknown, PhoneTaken
from core.domain.phone import parse_phone
from core.identification import Panel
from handlers.callbacks import Ask, OnRegistration
from handlers.parse import parse_birthday, parse_code, parse_name
from handlers.rendering import Renderer
from handlers.staff import keyboards
from handlers.staff.customers import left_for_another, open_panel, reopen_panel
from handlers.staff.desk import ANSWER, Desk, is_live
from handlers.staff.photos import PHOTO, card_in
from handlers.staff.states import Editing, Finding, Joining
from handlers.ui import Screen

QUESTIONNAIRE = StateFilter(Joining.name, Joining.birthday, Joining.card)
NEXT = {Joining.name: Joining.birthday, Joining.birthday: Joining.card}


def build(renderer: Renderer) -> Router:
    """The router of registration at the till."""
    router = Router(name="staff-new-customer")
    router.message.register(begin, Command("new"))
    router.message.register(begin, F.text.in_(renderer.labels("staff_menu.new")))
    router.message.register(phone_typed, Joining.phone, ANSWER)
    router.message.register(name_typed, Joining.name, ANSWER)
    router.message.register(birthday_typed, Joining.birthday, ANSWER)
    router.message.register(card_typed, Joining.card, ANSWER)
    router.message.register(card_photographed, Joining.card, PHOTO)
    router.message.register(code_typed, Joining.code, ANSWER)
    press = router.callback_query.register
    press(register, Ask.filter(F.to == "register"), StateFilter(Finding.unknown), is_live)
    press(create_card, Ask.filter(F.to == "create_card"), StateFilter(Finding.card), is_live)
    press(begin, Ask.filter(F.to.in_({"register", "create_card"})))
    press(skip, Ask.filter(F.to == "skip"), QUESTIONNAIRE, is_live)
    press(issue_now, Ask.filter(F.to == "issue"), QUESTIONNAIRE, is_live)
    press(link_now, Ask.filter(F.to == "link"), QUESTIONNAIRE, is_live)
    press(issue, OnRegistration.filter(F.do == "issue"))
    press(link, OnRegistration.filter(F.do == "link"))
    return router


async def begin(event: Message | CallbackQuery, desk: Desk) -> None:
    """Ask for the phone; also after an old button whose phone is not kept any more."""
    await desk.ask(Joining.phone, Screen(desk.ui.text("staff/awaited", what=Joining.phone.state)))


async def register(press: CallbackQuery, desk: Desk) -> None:
    """The phone was just typed and nobody has it."""
    await ask_name(desk, phone=(await desk.data())["phone"])


async def create_card(press: CallbackQuery, desk: Desk) -> None:
    """A card that nobody has: whose shall it be?"""
    screen = Screen(desk.ui.text("staff/awaited", what=Joining.phone.state))
    await desk.ask(Joining.phone, screen, card=(await desk.data())["card"])


async def phone_typed(message: Message, desk: Desk) -> None:
    """Known: the panel opens instead, or the card is offered to them. Unknown: on to the name."""
    phone, card = parse_phone(desk.typed, desk.region), (await desk.data()).get("card")
    try:
        panel = await desk.core.identification.by_phone(desk.actor, phone)
    except CustomerUnknown:
        await ask_name(desk, phone=phone, card=card)
    else:
        await (open_panel(desk, panel) if card is None else offer_card(desk, panel, card))


async def offer_card(desk: Desk, panel: Panel, card: str) -> None:
    """A known customer: one press gives them the card."""
    keys = keyboards.inline(
        *keyboards.answers(desk.ui, ("panel.bind_card", "bind")).inline_keyboard,
        [keyboards.back_to_panel(desk.ui, panel.customer_id)],
    )
    screen = Screen(desk.ui.text("staff/bind", panel=panel, number=card), keys)
    await desk.ask(Editing.bind, screen, customer_id=panel.customer_id, card=card)


async def ask_name(desk: Desk, *, phone: str, card: str | None = None) -> None:
    text = desk.ui.text("staff/new/name", phone=phone)
    await desk.ask(Joining.name, Screen(text, keyboards.questionnaire(desk.ui)), phone=phone, card=card)


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
        await desk.open(None)


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
        await reopen_panel(desk, taken.data["customer_id"])
        return None


async def issue_now(press: CallbackQuery, desk: Desk) -> None:
    """Skip what is left and send the code."""
    registration_id = await keep(desk, await desk.data())
    if registration_id is not None:
        await send_code(desk, registration_id)


async def link_now(press: CallbackQuery, desk: Desk) -> None:
    """Skip what is left and send the link."""
    registration_id = await keep(desk, await desk.data())
    if registration_id is not None:
        await send_link(desk, registration_id)


async def issue(press: CallbackQuery, callback_data: OnRegistration, desk: Desk) -> None:
    await send_code(desk, callback_data.registration_id)


async def link(press: CallbackQuery, callback_data: OnRegistration, desk: Desk) -> None:
    await send_link(desk, callback_data.registration_id)


async def send_code(desk: Desk, registration_id: int) -> None:
    """Send a code to the new customer's phone and await it."""
    sent = await desk.core.till_registrations.send_till_code(desk.actor, registration_id, key=desk.key)
    keys = keyboards.registration(desk.ui, registration_id, "registration.resend")
    screen = Screen(desk.ui.text("staff/new/code", sent=sent), keys)
    await desk.ask(Joining.code, screen, registration_id=registration_id)


async def send_link(desk: Desk, registration_id: int) -> None:
    """The customer registers in the customer bot; nothing more is to be done here."""
    phone = await desk.core.till_registrations.send_link(desk.actor, registration_id, key=desk.key)
    await desk.show(Screen(desk.ui.text("staff/new/link_sent", phone=phone)))
    await desk.open(None)


async def code_typed(message: Message, desk: Desk) -> None:
    """The code activates the card; the panel is ready for the sum."""
    if await left_for_another(desk):
        return
    registration_id = (await desk.data())["registration_id"]
    digits = parse_code(desk.typed)
    done = await desk.core.till_registrations.finish_at_till(desk.actor, registration_id, digits, key=desk.key)
    await reopen_panel(desk, done.customer_id, head="registered")
