"""Exports speak the language of whoever takes them, in the cells too."""

import pytest

from core import export_words
from core.domain.eligibility import SALE_TYPES
from core.domain.lots import EntryKind
from core.domain.rules import CLASSES

NAMES = [
    *(("kind", kind.value) for kind in EntryKind),
    *(("sale_type", each) for each in SALE_TYPES),
    *(("importance", each) for each in CLASSES),
    *(("status", each) for each in ("draft", "waiting", "completed", "cancelled", "issued", "bound", "blocked")),
    *(("reason", each) for each in ("welcome", "birthday", "win_back", "import", "erased", "refunded", "undone")),
    *(("reason", f"referral_{who}{end}") for who in ("friend", "inviter") for end in ("", "_undone")),
]


@pytest.mark.parametrize(("column", "kept"), NAMES)
def test_a_name_has_words_in_both_languages(column: str, kept: str) -> None:
    russian, english = (export_words.value(column, kept, language) for language in ("ru", "en"))
    assert not russian.isascii()
    assert english.isascii()
    assert "_" not in english


def test_what_people_wrote_stays_theirs() -> None:
    assert export_words.value("reason", "manual:bound: день", "ru") == "вручную: bound: день"
    assert export_words.value("reason", "gift_undone:Кофе", "en") == "gift returned: Кофе"
    assert export_words.value("reason", "note:bound", "ru") == "note:bound"
    assert export_words.value("name", "gold", "ru") == "gold"
    assert export_words.value("level", "bound", "ru") == "bound"


def test_headings_are_in_the_language_too() -> None:
    assert export_words.heading("customers", "purchases", "ru") == "Покупок"
    assert export_words.heading("purchases", "status", "en") == "Status"
    assert export_words.table("cards", "ru") == "карты"
