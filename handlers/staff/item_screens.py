"""Screens of choosing products in a sale."""

from collections.abc import Sequence

from core.catalogue import Shelf
from core.domain.basket import Line
from core.domain.catalogue import PIECE, Category
from core.sale_views import SaleView
from handlers.callbacks import OnCustomer, OnItem, OnSale
from handlers.staff.keyboards import Button, button, inline
from handlers.ui import Screen, Ui

PAGE = 8
MANY = 10
"""Lines that have a button of their own; all are in the text."""


def shelf(
    ui: Ui, found: Shelf, *, customer_id: int, sale: SaleView | None, search: str, category: Category | None
) -> Screen:
    """A page of products on sale, found or all, to be put into the receipt."""
    purchase_id = sale.purchase_id if sale else 0
    formats = ui.renderer.formats(ui.language)

    def key(do: str, n: int = 0) -> OnItem:
        return OnItem(do=do, purchase_id=purchase_id, n=n)

    rows = []
    for each in found.products:
        price = ui.label("items.no_price") if each.price is None else formats.money(each.price)
        rows.append([button(ui.label("catalogue.product", name=each.name, price=price), key("take", each.id))])
    turns = [
        button(ui.label(f"history.{label}"), key("shelf", to))
        for label, to in (("newer", found.page - 1), ("older", found.page + 1))
        if 0 <= to < found.pages
    ]
    every = [button(ui.label("items.all"), key("all"))] if search or category else []
    groups = [] if every else [button(ui.label("catalogue.groups"), key("groups"))]
    chosen = len(sale.lines) if sale else 0
    count = [button(ui.label("items.chosen", count=str(chosen)), key("lines"))] if chosen else []
    text = ui.text("staff/items/shelf", it=found, search=search, category=category, sale=sale)
    return Screen(text, inline(*rows, turns, every + groups, count, [_back(ui, customer_id, sale)]))


def _back(ui: Ui, customer_id: int, sale: SaleView | None) -> Button:
    if sale is None:
        return button(ui.label("common.back"), OnCustomer(do="panel", customer_id=customer_id))
    return button(ui.label("items.done"), OnSale(do="look", purchase_id=sale.purchase_id))


def back_to_shelf(ui: Ui, customer_id: int, purchase_id: int) -> Button:
    """Back to the products, or to the customer of a sale that has not begun."""
    if purchase_id:
        return button(ui.label("common.back"), OnItem(do="shelf", purchase_id=purchase_id))
    return button(ui.label("common.back"), OnCustomer(do="panel", customer_id=customer_id))


def groups(ui: Ui, found: Sequence[Category], page: int, purchase_id: int) -> Screen:
    """Categories that have products."""
    pages = max(1, -(-len(found) // PAGE))
    page = min(page, pages - 1)
    rows = [
        [button(each.name, OnItem(do="group", purchase_id=purchase_id, n=each.id))]
        for each in found[page * PAGE : (page + 1) * PAGE]
    ]
    turns = [
        button(ui.label(f"history.{label}"), OnItem(do="groups", purchase_id=purchase_id, n=to))
        for label, to in (("newer", page - 1), ("older", page + 1))
        if 0 <= to < pages
    ]
    every = button(ui.label("items.all"), OnItem(do="all", purchase_id=purchase_id))
    return Screen(ui.text("staff/items/groups"), inline(*rows, turns, [every]))


def lines(ui: Ui, sale: SaleView) -> Screen:
    """What is in the receipt, a button each."""
    rows = [
        [button(_titled(ui, line), OnItem(do="line", purchase_id=sale.purchase_id, n=line.product_id or 0))]
        for line in sale.lines[:MANY]
    ]
    more = button(ui.label("items.more"), OnItem(do="shelf", purchase_id=sale.purchase_id))
    done = button(ui.label("items.done"), OnSale(do="look", purchase_id=sale.purchase_id))
    return Screen(ui.text("staff/items/lines", sale=sale), inline(*rows, [more, done]))


def _titled(ui: Ui, line: Line) -> str:
    formats = ui.renderer.formats(ui.language)
    title = line.title or ui.label("items.rest")
    if line.quantity != PIECE:
        title = ui.label("items.times", title=title, quantity=formats.quantity(line.quantity))
    return ui.label("catalogue.product", name=title, price=formats.money(line.amount))


def line(ui: Ui, sale: SaleView, it: Line) -> Screen:
    """One line: less, more, any quantity by typing, none at all."""
    purchase_id, product_id = sale.purchase_id, it.product_id or 0

    def turn(label: str, quantity: int) -> Button:
        to = OnItem(do="set", purchase_id=purchase_id, n=product_id, quantity=quantity)
        return button(ui.label(label), to)

    steps = []
    if it.product_id is not None:
        steps = [turn("items.less", it.quantity - PIECE)] if it.quantity > PIECE else []
        steps.append(turn("items.plus", it.quantity + PIECE))
    drop = button(ui.label("items.drop"), OnItem(do="drop", purchase_id=purchase_id, n=product_id))
    more = button(ui.label("items.more"), OnItem(do="shelf", purchase_id=purchase_id))
    chosen = button(
        ui.label("items.chosen", count=str(len(sale.lines))), OnItem(do="lines", purchase_id=purchase_id)
    )
    done = button(ui.label("items.done"), OnSale(do="look", purchase_id=purchase_id))
    return Screen(ui.text("staff/items/line", sale=sale, it=it), inline(steps, [drop, chosen], [more, done]))
