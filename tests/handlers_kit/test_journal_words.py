"""The log in people's words: every kind of action, in every language, with all that is kept of it."""

import ast
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import core
from core.domain.programme import Programme, to_json
from core.store.journal import LogRow
from handlers.rendering import Renderer
from handlers.staff.office.journal_words import SPECS, changes, word
from handlers.ui import Ui
from tests.bots.world import TEMPLATES

RENDERER = Renderer(TEMPLATES)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFFER = {
    "name": "Spring",
    "benefit": "amount",
    "amount": 300_00,
    "conditions": {},
    "starts_at": AT.isoformat(),
    "ends_at": AT.isoformat(),
}
COUPON = OFFER | {"benefit": "factor", "amount": 200, "limit_total": 5, "limit_customer": 1}
REFUND = {
    "amount": 100_00,
    "money": 90_00,
    "returned": 10_00,
    "taken_back": 5_00,
    "sold": 100_00,
    "paid": 90_00,
    "reason": "Sample",
}
NAMED: dict[str, Any] = {"before": {"name": "Tea"}, "after": {"name": "Coffee"}}
POINTS = {"after": {"points": 100_00, "reason": "Sample", "asked_by": 7}}
SWITCHED = {"before": {"is_on": True}, "after": {"is_on": False}}
TEXT = {"template": "notice/receipt", "language": "en"}
LOADED = {"kind": "products", "name": "goods.csv", "added": 1, "changed": 2, "same": 3, "wrong": 4}
ROWS: dict[str, dict[str, Any]] = {
    "branch.added": {"after": {"name": "North", "time_zone": "Europe/Moscow"}},
    "branch.closed": {"before": {"is_open": True}, "after": {"is_open": False}},
    "branch.moved": {"before": {"time_zone": "Asia/Omsk"}, "after": {"time_zone": "Europe/Moscow"}},
    "branch.opened": {"before": {"is_open": False}, "after": {"is_open": True}},
    "branch.renamed": NAMED,
    "campaign.launched": {"after": {"at": AT.isoformat(), "segment": {"levels": ["x"]}}},
    "campaign.paused": {"before": {"state": "sending"}},
    "campaign.sending": {"before": {"state": "paused"}},
    "campaign.stopped": {"before": {"state": "sending"}},
    "card.blocked": {"before": {"status": "issued"}, "after": {"number": "4455001", "status": "blocked"}},
    "card.bound": {"after": {"number": "4455001"}},
    "card.unblocked": {"before": {"status": "blocked"}, "after": {"number": "4455001", "status": "bound"}},
    "cards.loaded": {"after": {"first": 1, "last": 100, "width": 6}},
    "category.added": {"after": {"category": "VIP"}},
    "category.deleted": {"before": {"name": "Tea"}},
    "category.made": {"after": {"name": "Tea"}},
    "category.removed": {"after": {"category": "VIP"}},
    "category.renamed": NAMED,
    "coupon.changed": {"before": COUPON, "after": COUPON | {"ends_at": None, "benefit": "percent"}},
    "coupon.codes_taken": {"after": {"codes": 100}},
    "coupon.made": {"after": COUPON},
    "coupon.switched": SWITCHED,
    "customer.blocked": {},
    "customer.consents_withdrawn": {},
    "customer.edited": {"after": {"fields": ["birthday", "language", "name"]}},
    "customer.erased": {},
    "customer.exported": {},
    "customer.merged": {
        "before": {"customer_id": 9, "purchases": 2, "debt": 0},
        "after": {"points": 5_00, "debt": 0},
    },
    "customer.phone_changed": {"after": {"phone": "+7 916 ***-**-67"}},
    "customer.recomputed": {},
    "customer.registered": {"after": {"referred_by": 3}},
    "customer.unblocked": {},
    "export.begun": {},
    "export.taken": {},
    "gift.undone": {},
    "held.given": POINTS,
    "held.refused": POINTS,
    "import.begun": {"after": LOADED},
    "manual.asked": POINTS,
    "manual.done": POINTS,
    "manual.refused": POINTS,
    "product.added": {"after": {"name": "Tea", "price": 250_00}},
    "product.changed": {
        "before": {"article": None, "barcode": None, "category_id": None, "is_sold": True, "price": None},
        "after": {"article": "T1", "barcode": "4601", "category_id": 5, "is_sold": False, "price": 250_00},
    },
    "programme.changed": {"before": to_json(Programme()), "after": to_json(Programme())},
    "promotion.changed": {"before": OFFER, "after": OFFER | {"benefit": "points"}},
    "promotion.made": {"after": OFFER},
    "promotion.switched": SWITCHED,
    "purchase.paid": {"after": {"amount": 100_00, "method": "card"}},
    "purchase.refunded": {"after": REFUND},
    "purchase.undone": {"after": REFUND | {"reason": None}},
    "review.answered": {},
    "sms.resumed": {"after": {"origin": "till"}},
    "sms.stopped": {"after": {"origin": "bot", "sent": 40, "entered": 3}},
    "staff.changed": {
        "before": {"role": "cashier", "branch_id": 1},
        "after": {"role": "manager", "branch_id": 1},
    },
    "staff.dismissed": {},
    "staff.invited": {"after": {"role": "cashier", "branch_id": 1}},
    "staff.joined": {"after": {"role": "cashier", "branch_id": 1, "invite_id": 4}},
    "staff.phone": {"before": {"phone": None}, "after": {"phone": "+7 916 ***-**-67"}},
    "staff.uninvited": {},
    "text.changed": {"before": {"text": None}, "after": TEXT | {"text": "Thanks"}},
    "text.reset": {"before": {"text": "Thanks"}, "after": TEXT | {"text": None}},
    "visit.booked": {},
    "visit.came": {},
    "visit.no_show": {},
}
"""An example of each action with everything that its row keeps."""


