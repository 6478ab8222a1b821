"""Screens of «Карты»."""

from core.card_pool import STATUSES, CardPage, CardRow, PoolCounts
from handlers.callbacks import OnCards, OnImport, OnPeople
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.office import parts
from handlers.ui import Screen, Ui

IN_A_ROW = 2


def menu(ui: Ui, counts: PoolCounts) -> Screen:
    """How many cards there are, and what can be done with them."""
    lists = [
        [button(ui.label(f"office.cards.{one}"), OnCards(do="page", word=one))]
        for one in STATUSES
        if getattr(counts, one)
    ]
    find = button(ui.label("office.cards.find"), OnCards(do="find"))
    load = button(ui.label("office.cards.load"), OnCards(do="load"))
    file = button(ui.label("office.cards.file"), OnImport(do="ask", kind="cards"))
    keys = inline([find], *lists, [load, file], [parts.to_menu(ui)])
    return Screen(ui.text("staff/office/cards/menu", it=counts), keys)


def page(ui: Ui, found: CardPage) -> Screen:
    """Cards of one status, a button each."""
    keys = [_open(ui, card) for card in found.cards]
    rows = [keys[start : start + IN_A_ROW] for start in range(0, len(keys), IN_A_ROW)]
    turns = []
    if found.newer and found.cards:
        before = OnCards(do="page", word=found.status, id=found.cards[0].id, n=1)
        turns.append(button(ui.label("history.newer"), before))
    if found.older and found.cards:
        after = OnCards(do="page", word=found.status, id=found.cards[-1].id)
        turns.append(button(ui.label("history.older"), after))
    text = ui.text("staff/office/cards/page", status=found.status, cards=found.cards)
    return Screen(text, inline(*rows, turns, [to_cards(ui)]))


def results(ui: Ui, typed: str, cards: tuple[CardRow, ...]) -> Screen:
    """What was found by a number's beginning."""
    text = ui.text("staff/office/cards/found", typed=typed, cards=cards)
    again = button(ui.label("office.cards.find"), OnCards(do="find"))
    return Screen(text, inline(*([_open(ui, card)] for card in cards), [again], [to_cards(ui)]))


def card(ui: Ui, it: CardRow, time_zone: str) -> Screen:
    """One card: whose it is and since when."""
    do = "unblock" if it.status == "blocked" else "block"
    turn = button(ui.label(f"office.cards.{do}"), OnCards(do=do, id=it.id))
    whose = []
    if it.customer_id is not None and (it.customer_name or it.customer_phone):
        whose = [button(ui.label("office.cards.whose"), OnPeople(do="open", id=it.customer_id))]
    text = ui.text("staff/office/cards/card", it=it, tz=time_zone)
    return Screen(text, inline(whose, [turn], [to_cards(ui)]))


def ask(ui: Ui, template: str, **data: object) -> Screen:
    """A question of the area."""
    return Screen(ui.text(f"staff/office/cards/{template}", **data), inline([to_cards(ui)]))


def to_cards(ui: Ui) -> Button:
    return parts.back_to(ui, OnCards(do="menu"))


def _open(ui: Ui, card: CardRow) -> Button:
    mark = ui.label(f"office.cards.mark_{card.status}")
    return button(f"{mark} {card.number}", OnCards(do="open", id=card.id))
