"""Screens of the catalogue."""

from collections.abc import Callable, Sequence

from aiogram.types import InlineKeyboardButton

from core.catalogue import Shelf
from core.domain.catalogue import Category, Product
from handlers.callbacks import OnImport, OnProduct
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import back_to, to_menu, turns
from handlers.ui import Screen, Ui

PAGE = 8
LIST = OnProduct(do="list")
GROUPS = OnProduct(do="groups")
FIELDS = ("name", "price", "barcode", "article")
CLEARED = ("price", "barcode")


def titled(ui: Ui, product: Product) -> str:
    """A product on a button: its name and price."""
    if product.price is None:
        return product.name
    price = ui.renderer.formats(ui.language).money(product.price)
    return ui.label("catalogue.product", name=product.name, price=price)


def shelf(ui: Ui, found: Shelf, *, search: str, category: Category | None) -> Screen:
    """A page of products, found or all."""
    rows = [[button(titled(ui, each), OnProduct(do="open", id=each.id))] for each in found.products]
    pages = turns(ui, found.page, found.pages, lambda to: OnProduct(do="list", n=to))
    if search or category is not None:
        last = [button(ui.label("catalogue.all"), OnProduct(do="all"))]
        text = ui.text("staff/office/catalogue/shelf", it=found, search=search, category=category)
        return Screen(text, inline(*rows, pages, last))
    ways = (
        ("catalogue.add", OnProduct(do="add")),
        ("catalogue.groups", GROUPS),
        ("imports.ask", OnImport(do="ask", kind="products")),
        ("catalogue.export", OnProduct(do="export")),
    )
    keys = [button(ui.label(label), to) for label, to in ways if found.total or label != "catalogue.export"]
    text = ui.text("staff/office/catalogue/shelf", it=found, search="", category=None)
    return Screen(text, inline(*rows, pages, keys[:2], keys[2:], [to_menu(ui)]))


def card(ui: Ui, product: Product) -> Screen:
    """A product with all that can be changed."""
    keys = [
        button(ui.label(f"catalogue.edit.{field}"), OnProduct(do="edit", id=product.id, word=field))
        for field in FIELDS
    ]
    group = button(ui.label("catalogue.edit.category"), OnProduct(do="choose", id=product.id))
    do = "unsold" if product.is_sold else "sold"
    sold = button(ui.label(f"catalogue.{do}"), OnProduct(do=do, id=product.id))
    text = ui.text("staff/office/catalogue/card", it=product)
    return Screen(text, inline(keys[:2], keys[2:], [group, sold], [back_to(ui, LIST)]))


def asked(ui: Ui, field: str, product: Product, *, refused: bool = False) -> Screen:
    """The question of a product's new name, price, barcode or article."""
    text = ui.text("staff/office/catalogue/ask", what=field, refused=refused)
    clears = field in CLEARED and getattr(product, field) is not None
    clear = button(ui.label("office.programme.remove"), OnProduct(do="clear", id=product.id, word=field))
    return Screen(text, inline([clear] if clears else [], [back_to(ui, OnProduct(do="open", id=product.id))]))


def choice(ui: Ui, product: Product, groups: Sequence[Category], page: int) -> Screen:
    """Which category a product is in."""
    rows, pages = _paged(
        ui, groups, page, lambda group: OnProduct(do="put", id=product.id, n=group.id), product.category_id
    )
    keys = turns(ui, *pages, lambda to: OnProduct(do="choose", id=product.id, n=to))
    make = button(ui.label("catalogue.new_group"), OnProduct(do="make", id=product.id))
    none = button(ui.label("catalogue.no_group"), OnProduct(do="put", id=product.id, n=0))
    text = ui.text("staff/office/catalogue/choose", it=product)
    return Screen(
        text,
        inline(
            *rows,
            keys,
            [make, none] if product.category_id else [make],
            [back_to(ui, OnProduct(do="open", id=product.id))],
        ),
    )


def all_groups(ui: Ui, groups: Sequence[Category], page: int) -> Screen:
    """A page of categories."""
    rows, pages = _paged(ui, groups, page, lambda group: OnProduct(do="group", id=group.id), None)
    keys = turns(ui, *pages, lambda to: OnProduct(do="groups", n=to))
    make = button(ui.label("catalogue.new_group"), OnProduct(do="new_group"))
    text = ui.text("staff/office/catalogue/groups", count=len(groups))
    return Screen(text, inline(*rows, keys, [make], [back_to(ui, LIST)]))


def group(ui: Ui, it: Category) -> Screen:
    """A category with what can be done with it."""
    goods = [button(ui.label("catalogue.in_group"), OnProduct(do="in_group", id=it.id))] if it.products else []
    rename = button(ui.label("catalogue.edit.name"), OnProduct(do="rename", id=it.id))
    delete = [] if it.products else [button(ui.label("catalogue.delete"), OnProduct(do="delete", id=it.id))]
    text = ui.text("staff/office/catalogue/group", it=it)
    return Screen(text, inline(goods, [rename, *delete], [back_to(ui, GROUPS)]))


def _paged(
    ui: Ui, groups: Sequence[Category], page: int, to: Callable[[Category], OnProduct], chosen: int | None
) -> tuple[list[list[InlineKeyboardButton]], tuple[int, int]]:
    pages = max(1, -(-len(groups) // PAGE))
    page = min(page, pages - 1)
    shown = groups[page * PAGE : (page + 1) * PAGE]
    marks = {True: "office.pairs.ticked", False: "catalogue.group"}
    rows = [
        [button(ui.label(marks[each.id == chosen], word=each.name, count=str(each.products)), to(each))]
        for each in shown
    ]
    return rows, (page, pages)
