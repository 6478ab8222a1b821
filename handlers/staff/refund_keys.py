"""Keyboards of refunds."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardMarkup

from core.refund_views import RefundView
from core.refunds import RefundList
from core.store.refunds import RefundableRow
from handlers.callbacks import OnCustomer, OnRefund
from handlers.staff.keyboards import Button, button, inline
from handlers.ui import Ui


def purchases(ui: Ui, found: RefundList, now: datetime) -> InlineKeyboardMarkup:
    """A button for each purchase, the neighbouring pages, and the customer whose they are."""
    whose = found.customer_id or 0
    turns = []
    if found.page:
        turns.append(button(ui.label("history.newer"), OnRefund(do="list", id=whose, n=found.page - 1)))
    if found.has_more:
        turns.append(button(ui.label("history.older"), OnRefund(do="list", id=whose, n=found.page + 1)))
    customer = [_back(ui, OnCustomer(do="panel", customer_id=whose))] if whose else []
    return inline(*([_purchase(ui, each, now)] for each in found.purchases), turns, customer)


def _purchase(ui: Ui, row: RefundableRow, now: datetime) -> Button:
    formats, zone = ui.renderer.formats(ui.language), ZoneInfo(row.time_zone)
    at = row.completed_at
    is_today = at.astimezone(zone).date() == now.astimezone(zone).date()
    words = {
        "time": formats.time(at, row.time_zone) if is_today else formats.day(at, row.time_zone, now),
        "sum": formats.money(row.subtotal - row.refunded),
        "name": row.customer_name or ui.label("desk.nameless"),
    }
    return button(ui.label("refund.sale", **words), OnRefund(do="look", id=row.id))


def _back(ui: Ui, to: OnRefund | OnCustomer) -> Button:
    return button(ui.label("common.back"), to)


def purchase(ui: Ui, view: RefundView) -> InlineKeyboardMarkup:
    """What of it can be refunded."""

    def key(label: str, do: str) -> Button:
        return button(ui.label(f"refund.{label}"), OnRefund(do=do, id=view.purchase_id))

    several = sum(1 for line in view.lines if line.left) > 1
    parts = [key("amount", "sum"), *([key("lines", "lines")] if several else [])]
    return inline([key("whole", "whole")], parts, [_back(ui, OnRefund(do="list"))])


def back(ui: Ui, purchase_id: int) -> InlineKeyboardMarkup:
    return inline([_back(ui, OnRefund(do="look", id=purchase_id))])


def lines(ui: Ui, view: RefundView, chosen: Sequence[int]) -> InlineKeyboardMarkup:
    """The lines of which something is left, ticked or not."""
    formats = ui.renderer.formats(ui.language)
    rows = []
    for line in view.lines:
        if line.left:
            mark = "refund.line_on" if line.number in chosen else "refund.line_off"
            title = line.title or ui.label("refund.nameless", number=line.number)
            text = ui.label(mark, title=title, sum=formats.money(line.left))
            rows.append([button(text, OnRefund(do="line", id=view.purchase_id, n=line.number))])
    go = button(ui.label("refund.ticked"), OnRefund(do="ticked", id=view.purchase_id))
    return inline(*rows, [go], [_back(ui, OnRefund(do="look", id=view.purchase_id))])


def sure(ui: Ui, purchase_id: int) -> InlineKeyboardMarkup:
    confirm = button(ui.label("refund.confirm"), OnRefund(do="sure", id=purchase_id))
    return inline([confirm], [_back(ui, OnRefund(do="look", id=purchase_id))])


def done(ui: Ui, customer_id: int) -> InlineKeyboardMarkup:
    return inline([button(ui.label("refund.customer"), OnCustomer(do="panel", customer_id=customer_id))])
