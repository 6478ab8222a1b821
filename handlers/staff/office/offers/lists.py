"""Promotions and coupons as lists, one by one, with their codes and uses."""

from aiogram import F, Router
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from core.coupons import BatchView
from handlers.callbacks import OnOffer
from handlers.staff.desk import Desk
from handlers.staff.keyboards import inline
from handlers.staff.office import parts
from handlers.staff.office.offers import screens
from handlers.staff.office.offers.draft import COUPON, KINDS
from handlers.ui import Screen

BOM = "\ufeff"
"""So that tables read the file as UTF-8."""


def build() -> Router:
    """The router of lists."""
    router = Router(name="staff-office-offers-lists")
    press = router.callback_query.register
    press(listed, OnOffer.filter((F.do == "list") & F.word.in_(set(KINDS))))
    press(opened, OnOffer.filter((F.do == "open") & F.word.in_(set(KINDS))))
    press(switched, OnOffer.filter(F.do.in_({"on", "off"}) & F.word.in_(set(KINDS))))
    press(codes, OnOffer.filter(F.do == "codes"))
    press(uses, OnOffer.filter((F.do == "uses") & F.word.regexp(r"^[0-9]{1,6}$")))
    return router


async def listed(press: CallbackQuery, callback_data: OnOffer, desk: Desk) -> None:
    """A page of promotions, or of coupons."""
    await desk.open(None)
    kind = callback_data.word
    if kind == COUPON:
        views = [batch.offer for batch in await desk.core.coupons.listed(desk.actor)]
    else:
        views = list(await desk.core.promotions.listed(desk.actor))
    await desk.show(screens.listed(desk.ui, kind, views, callback_data.id))


async def opened(press: CallbackQuery, callback_data: OnOffer, desk: Desk) -> None:
    """One of them with what it has given so far."""
    await desk.open(None)
    number = callback_data.id
    if callback_data.word == COUPON:
        await desk.show(screens.coupon(desk.ui, await desk.core.coupons.open(desk.actor, number)))
    else:
        await desk.show(screens.promotion(desk.ui, await desk.core.promotions.open(desk.actor, number)))


async def switched(press: CallbackQuery, callback_data: OnOffer, desk: Desk) -> None:
    number, is_on = callback_data.id, callback_data.do == "on"
    if callback_data.word == COUPON:
        await desk.show(screens.coupon(desk.ui, await desk.core.coupons.switch(desk.actor, number, is_on=is_on)))
    else:
        view = await desk.core.promotions.switch(desk.actor, number, is_on=is_on)
        await desk.show(screens.promotion(desk.ui, view))


async def codes(press: CallbackQuery, callback_data: OnOffer, desk: Desk) -> None:
    """All codes of a batch as a file."""
    await send_codes(desk, await desk.core.coupons.open(desk.actor, callback_data.id))


async def send_codes(desk: Desk, batch: BatchView) -> None:
    """A file with a code a line, as a message of its own."""
    number = batch.offer.gives.id
    found = await desk.core.coupons.codes(desk.actor, number)
    await desk.answer()
    pressed = desk.event.message if isinstance(desk.event, CallbackQuery) else desk.event
    if not isinstance(pressed, Message):
        raise TypeError("a press under a message that is not there any more")
    file = BufferedInputFile((BOM + "\r\n".join(found) + "\r\n").encode(), f"coupons-{number}.csv")
    caption = desk.ui.text("staff/office/offers/codes", name=batch.offer.gives.name, count=len(found))
    await pressed.answer_document(file, caption=caption)


async def uses(press: CallbackQuery, callback_data: OnOffer, desk: Desk) -> None:
    """Who used a batch's coupons, when, and what that gave."""
    number, page = callback_data.id, int(callback_data.word)
    batch = await desk.core.coupons.open(desk.actor, number)
    rows, has_more = await desk.core.coupons.uses(desk.actor, number, page)
    turns = parts.turns(desk.ui, page, page + 1 + has_more, lambda to: OnOffer(do="uses", id=number, word=str(to)))
    text = desk.ui.text("staff/office/offers/uses", name=batch.offer.gives.name, uses=rows)
    back = parts.back_to(desk.ui, OnOffer(do="open", id=number, word=COUPON))
    await desk.show(Screen(text, inline(turns, [back])))
