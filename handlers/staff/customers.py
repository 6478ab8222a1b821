"""Opening a customer's panel, and what is done when nobody is found."""

import re
from collections.abc import Sequence

from aiogram.types import Message

from core.directory import LEAST_LETTERS, Listed
from core.domain.errors import CardUnbound, CardUnknown, CustomerUnknown, InvalidAmount, InvalidCard
from core.domain.money import parse_money
from core.identification import Panel
from handlers.callbacks import OnCustomer
from handlers.input_error import InputError, Reason
from handlers.parse import (
    NAME_LENGTH,
    CardNumber,
    Identifier,
    Phone,
    ShownCode,
    SumUnread,
    TillLine,
    parse_till_line,
)
from handlers.staff import keyboards
from handlers.staff.desk import Desk
from handlers.staff.photos import codes_in
from handlers.staff.sales import sell, show_sale
from handlers.staff.screens import panel_screen
from handlers.staff.states import Finding, Selling
from handlers.ui import Screen, Ui

_SHORT_SUM = 5
_KOPECKS = re.compile(r"[0-9][.,][0-9]{1,2}\D*$")

NotFound = CustomerUnknown | CardUnknown | CardUnbound


async def open_panel(desk: Desk, panel: Panel, *, head: str | None = None, blocked: Sequence[str] = ()) -> None:
    """Show the panel; a short sum typed next is this customer's purchase."""
    await desk.show(panel_screen(desk.ui, panel, desk.actor, head=head, blocked=blocked))
    await desk.open(Selling.panel, customer_id=panel.customer_id)


async def reopen_panel(
    desk: Desk, customer_id: int, *, head: str | None = None, blocked: Sequence[str] = ()
) -> None:
    """Show the panel of a customer known by id."""
    panel = await desk.core.identification.panel(desk.actor, customer_id)
    await open_panel(desk, panel, head=head, blocked=blocked)


async def serve_typed(desk: Desk, *, awaiting_sum: bool) -> None:
    """Answer what was typed. Where only its sum can't be read, the customer whom it names is open from then on,
    as the next sum is theirs and not that of whoever was served before."""
    try:
        line = parse_till_line(desk.typed, desk.region, awaiting_sum=awaiting_sum)
    except SumUnread as unread:
        try:
            panel = await identify(desk, unread.who)
        except CardUnknown as error:
            if reads_as_sum(str(error.data["number"])):
                raise unread from error
            await not_found(desk, error)
        except (CustomerUnknown, CardUnbound) as error:
            await not_found(desk, error)
        else:
            await desk.refuse(unread)
            await open_panel(desk, panel)
    else:
        await serve(desk, line)


async def serve(desk: Desk, line: TillLine) -> None:
    """Answer who was named, and sell what was named with them; a bare sum is the open panel's customer's."""
    if line.identifier is None:
        data = await desk.data()
        if line.amount is not None and "customer_id" in data:
            slip = {"instead_of": data.get("purchase_id"), "before": data.get("message_id")}
            await sell(desk, data["customer_id"], line.amount, receipt=line.receipt, **slip)
            return
        if line.receipt is not None and line.amount is None and data.get("purchase_id"):
            sale = await desk.core.receipt_numbers.put(desk.actor, data["purchase_id"], line.receipt)
            await show_sale(desk, sale, before=data.get("message_id"))
            return
        raise InputError(Reason.NO_CUSTOMER)
    try:
        panel = await identify(desk, line.identifier)
    except (CustomerUnknown, CardUnknown, CardUnbound) as error:
        await not_found(desk, error, line.amount)
    else:
        await serve_panel(desk, panel, line.amount, line.receipt)


async def serve_panel(desk: Desk, panel: Panel, amount: int | None, receipt: str | None = None) -> None:
    """Sell for the sum that came along, or open the panel."""
    if amount is None:
        await open_panel(desk, panel)
    else:
        await sell(desk, panel.customer_id, amount, receipt=receipt)


async def identify(desk: Desk, who: Identifier) -> Panel:
    """Raises what the way of naming the customer raises."""
    found = desk.core.identification
    match who:
        case Phone(e164):
            return await found.by_phone(desk.actor, e164)
        case ShownCode(digits) | CardNumber(digits):
            return await found.by_digits(desk.actor, digits)


async def scanned(desk: Desk, message: Message, amount: int | None = None) -> Panel | None:
    """Whose card or QR the picture shows; None when it shows nobody's, which is said with the way on."""
    codes = await codes_in(desk, message)
    try:
        return await desk.core.identification.by_scans(desk.actor, codes)
    except InvalidCard:
        await desk.say("staff/no_code", found=bool(codes))
    except (CustomerUnknown, CardUnknown, CardUnbound) as error:
        await not_found(desk, error, amount)
    return None


async def not_found(desk: Desk, error: NotFound, amount: int | None = None) -> None:
    """Offer the way on: register the phone, or make a card of the number. The sum typed along waits for it."""
    ui, data = desk.ui, error.data
    if isinstance(error, CustomerUnknown):
        if data["phone"] is None:
            raise error
        text = ui.text("staff/unknown_phone", phone=data["phone"], amount=amount)
        keys = keyboards.answers(ui, ("panel.register", "register"))
        await desk.ask(Finding.unknown, Screen(text, keys), phone=data["phone"], amount=amount)
        return
    issued = isinstance(error, CardUnbound)
    text = ui.text("staff/unknown_card", number=data["number"], issued=issued, amount=amount)
    keys = keyboards.new_card(ui, data["number"], "create", "panel.create_card")
    await desk.ask(Finding.card, Screen(text, keys), card=data["number"], amount=amount)


def is_name(text: str) -> bool:
    """Whether what was typed can only be a person's name: words of at least three letters in all, no digits."""
    return (
        len(text) <= NAME_LENGTH
        and sum(char.isalpha() for char in text) >= LEAST_LETTERS
        and not any(char.isdigit() for char in text)
    )


async def show_named(desk: Desk) -> None:
    """Customers of that name as buttons, phones masked: a name proves nothing, the phone's end is compared."""
    found = await desk.core.directory.search(desk.actor, desk.typed)
    rows = [
        [keyboards.button(named(desk.ui, each), OnCustomer(do="panel", customer_id=each.id))] for each in found
    ]
    await desk.open(None)
    await desk.show(Screen(desk.ui.text("staff/named", typed=desk.typed, found=found), keyboards.inline(*rows)))


def named(ui: Ui, each: Listed) -> str:
    """A customer on a button: the name with the phone masked."""
    name = each.name or ui.label("desk.nameless")
    formats = ui.renderer.formats(ui.language)
    return f"{name} · {formats.masked(each.phone)}" if each.phone else name


async def left_for_another(desk: Desk) -> bool:
    """Whether a phone was typed instead of an answer: then the question is left for that customer."""
    try:
        line = parse_till_line(desk.typed, desk.region)
    except InputError:
        return False
    if not isinstance(line.identifier, Phone):
        return False
    await serve(desk, line)
    return True


def reads_as_sum(text: str) -> bool:
    """Whether digits typed at an open panel are taken for its purchase: five at most, or with kopecks.

    Longer ones are the next customer's phone, card or code.
    """
    digits = sum(char.isdigit() for char in text)
    return digits <= _SHORT_SUM or bool(_KOPECKS.search(text))


def is_sum(text: str) -> bool:
    """Whether it is a sum, and nobody's number."""
    return reads_as_sum(text) and sum_in(text) is not None


def sum_in(caption: str | None) -> int | None:
    """The sum under a photo, if that is what was written there."""
    try:
        return parse_money(caption or "")
    except InvalidAmount:
        return None
