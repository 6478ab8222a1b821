"""What can be loaded from files: declarations of columns, and checking a table by them.

Words of columns stand beside them, like those of settings, so that a kind is declared in one place.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.domain.errors import FileRefused, LoyaltyError
from core.domain.people import Right
from core.sheets import Table
from core.store.imports import ImportRow

ADDED, CHANGED, SAME = "added", "changed", "same"
MISSING, UNFIT, REPEATED = "missing", "unfit", "repeated"
"""What may be wrong with a cell: empty where it can't be, not what is expected, the same as in a row above (whose
number follows after a colon)."""
LONGEST_SHOWN = 60

Words = Mapping[str, str]
"""A text by language: ru and en."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    ``parse`` makes JSON of a cell that is not empty, and raises ValueError or a LoyaltyError for what does not
    fit; ``expected`` says what would. ``synonyms`` are other headers it goes by, in any language, without
    punctuation. No two rows of a file may have the same value of a ``unique`` one.
    """

    name: str
    title: Words
    expected: Words
    parse: Callable[[str], Any]
    synonyms: tuple[str, ...] = ()
    required: bool = False
    unique: bool = False

    @property
    def headers(self) -> set[str]:
        return {normal(each) for each in (self.name, *self.title.values(), *self.synonyms)}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that can't be loaded, as the kind's own check says: in which column, and which of its ``problems``."""

    column: str
    code: str


Outcome = str | Wrong
"""What becomes of a row: ADDED, CHANGED, SAME or Wrong."""


@dataclass(frozen=True, slots=True)
class Loader:
    """Who loads a file, for where, and when."""

    file_id: int
    author_id: int
    branch_id: int
    now: datetime


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of import.

    Rows are values by column name: columns that the file has not got are missing, empty cells are None.
    ``compare`` says what would become of each row and changes nothing. ``apply`` loads rows inside a transaction,
    as one of many batches, and says what became of each; it must stand rows whose like was loaded before, and
    rows that have become wrong since they were compared. ``problems`` are sentences for its own codes.
    """

    name: str
    columns: tuple[Column, ...]
    compare: Callable[[Sequence[dict[str, Any]], Loader], Awaitable[Sequence[Outcome]]]
    apply: Callable[[Sequence[dict[str, Any]], Loader], Awaitable[Sequence[Outcome]]]
    right: Right = Right.MANAGE
    problems: Mapping[str, Words] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        return next(each for each in self.columns if each.name == name)

    def expected(self, column: str, code: str, language: str) -> str:
        """What should have stood in a cell."""
        code, _, row = code.partition(":")
        words = self.problems.get(code) or _OWN.get(code) or self.column(column).expected
        return said(words, language).format(row=row)


_OWN: Mapping[str, Words] = {
    REPEATED: {"ru": "не то же, что в строке {row}", "en": "not the same as in row {row}"},
}


def said(words: Words, language: str) -> str:
    return words.get(language) or words["en"]


def normal(header: str) -> str:
    """A header without case, punctuation and the dots of ё: «Цена, ₽» is ``цена``."""
    return " ".join(re.sub(r"[\W_]+", " ", header.casefold().replace("ё", "е")).split())


@dataclass(frozen=True, slots=True)
class Checked:
    """A table by its kind's columns: which it has, which headers are nobody's, and its rows."""

    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: tuple[ImportRow, ...]


def check(kind: ImportKind, table: Table) -> Checked:
    """Check every row. Takes seconds for a large table: call it in a thread.

    Raises FileRefused with ``reason`` no_columns (``missing`` columns) or repeated_column (``title``).
    """
    if len(kind.columns) == 1 and _is_value(kind.columns[0], table.header):
        table = Table(table.format, (kind.columns[0].name,), ((1, table.header), *table.rows))
    places, ignored = _places(kind, table.header)
    seen: dict[tuple[str, Any], int] = {}
    rows = tuple(_row(kind, places, number, cells, seen) for number, cells in table.rows)
    return Checked(tuple(places), ignored, rows)


def _is_value(column: Column, header: Sequence[str]) -> bool:
    """Whether the header of a file of one column is its first value already."""
    cell = next((each for each in header if each), "")
    try:
        column.parse(cell)
    except (ValueError, LoyaltyError):
        return False
    return normal(cell) not in column.headers


def _places(kind: ImportKind, header: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    known = {word: column for column in kind.columns for word in column.headers}
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, title in enumerate(header):
        column = known.get(normal(title))
        if column is None:
            ignored += [title[:LONGEST_SHOWN]] if title else []
        elif column.name in places:
            raise FileRefused(reason="repeated_column", title=title[:LONGEST_SHOWN])
        else:
            places[column.name] = place
    missing = [dict(each.title) for each in kind.columns if each.required and each.name not in places]
    if missing:
        raise FileRefused(reason="no_columns", missing=missing, found=ignored[:5])
    return places, tuple(ignored)


def _row(
    kind: ImportKind,
    places: Mapping[str, int],
    number: int,
    cells: Sequence[str],
    seen: dict[tuple[str, Any], int],
) -> ImportRow:
    values: dict[str, Any] = {}
    problems: list[list[str]] = []
    for name, place in places.items():
        column, cell = kind.column(name), cells[place] if place < len(cells) else ""
        code = None
        if not cell:
            values[name] = None
            code = MISSING if column.required else None
        else:
            try:
                values[name] = column.parse(cell)
            except (ValueError, LoyaltyError):
                code = UNFIT
        if code is None and column.unique and cell:
            first = seen.setdefault((name, values[name]), number)
            code = f"{REPEATED}:{first}" if first != number else None
        if code is not None:
            problems.append([name, cell[:LONGEST_SHOWN], code])
    return ImportRow(number, None, problems) if problems else ImportRow(number, values, None)
