"""Keyboards of the staff bot."""

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup

from core.actors import StaffActor
from core.domain.people import Right
from core.identification import Panel
from core.reports import ALL_BRANCHES, Shift
from core.sale_views import SaleView
from handlers.callbacks import (
    Ask,
    Language,
    OnCard,
    OnCustomer,
    OnGift,
    OnPeople,
    OnRegistration,
    OnSale,
    OnShift,
    OnVisit,
)
from handlers.ui import Ui

Button = InlineKeyboardButton


def inline(*rows: list[Button]) -> InlineKeyboardMarkup:
    """Rows of buttons; empty ones are left out."""
    return InlineKeyboardMarkup(inline_keyboard=[row for row in rows if row])


def button(text: str, data: CallbackData) -> Button:
    return Button(text=text, callback_data=data.pack())


def menu(ui: Ui, actor: StaffActor) -> ReplyKeyboardMarkup:
    """The menu; managing is for managers and the owner."""
    keys = ["find", "new", *(["refund"] if actor.role.may(Right.SELL) else []), "shift"]
    if actor.role.may(Right.MANAGE):
        keys.append("manage")
    words = [KeyboardButton(text=ui.label(f"staff_menu.{key}")) for key in keys]
    return ReplyKeyboardMarkup(
        keyboard=[words[:2], words[2:]],
        resize_keyboard=True,
        is_persistent=True,
        input_field_placeholder=ui.label("desk.placeholder"),
    )


def languages(ui: Ui) -> InlineKeyboardMarkup:
    names = {code: ui.renderer.label(code, "language.name") for code in ui.renderer.languages}
    return inline([button(name, Language(code=code)) for code, name in names.items()])


def back_to_panel(ui: Ui, customer_id: int) -> Button:
    return button(ui.label("common.back"), OnCustomer(do="panel", customer_id=customer_id))


def panel(ui: Ui, panel: Panel, actor: StaffActor) -> InlineKeyboardMarkup:
    """What this member can do with a customer: nothing about money or points where it is themselves."""

    def key(label: str, do: str) -> Button:
        return button(ui.label(label), OnCustomer(do=do, customer_id=panel.customer_id))

    own = panel.customer_id in actor.own_customers
    sells, spends = (actor.role.may(right) and not own for right in (Right.SELL, Right.SPEND))
    by_hand = actor.role.may(Right.ASK_POINTS) and not own
    owed = OnSale(do="rest", purchase_id=panel.unpaid_id) if panel.unpaid_id is not None and sells else None
    gifts = OnGift(do="list", id=panel.customer_id) if panel.has_gifts and spends else None
    whole = OnPeople(do="open", id=panel.customer_id)
    marks = [key("visit.came", "came"), key("visit.no_show", "no_show"), key("visit.expect", "expect")]
    return inline(
        [*([key("panel.sale", "sale")] if sells else []), key("panel.profile", "profile")],
        [key("panel.card", "card"), key("panel.history", "history")],
        [button(ui.label("gift.list"), gifts)] if gifts else [],
        marks if panel.visits_on else [],
        [button(ui.label("sale.rest"), owed)] if owed else [],
        [
            *([key("panel.categories", "categories")] if actor.role.may(Right.MANAGE) else []),
            *([key("panel.points", "points")] if by_hand else []),
        ],
        [button(ui.label("office.people.whole"), whole)] if actor.role.may(Right.MANAGE) else [],
    )


def profile(ui: Ui, customer_id: int) -> InlineKeyboardMarkup:
    name = button(ui.label("panel.name"), OnCustomer(do="name", customer_id=customer_id))
    birthday = button(ui.label("panel.birthday"), OnCustomer(do="birthday", customer_id=customer_id))
    consents = button(ui.label("consents.open"), OnCustomer(do="consents", customer_id=customer_id))
    return inline([name, birthday], [consents], [back_to_panel(ui, customer_id)])


def card(ui: Ui, customer_id: int) -> InlineKeyboardMarkup:
    replace = button(ui.label("panel.replace_card"), OnCustomer(do="replace", customer_id=customer_id))
    return inline([replace], [back_to_panel(ui, customer_id)])


def pages(ui: Ui, customer_id: int, page: int, count: int) -> InlineKeyboardMarkup:
    """Newer to the left, older to the right, and back."""
    turns = []
    if page > 0:
        newer = OnCustomer(do="history", customer_id=customer_id, page=page - 1)
        turns.append(button(ui.label("history.newer"), newer))
    if page + 1 < count:
        older = OnCustomer(do="history", customer_id=customer_id, page=page + 1)
        turns.append(button(ui.label("history.older"), older))
    return inline(turns, [back_to_panel(ui, customer_id)])


