"""Cards from files, into the pool: one number a row; the header may be left out."""

from collections.abc import Sequence
from typing import Any

from core.domain.cards import HIGH, LOW, parse_card
from core.import_kinds import ADDED, SAME, Column, ImportKind, Loader, Outcome
from core.store import card_pool

KIND = "cards"
NUMBER = Column(
    "number",
    {"ru": "Номер карты", "en": "Card number"},
    {"ru": f"от {LOW} до {HIGH} цифр", "en": f"{LOW} to {HIGH} digits"},
    parse_card,
    ("карта", "номер", "card", "штрихкод", "barcode"),
    required=True,
    unique=True,
)


def cards_kind() -> ImportKind:
    """Numbers that nobody has go into the pool; those that are known, whosever they are, stay as they are."""
    return ImportKind(KIND, (NUMBER,), _compare, _apply)


async def _compare(rows: Sequence[dict[str, Any]], by: Loader) -> Sequence[Outcome]:
    known = await card_pool.known([row["number"] for row in rows])
    return [SAME if row["number"] in known else ADDED for row in rows]


async def _apply(rows: Sequence[dict[str, Any]], by: Loader) -> Sequence[Outcome]:
    added = set(await card_pool.add([row["number"] for row in rows], by.now))
    return [ADDED if row["number"] in added else SAME for row in rows]
