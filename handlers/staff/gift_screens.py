"""Screens of gifts for points; the relay shows them too."""

from datetime import datetime

from core.gift_views import ExchangeView, GiftList
from handlers.callbacks import OnCustomer, OnGift
from handlers.staff.keyboards import Button, back_to_panel, button, inline
from handlers.ui import Screen, Ui


def list_screen(ui: Ui, found: GiftList) -> Screen:
    """The gifts, a button for each that the customer's points are enough for."""
    rows = [
        [
            button(
                ui.label("gift.take", title=gift.title, points=ui.number(gift.points)),
                OnGift(do="take", id=found.customer_id, n=gift.number),
            )
        ]
        for gift in found.gifts
        if not gift.missing
    ]
    return Screen(ui.text("staff/gifts/list", it=found), inline(*rows, [back_to_panel(ui, found.customer_id)]))


def exchange_screen(ui: Ui, view: ExchangeView, *, why: str | None = None, now: datetime | None = None) -> Screen:
    """An exchange in whatever status. Without ``now`` a finished one is taken for one that was done just now."""

    def key(do: str, label: str) -> Button:
        return button(ui.label(label), OnGift(do=do, id=view.exchange_id))

    rows: list[list[Button]] = []
    if view.status == "waiting":
        again = "sale.sms_code" if view.channel == "telegram" else "registration.resend"
        rows = [[key("code", again)] if view.customer_phone else [], [key("stop", "sale.cancel")]]
    else:
        undoable = view.undo_until is not None and (now is None or now <= view.undo_until)
        to_customer = button(ui.label("refund.customer"), OnCustomer(do="panel", customer_id=view.customer_id))
        rows = [[to_customer, key("undo", "sale.undo")] if undoable else [to_customer]]
    return Screen(ui.text("staff/gifts/exchange", it=view, why=why), inline(*rows))
