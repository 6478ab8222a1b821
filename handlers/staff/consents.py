"""What a customer agreed to, as the till sees it: read only, but for a refusal that they say aloud."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.consents import PAIRS, Said
from core.preferences import CHANNELS, TOPICS, UNUSED
from handlers.callbacks import OnCustomer
from handlers.staff.desk import Desk
from handlers.staff.keyboards import Button, button, inline
from handlers.ui import Screen

SOURCES = frozenset({"bot", "till", "word", "link", "staff", "merge"})
"""The words that the screen has for where something was said."""


def build() -> Router:
    router = Router(name="staff-consents")
    press = router.callback_query.register
    press(look, OnCustomer.filter(F.do == "consents"))
    press(terms, OnCustomer.filter(F.do == "terms"))
    press(ask_refusal, OnCustomer.filter(F.do == "refuse"))
    press(refuse, OnCustomer.filter(F.do == "refuse_sure"))
    return router


async def look(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(await _screen(desk, callback_data.customer_id))


async def terms(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    """The terms as they were when the customer agreed."""
    found = await desk.core.consents.terms_of(desk.actor, callback_data.customer_id)
    text = desk.ui.text("staff/consents/terms", it=found, tz=desk.actor.time_zone)
    await desk.show(Screen(text, inline([_to(desk, callback_data, "consents", "common.back")])))


async def ask_refusal(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    """A refusal is taken at once, but not by a slip of the finger: only the customer can take it back."""
    sure = _to(desk, callback_data, "refuse_sure", "consents.refuse_sure")
    back = _to(desk, callback_data, "consents", "common.back")
    await desk.show(Screen(desk.ui.text("staff/consents/refuse"), inline([sure], [back])))


async def refuse(press: CallbackQuery, callback_data: OnCustomer, desk: Desk) -> None:
    await desk.core.consents.withdraw_at_till(desk.actor, callback_data.customer_id)
    await desk.show(await _screen(desk, callback_data.customer_id, refused=True))


async def _screen(desk: Desk, customer_id: int, *, refused: bool = False) -> Screen:
    found = await desk.core.consents.of_customer(desk.actor, customer_id)
    said = {(each.topic, each.channel): each for each in found}
    pairs = [(topic, channel) for topic in TOPICS for channel in CHANNELS if (topic, channel) not in UNUSED]
    lines = [(topic, channel, _told(desk, said.get((topic, channel)))) for topic, channel in pairs]
    text = desk.ui.text(
        "staff/consents/list",
        terms=_told(desk, said.get(("terms", "any"))),
        lines=lines,
        tz=desk.actor.time_zone,
        refused=refused,
    )
    pressed = OnCustomer(do="consents", customer_id=customer_id)
    wanted = any(pair in said and said[pair].granted for pair in PAIRS)
    rows: list[list[Button]] = [[_to(desk, pressed, "refuse", "consents.refuse")]] if wanted else []
    rows += [[_to(desk, pressed, "terms", "registration.terms")]] if ("terms", "any") in said else []
    return Screen(text, inline(*rows, [_to(desk, pressed, "profile", "common.back")]))


def _told(desk: Desk, said: Said | None) -> tuple[Said, str] | None:
    """What was said, with the word for where."""
    if said is None:
        return None
    known = said.source in SOURCES
    return said, desk.ui.label(f"consent_source.{said.source}") if known else said.source


def _to(desk: Desk, pressed: OnCustomer, do: str, label: str) -> Button:
    return button(desk.ui.label(label), OnCustomer(do=do, customer_id=pressed.customer_id))