def answers(ui: Ui, *keys: tuple[str, str]) -> InlineKeyboardMarkup:
    """A column of (label, answer) under the open question."""
    return inline(*([button(ui.label(label), Ask(to=to))] for label, to in keys))


def new_card(ui: Ui, number: str, do: str, label: str) -> InlineKeyboardMarkup:
    """One button about a card that nobody holds; it knows its card for good."""
    return inline([button(ui.label(label), OnCard(do=do, number=number))])


def questionnaire(ui: Ui) -> InlineKeyboardMarkup:
    """Skipping one question, or all that are left."""
    return answers(
        ui, ("common.skip", "skip"), ("new_customer.issue_now", "issue"), ("new_customer.send_link", "link")
    )


def registration(ui: Ui, registration_id: int, issue: str) -> InlineKeyboardMarkup:
    """The two ways to finish; ``issue`` is the label of sending a code."""
    code = button(ui.label(issue), OnRegistration(do="issue", registration_id=registration_id))
    link = OnRegistration(do="link", registration_id=registration_id)
    return inline([code], [button(ui.label("new_customer.send_link"), link)])


def sale(ui: Ui, sale: SaleView, *, undoable: bool) -> InlineKeyboardMarkup:
    """What can be done with a sale as it stands."""

    def key(do: str, label: str, **values: str) -> Button:
        return button(ui.label(label, **values), OnSale(do=do, purchase_id=sale.purchase_id))

    if sale.status == "draft":
        earn = key("accrue", "sale.accrue", points=ui.number(sale.accrual))
        first = earn if sale.accrual else key("accrue", "sale.complete")
        spend = [
            key("spend", "sale.redeem", points=ui.number(sale.points_limit)),
            key("other", "sale.other_sum"),
        ]
        more = [key("part", "sale.part")] if sale.in_parts and sale.payable else []
        if sale.has_coupon:
            more.append(key("no_coupon", "sale.no_coupon"))
        elif sale.takes_coupons:
            more.append(key("coupon", "sale.coupon"))
        label = "sale.receipt" if sale.receipt_number is None else "sale.receipt_changed"
        receipt = key("receipt", label, number=sale.receipt_number or "")
        asked = [receipt] if sale.asks_receipt != "off" else []
        # What has to be asked before a sale can earn is asked before it can be completed.
        first, spend = (key("ways", "sale.payment"), []) if sale.how_paid_is_missing else (first, spend)
        basket = [key("items", "sale.items")] if sale.has_products else []
        basket += [key("ways", "sale.payment")] if sale.asks_how_paid and not sale.how_paid_is_missing else []
        rows = (basket, asked, more, [key("cancel", "sale.cancel")])
        return inline([first], spend if sale.points_limit else [], *rows)
    if sale.status == "waiting":
        code = key("code", "sale.sms_code" if sale.channel == "telegram" else "registration.resend")
        return inline([code] if sale.customer_phone else [], [key("stop", "sale.cancel")])
    again = button(ui.label("sale.again"), OnCustomer(do="again", customer_id=sale.customer_id))
    if sale.status == "completed" and sale.paid < sale.payable and not sale.refunded:
        return inline([key("rest", "sale.rest")], [again, key("undo", "sale.undo")] if undoable else [again])
    return inline([again, key("undo", "sale.undo")] if undoable else [again])


def rest(ui: Ui, sale: SaleView) -> InlineKeyboardMarkup:
    """All that is left by one press."""
    left = ui.renderer.formats(ui.language).money(sale.payable - sale.paid)
    every = button(ui.label("sale.rest_all", sum=left), OnSale(do="rest_all", purchase_id=sale.purchase_id))
    back = button(ui.label("common.back"), OnSale(do="look", purchase_id=sale.purchase_id))
    return inline([every], [back])


def back_to_sale(ui: Ui, purchase_id: int) -> InlineKeyboardMarkup:
    return inline([button(ui.label("common.back"), OnSale(do="look", purchase_id=purchase_id))])


def shift(ui: Ui, it: Shift) -> InlineKeyboardMarkup | None:
    """The visits of the day; the branches that can be looked at, and all of them together."""
    visits = [button(ui.label("visit.list"), OnVisit(do="list"))] if it.visits_on else []
    branches = [[button(name, OnShift(branch_id=branch_id))] for branch_id, name in it.choices]
    everywhere = [button(ui.label("shift.all"), OnShift(branch_id=ALL_BRANCHES))] if branches else []
    return inline(visits, *branches, everywhere) if visits or branches else None
