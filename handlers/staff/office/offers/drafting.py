"""Making and changing promotions and coupons: a question at a time, then one board with everything."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from core.domain.errors import InvalidOffer, NotAllowed
from core.domain.people import Right
from core.offer_views import OfferView
from handlers.callbacks import OnOffer
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk, is_live
from handlers.staff.office.offers import draft, fields, lists, screens
from handlers.staff.office.offers.draft import COUPON, KINDS, LISTS, Values
from handlers.staff.states import Offering

TYPED = ("amount", "dates", "hours", "minimum", "name", "codes", "total", "each", "whole", "products")
ASKED = (*TYPED, "benefit", "weekdays", "branches", "categories")


def build() -> Router:
    """The router of drafts."""
    router = Router(name="staff-office-offers-drafting")
    press = router.callback_query.register
    press(begin, OnOffer.filter((F.do == "new") & F.word.in_(set(KINDS))))
    press(edit, OnOffer.filter((F.do == "edit") & F.word.in_(set(KINDS))))
    press(ask, OnOffer.filter((F.do == "ask") & F.word.in_(set(ASKED))), is_drafting, is_live)
    press(pressed, OnOffer.filter(F.do == "set"), is_drafting, is_live)
    press(back, OnOffer.filter(F.do == "board"), is_drafting, is_live)
    press(save, OnOffer.filter(F.do == "save"), Offering.board, is_live)
    press(gone, OnOffer.filter(F.do.in_({"ask", "set", "board", "save"})))
    router.message.register(typed, Offering.field, ANSWER, is_typed)
    return router


async def is_drafting(press: CallbackQuery, state: FSMContext) -> bool:
    """A filter: a draft is open."""
    return "draft" in await state.get_data()


async def is_typed(message: Message, state: FSMContext) -> bool:
    """A filter: what is asked may be typed; else what is typed is the next customer."""
    return (await state.get_data()).get("field") in TYPED


async def begin(press: CallbackQuery, callback_data: OnOffer, desk: Desk) -> None:
    """A new one, from its benefit on."""
    await _go_on(desk, draft.empty(callback_data.word))


async def edit(press: CallbackQuery, callback_data: OnOffer, desk: Desk) -> None:
    """One that is there, as it is now."""
    kind, number = callback_data.word, callback_data.id
    if kind == COUPON:
        batch = await desk.core.coupons.open(desk.actor, number)
        view, values = batch.offer, draft.of_view(kind, batch.offer, batch)
    else:
        view = await desk.core.promotions.open(desk.actor, number)
        values = draft.of_view(kind, view)
    if not view.may_change:
        raise NotAllowed(needed=Right.OWN.value)
    await _go_on(desk, values)


async def ask(press: CallbackQuery, callback_data: OnOffer, desk: Desk) -> None:
    await _ask(desk, (await desk.data())["draft"], callback_data.word)


async def back(press: CallbackQuery, desk: Desk) -> None:
    await _go_on(desk, (await desk.data())["draft"])


async def pressed(press: CallbackQuery, callback_data: OnOffer, desk: Desk) -> None:
    """A quick answer, or a tick."""
    values: Values = (await desk.data())["draft"]
    field, _, word = callback_data.word.partition(".")
    try:
        changes = fields.pressed(field, word, values, desk.today, desk.actor.time_zone)
    except (ValueError, KeyError):  # no button of ours
        await gone(press, desk)
        return
    values |= changes
    await (_ask(desk, values, field) if field in LISTS else _go_on(desk, values))


async def typed(message: Message, desk: Desk) -> None:
    """An answer in words; one that can't be read leaves the question open."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    values, field = data["draft"], data["field"]
    if field == "products":
        found = await desk.core.promotions.product(desk.actor, desk.typed)
        if found is None:
            raise InvalidOffer(reason="product")
        values["products"] = sorted({*values["products"], found[0]})
        await _ask(desk, values, field)
    else:
        values |= fields.typed(field, desk.typed, values, desk.today, desk.actor.time_zone)
        await _go_on(desk, values)
    await desk.remove(data["message_id"])


async def save(press: CallbackQuery, desk: Desk) -> None:
    """Save what was shown; what the core refuses leaves the board open."""
    values: Values = (await desk.data())["draft"]
    number, name = values["id"] or None, _name(desk, values)
    if values["kind"] == COUPON:
        coupon = draft.coupon_of(values, name)
        batch = await desk.core.coupons.save(desk.actor, coupon, key=desk.key, batch_id=number)
        await desk.open(None)
        await desk.show(screens.coupon(desk.ui, batch, "saved"))
        if number is None and batch.codes > 1:
            await lists.send_codes(desk, batch)
        return
    offer = draft.offer_of(values, name)
    view = await desk.core.promotions.save(desk.actor, offer, key=desk.key, promotion_id=number)
    await desk.open(None)
    await desk.show(screens.promotion(desk.ui, view, "saved"))


async def gone(press: CallbackQuery, desk: Desk) -> None:
    """The button of a draft that is over: nothing was saved by it."""
    await desk.say("staff/office/offers/gone")


async def _go_on(desk: Desk, values: Values) -> None:
    """Ask for what is missing, or show the board."""
    field = draft.missing(values)
    if field is not None:
        await _ask(desk, values, field)
        return
    offer = draft.offer_of(values, _name(desk, values))
    choices = await desk.core.promotions.choices(desk.actor, frozenset(values["products"]))
    named = await desk.core.promotions.named(desk.actor, offer.gives)
    view = OfferView(offer.gives, offer.starts_at, offer.ends_at, "draft", desk.actor.time_zone, named)
    example = await desk.core.promotions.example(desk.actor, offer.gives)
    await desk.ask(Offering.board, screens.board(desk.ui, values, view, example, choices), draft=values)


async def _ask(desk: Desk, values: Values, field: str) -> None:
    choices = await desk.core.promotions.choices(desk.actor, frozenset(values["products"]))
    programme = await desk.core.programmes.current()
    screen = screens.ask(desk.ui, field, values, choices, programme, desk.actor)
    await desk.ask(Offering.field, screen, draft=values, field=field)


def _name(desk: Desk, values: Values) -> str:
    """The name that says what it gives, until another one is typed."""
    return desk.ui.text("staff/office/offers/name", benefit=values["benefit"], amount=values["amount"])
