"""Screens of the staff bot that more than one handler shows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.actors import StaffActor
from core.domain.people import Right
from core.identification import Panel
from core.sale_views import SaleView
from handlers.staff import keyboards
from handlers.ui import Screen, Ui


def sale_screen(ui: Ui, sale: SaleView, *, why: str | None = None, now: datetime | None = None) -> Screen:
    """A sale in whatever status: the only renderer of sales.

    ``why`` tells what brought a quote back (declined or expired), or that the customer is ``unreachable`` in
    Telegram. Without ``now`` a completed sale is taken
    for one that was completed just now, so that it can be undone.
    """
    undoable = (
        sale.status == "completed"
        and not sale.refunded
        and (now is None or sale.undo_until is None or now <= sale.undo_until)
    )
    if why == "unreachable":  # no code was sent yet, so none is awaited
        sale = replace(sale, channel="telegram")
    return Screen(
        ui.text(f"staff/sale/{_page(sale)}", sale=sale, why=why), keyboards.sale(ui, sale, undoable=undoable)
    )


def _page(sale: SaleView) -> str:
    if sale.status == "cancelled":
        return "undone" if sale.completed_at is not None else "cancelled"
    return {"draft": "quote", "waiting": "waiting", "completed": "done"}[sale.status]


def panel_screen(
    ui: Ui, panel: Panel, actor: StaffActor, *, head: str | None = None, blocked: Sequence[str] = ()
) -> Screen:
    """A customer at the till; ``head`` says what has just happened: registered, bound, edited, came, no_show or
    booked. ``blocked``: numbers of the cards in whose place another was given."""
    text = ui.text(
        "staff/panel",
        panel=panel,
        tz=actor.time_zone,
        head=head,
        blocked=blocked,
        is_own=panel.customer_id in actor.own_customers,
        sells=actor.role.may(Right.SELL),
    )
    return Screen(text, keyboards.panel(ui, panel, actor))
