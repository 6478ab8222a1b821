"""Screens of «Акции и купоны»."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardMarkup

from core.actors import StaffActor
from core.coupons import BatchView
from core.domain.programme import Kind, Programme
from core.domain.promotions import Benefit
from core.offer_views import Named, OfferView
from core.promotions import Example
from handlers.callbacks import OnOffer
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.office import parts
from handlers.staff.office.offers.draft import COUPON, PROMOTION, Values, is_batch
from handlers.staff.office.offers.fields import QUICK
from handlers.ui import Screen, Ui

PAGE = 8
QUICK_AMOUNTS = {
    Benefit.FACTOR: (150, 200, 300, 500),
    Benefit.POINTS: (50_00, 100_00, 200_00, 500_00),
    Benefit.PERCENT: (5_00, 10_00, 15_00, 20_00),
    Benefit.AMOUNT: (100_00, 200_00, 300_00, 500_00),
}
QUICK_MINIMUMS = (500_00, 1000_00, 2000_00)
QUICK_COUNTS = (10, 100, 1000)


def listed(ui: Ui, kind: str, views: Sequence[OfferView], page: int) -> Screen:
    """A page of promotions or coupons, what can be made, and the way to the other list."""
    pages = max(1, -(-len(views) // PAGE))
    page = min(page, pages - 1)
    shown = views[page * PAGE : (page + 1) * PAGE]
    rows = [[button(view.gives.name, OnOffer(do="open", id=view.gives.id, word=kind))] for view in shown]
    other = COUPON if kind == PROMOTION else PROMOTION
    new = button(ui.label(f"office.offers.new_{kind}"), OnOffer(do="new", word=kind))
    to_other = button(ui.label(f"office.offers.{other}s"), OnOffer(do="list", word=other))
    turns = parts.turns(ui, page, pages, lambda to: OnOffer(do="list", id=to, word=kind))
    text = ui.text("staff/office/offers/list", kind=kind, views=shown)
    return Screen(text, inline(*rows, turns, [new], [to_other], [parts.to_menu(ui)]))


def promotion(ui: Ui, view: OfferView, head: str | None = None) -> Screen:
    return Screen(
        ui.text("staff/office/offers/one", it=view, batch=None, head=head), _keys(ui, PROMOTION, view, [])
    )


def coupon(ui: Ui, batch: BatchView, head: str | None = None) -> Screen:
    view = batch.offer
    given = {"id": view.gives.id, "word": COUPON}
    more = [button(ui.label("office.offers.uses"), OnOffer(do="uses", id=view.gives.id, word="0"))]
    if view.may_change and batch.codes > 1:
        more.insert(0, button(ui.label("office.offers.codes"), OnOffer(do="codes", **given)))
    text = ui.text("staff/office/offers/one", it=view, batch=batch, head=head)
    return Screen(text, _keys(ui, COUPON, view, more))


def _keys(ui: Ui, kind: str, view: OfferView, more: list[Button]) -> InlineKeyboardMarkup:
    given = {"id": view.gives.id, "word": kind}
    own: list[Button] = []
    if view.may_change:
        turn = "on" if view.state == "off" else "off"
        own = [button(ui.label("office.offers.edit"), OnOffer(do="edit", **given))]
        if view.state != "ended":
            own.append(button(ui.label(f"office.offers.{turn}"), OnOffer(do=turn, **given)))
    return inline(own, more, [to_list(ui, kind)])


def to_list(ui: Ui, kind: str) -> Button:
    return parts.back_to(ui, OnOffer(do="list", word=kind))


def board(ui: Ui, values: Values, view: OfferView, example: Example, choices: Named) -> Screen:
    """The draft with what it does to a receipt, and everything that can be changed of it."""

    def key(field: str) -> Button:
        return button(ui.label(f"office.offers.field.{field}"), OnOffer(do="ask", word=field))

    rows = [[key("benefit"), key("dates")], [key("name"), key("minimum")]]
    if values["kind"] == PROMOTION:
        first = "first_on" if values["first"] else "first_off"
        rows.append([key("weekdays"), key("hours")])
        rows.append([button(ui.label(f"office.offers.{first}"), OnOffer(do="set", word="first.turn"))])
    else:
        limits = [key("total")] if values["own"] is not None or not values["id"] else []
        rows.append([*limits, key("each")])
        rows.append([key("whole")] if is_batch(values) else [])
        rows += [] if values["id"] else [[key("codes")]]
    goods = [key("categories")] if choices.categories else []
    rows.append([*goods, key("products")])
    rows.append([key("branches")] if len(choices.branches) > 1 else [])
    save = button(ui.label("office.programme.save"), OnOffer(do="save"))
    text = ui.text("staff/office/offers/board", it=view, values=values, example=example)
    return Screen(text, inline([save], *rows, [leave(ui, values)]))


def leave(ui: Ui, values: Values) -> Button:
    """Away from a draft, without saving it."""
    kind, number = values["kind"], values["id"]
    to = OnOffer(do="open", id=number, word=kind) if number else OnOffer(do="list", word=kind)
    return button(ui.label("common.cancel"), to)


def ask(ui: Ui, field: str, values: Values, choices: Named, programme: Programme, actor: StaffActor) -> Screen:
    """The question for one field, with quick answers."""
    from_board = values["starts"] is not None and values["amount"] is not None
    back = parts.back_to(ui, OnOffer(do="board")) if from_board else leave(ui, values)
    options = [_set(field, word, text) for word, text in _options(ui, field, values, choices, programme)]
    rows = [options[start : start + _in_a_row(field)] for start in range(0, len(options), _in_a_row(field))]
    text = ui.text(
        "staff/office/offers/ask",
        what=field,
        benefit=values["benefit"],
        kind=values["kind"],
        branch=actor.branch_name,
    )
    return Screen(text, inline(*rows, [back]))


def _in_a_row(field: str) -> int:
    return {"weekdays": 4, "amount": 4, "minimum": 3, "codes": 3}.get(field, 2)


def _set(field: str, word: str, text: str) -> Button:
    return button(text, OnOffer(do="set", word=f"{field}.{word}"))


def _options(ui: Ui, field: str, values: Values, choices: Named, programme: Programme) -> list[tuple[str, str]]:
    """(what is chosen, what its button says) of a field."""
    formats = ui.renderer.formats(ui.language)
    none = ("none", ui.label("office.offers.any"))
    if field == "benefit":
        found = [one for one in Benefit if one.is_discount or programme.kind is not Kind.DISCOUNT]
        return [(one.value, ui.label(f"office.offers.benefit.{one.value}")) for one in found]
    if field == "amount":
        benefit = Benefit(values["benefit"])
        return [(str(one), _amount(ui, benefit, one)) for one in QUICK_AMOUNTS[benefit]]
    if field == "dates":
        return [(word, ui.label(f"office.offers.dates.{word}")) for word in QUICK]
    if field == "minimum":
        return [("0", none[1]), *((str(one), formats.money(one)) for one in QUICK_MINIMUMS)]
    if field == "codes":
        one = ("1", ui.label("office.offers.one_code"))
        return [one, *((str(n), ui.label("office.offers.batch", count=formats.count(n))) for n in QUICK_COUNTS)]
    if field in ("hours", "total", "whole"):
        return [none]
    if field == "each":
        return [("1", "1"), ("2", "2")]
    return [*_ticks(ui, field, values, choices), none] if field in NAMED else []


def _amount(ui: Ui, benefit: Benefit, amount: int) -> str:
    formats = ui.renderer.formats(ui.language)
    if benefit.is_discount:
        return formats.percent(amount) if benefit is Benefit.PERCENT else formats.money(amount)
    return f"{'×' if benefit is Benefit.FACTOR else '+'}{formats.number(amount)}"


NAMED = ("weekdays", "branches", "categories", "products")


def _ticks(ui: Ui, field: str, values: Values, choices: Named) -> list[tuple[str, str]]:
    """What can be ticked, each with its tick."""
    named = {
        "weekdays": {day: ui.label(f"office.offers.weekday.{day}") for day in range(7)},
        "branches": choices.branches,
        "categories": choices.categories,
        "products": choices.products,
    }[field]
    marks = {True: "office.pairs.ticked", False: "office.pairs.unticked"}
    return [(str(one), ui.label(marks[one in values[field]], word=word)) for one, word in named.items()]