def row(action: str, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None) -> LogRow:
    kept = (before or {}, after or {})
    return LogRow(1, AT, "system", None, action, "purchase", 45, 3, "Anna", "79160000067", *kept)


def shown(language: str, told: LogRow, groups: dict[int, str]) -> str:
    ui = Ui(RENDERER, language)
    return ui.text(
        "staff/office/journal/row",
        row=told,
        did=word(ui, told.action),
        changes=changes(ui, told),
        specs=SPECS if told.action == "programme.changed" else {},
        branches={1: "North"},
        groups=groups,
        tz="Europe/Moscow",
    )


@pytest.mark.parametrize("language", RENDERER.languages)
@pytest.mark.parametrize("action", sorted(ROWS))
def test_every_action_is_told_in_words(action: str, language: str) -> None:
    ui, told = Ui(RENDERER, language), row(action, **ROWS[action])
    text = unescape(shown(language, told, {5: "Drinks"}))
    assert action not in text
    assert word(ui, action) in text
    for each in changes(ui, told):
        assert each.title != each.name, each
    assert not re.search(r"\b[a-z]+_[a-z_]+\b|\{|\[|Undefined|None|True|False", text), text
    if language == "en":
        assert not re.search("[а-яё]", text, re.IGNORECASE), text
    else:
        assert re.search("[а-яё]", word(ui, action)), text


def test_every_action_that_is_noted_has_its_example() -> None:
    """Names in the core that look like an action's and whose first word begins one."""
    kinds = {action.partition(".")[0] for action in ROWS}
    source = [path.read_text("utf-8") for path in Path(core.__file__ or "").parent.glob("*.py")]
    words = {
        node.value
        for text in source
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    said = {each for each in words if re.fullmatch(r"[a-z]+\.[a-z_]+", each) and each.partition(".")[0] in kinds}
    assert said <= ROWS.keys(), said - ROWS.keys()
    assert len(said) > 40


def test_what_stayed_is_left_out_and_a_customers_name_is_no_title() -> None:
    text = shown("ru", row("staff.changed", **ROWS["staff.changed"]), {})
    assert text.endswith("Роль: кассир → управляющий")
    assert "Точка" not in text
    text = shown("ru", row("customer.edited", **ROWS["customer.edited"]), {})
    assert "Что изменили: День рождения, Язык, Имя" in text


def test_a_category_is_told_by_its_name() -> None:
    told = row("programme.changed", {"nth_category": None}, {"nth_category": 5})
    assert "любая покупка → Drinks" in shown("ru", told, {5: "Drinks"})
    assert "any purchase → Drinks" in shown("en", told, {5: "Drinks"})
    assert "любая покупка → категория № 5" in shown("ru", told, {}), "one that was deleted meanwhile"
    moved = row("product.changed", {"category_id": 4}, {"category_id": 5})
    assert "Категория: Tea → Drinks" in shown("ru", moved, {4: "Tea", 5: "Drinks"})
