"""Screens of «Клиенты»."""

from collections.abc import Sequence

from core.directory import SORTS, Bought, CustomerPage, Listed, Profile
from core.merging import MergeView
from core.preferences import LANGUAGES
from handlers.callbacks import OnCards, OnCustomer, OnPeople
from handlers.staff.customers import named
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.office import parts
from handlers.ui import Screen, Ui

IN_A_ROW = 4
SORTS_IN_A_ROW = 2


def listed(ui: Ui, found: CustomerPage, size: int, time_zone: str) -> Screen:
    """A page of customers, numbered, with a button each."""
    keys = [
        button(str(number), OnPeople(do="open", id=each.id))
        for number, each in enumerate(found.customers, start=1)
    ]
    rows = [keys[start : start + IN_A_ROW] for start in range(0, len(keys), IN_A_ROW)]
    turns = []
    if found.newer and found.customers:
        before = OnPeople(do="list", word=found.sort, id=found.customers[0].cursor, n=1)
        turns.append(button(ui.label("history.newer"), before))
    if found.older and found.customers:
        after = OnPeople(do="list", word=found.sort, id=found.customers[-1].cursor)
        turns.append(button(ui.label("history.older"), after))
    find = button(ui.label("office.people.find"), OnPeople(do="find"))
    sort = button(ui.label("office.people.sorts"), OnPeople(do="sorts"))
    text = ui.text("staff/office/people/list", it=found, size=size, tz=time_zone)
    return Screen(text, inline(*rows, turns, [find, sort], [parts.to_menu(ui)]))


def sorts(ui: Ui) -> Screen:
    """By what the list can be sorted."""
    keys = [button(ui.label(f"office.people.by.{one}"), OnPeople(do="list", word=one)) for one in SORTS]
    rows = [keys[start : start + SORTS_IN_A_ROW] for start in range(0, len(keys), SORTS_IN_A_ROW)]
    return Screen(ui.text("staff/office/people/sorts"), inline(*rows, [to_list(ui)]))


def results(ui: Ui, typed: str, found: tuple[Listed, ...], *, kept_id: int | None = None) -> Screen:
    """Who was found; ``kept_id`` is a customer whom one of them is to be merged into."""
    rows = []
    for each in found:
        to = OnPeople(do="open", id=each.id)
        if kept_id is not None:
            to = OnPeople(do="merge_with", id=kept_id, n=each.id)
        rows.append([button(named(ui, each), to)])
    back = to_list(ui) if kept_id is None else parts.back_to(ui, OnPeople(do="open", id=kept_id))
    return Screen(ui.text("staff/office/people/found", typed=typed, found=found), inline(*rows, [back]))


def profile(ui: Ui, it: Profile, time_zone: str) -> Screen:
    """A customer whole."""
    customer_id = it.panel.customer_id

    def key(do: str) -> Button:
        return button(ui.label(f"office.people.{do}"), OnPeople(do=do, id=customer_id))

    cards = [
        button(f"{ui.label(f'office.cards.mark_{card.status}')} {card.number}", OnCards(do="open", id=card.id))
        for card in it.cards[:IN_A_ROW]
    ]
    history = button(ui.label("panel.history"), OnCustomer(do="history", customer_id=customer_id))
    categories = button(ui.label("panel.categories"), OnCustomer(do="categories", customer_id=customer_id))
    till = button(ui.label("office.people.till"), OnCustomer(do="panel", customer_id=customer_id))
    turn = key("block" if it.blocked_at is None else "unblock")
    keys = inline(
        [till, key("purchases")],
        [history],
        [key("name"), key("birthday")],
        [key("language"), categories],
        cards[:2],
        cards[2:],
        [key("merge"), turn],
        [to_list(ui)],
    )
    return Screen(ui.text("staff/office/people/profile", it=it, tz=time_zone), keys)


def purchases(
    ui: Ui, customer_id: int, name: str | None, found: Sequence[Bought], page: int, *, has_more: bool
) -> Screen:
    """A page of a customer's purchases."""

    def turn(label: str, to: int) -> Button:
        return button(ui.label(f"history.{label}"), OnPeople(do="purchases", id=customer_id, n=to))

    turns = [*([turn("newer", page - 1)] if page else []), *([turn("older", page + 1)] if has_more else [])]
    text = ui.text("staff/office/people/purchases", name=name, found=found, page=page)
    return Screen(text, inline(turns, [to_customer(ui, customer_id)]))


def ask(ui: Ui, what: str, customer_id: int | None = None) -> Screen:
    """A question of the area."""
    back = to_list(ui) if customer_id is None else to_customer(ui, customer_id)
    return Screen(ui.text("staff/office/people/ask", what=what), inline([back]))


def languages(ui: Ui, customer_id: int) -> Screen:
    """In which language the customer is written to."""
    keys = [
        button(ui.renderer.label(code, "language.name"), OnPeople(do="speak", id=customer_id, word=code))
        for code in LANGUAGES
    ]
    return Screen(
        ui.text("staff/office/people/ask", what="language"), inline(keys, [to_customer(ui, customer_id)])
    )


def blocking(ui: Ui, it: Profile) -> Screen:
    """The question before a customer is blocked."""
    customer_id = it.panel.customer_id
    sure = button(ui.label("office.people.block_sure"), OnPeople(do="block_sure", id=customer_id))
    return Screen(ui.text("staff/office/people/block", it=it), inline([sure], [to_customer(ui, customer_id)]))


def merging(ui: Ui, it: MergeView, *, sure: bool) -> Screen:
    """Both customers side by side; asked a second time when ``sure`` is what the button says."""
    pair = {"id": it.kept.id, "n": it.other.id}
    if sure:
        go = [button(ui.label("office.people.merge_sure"), OnPeople(do="merge_sure", **pair))]
        other: list[Button] = []
    else:
        go = [button(ui.label("office.people.merge_on"), OnPeople(do="merge_ask", **pair))]
        swap = OnPeople(do="merge_with", id=it.other.id, n=it.kept.id)
        other = [button(ui.label("office.people.merge_swap"), swap)]
    text = ui.text("staff/office/people/merge", it=it, sure=sure)
    return Screen(text, inline(go, other, [to_customer(ui, it.kept.id)]))


def to_list(ui: Ui) -> Button:
    return parts.back_to(ui, OnPeople(do="list", word=SORTS[0]))


def to_customer(ui: Ui, customer_id: int) -> Button:
    return parts.back_to(ui, OnPeople(do="open", id=customer_id))
