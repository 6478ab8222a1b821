"""Tables in files: CSV and XLSX, read within bounds and written so that no cell is taken for a formula.

Untrusted bytes: what a file would unpack to is looked at before anything is unpacked. Cells are text; numbers and
dates of a workbook come as people would type them.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from core.domain.errors import FileRefused

MAX_BYTES = 20_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 40
MAX_UNPACKED = 150_000_000
"""A workbook of 100 000 rows unpacks to some 60 MB."""
MAX_DENSITY = 100
"""Bytes unpacked from one packed: workbooks that people make come to 10 or 20."""
SMALL = 5_000_000
"""What unpacks to less does no harm, however dense it is."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_DELIMITERS = (";", "\t", ",")
# What openpyxl raises for damaged workbooks, as seen on cut and mutated ones.
_DAMAGE = (
    InvalidFileException,
    zipfile.BadZipFile,
    ParseError,
    OSError,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class Table:
    """A file's first table: its header and its rows, each with the number that it has in the file."""

    format: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A table to be handed out."""

    name: str
    content: bytes


def read(data: bytes) -> Table:
    """The table in a CSV (UTF-8, UTF-16 with its mark, or cp1251; comma, semicolon or tab) or XLSX file.

    Takes seconds for a large one: call it in a thread. Empty rows are left out but counted. Raises FileRefused
    with ``reason`` too_heavy, too_many_rows, too_dense, old_excel, damaged, encoding, quotes or empty.
    """
    if len(data) > MAX_BYTES:
        raise FileRefused(reason="too_heavy", megabytes=MAX_BYTES // 1_000_000)
    if data.startswith(_OLD_EXCEL):
        raise FileRefused(reason="old_excel")
    is_workbook = data.startswith(b"PK")
    rows = _workbook(data) if is_workbook else _separated(data)
    found: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in rows:
        if any(cells):
            found.append((number, cells))
        if len(found) > MAX_ROWS + 1:
            raise FileRefused(reason="too_many_rows", rows=MAX_ROWS)
    if len(found) < 2:
        raise FileRefused(reason="empty")
    return Table("xlsx" if is_workbook else "csv", found[0][1], tuple(found[1:]))


def _separated(data: bytes) -> Iterable[tuple[int, tuple[str, ...]]]:
    text = _decoded(data)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 0
    while True:
        try:
            cells = next(lines, None)
        except csv.Error as error:
            raise FileRefused(reason="quotes", row=number + 1) from error
        if cells is None:
            return
        number += 1
        yield number, tuple(_plain(cell) for cell in cells[:MAX_COLUMNS])


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1251")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise FileRefused(reason="encoding")


def _delimiter(text: str) -> str:
    """The one that stands most often in the first line, outside of quotes."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(_DELIMITERS, key=bare.count)


def _workbook(data: bytes) -> Iterable[tuple[int, tuple[str, ...]]]:
    _bounded(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
        for number, cells in enumerate(rows, start=1):
            yield number, _without_end(tuple(_plain(_typed(cell)) for cell in cells))
    except _DAMAGE as error:
        raise FileRefused(reason="damaged") from error


def _without_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    """A row without the empty cells that fill it up to MAX_COLUMNS."""
    last = max((place for place, cell in enumerate(cells, start=1) if cell), default=0)
    return cells[:last]


def _bounded(data: bytes) -> None:
    """What the workbook says it unpacks to; the unpacker itself never gives more than was said."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
    except _DAMAGE as error:
        raise FileRefused(reason="damaged") from error
    if unpacked > MAX_UNPACKED or (unpacked > SMALL and unpacked > MAX_DENSITY * len(data)):
        raise FileRefused(reason="too_dense")


def _typed(value: Any) -> str:
    """A workbook's value as somebody would type it: 12.0 as 12, a moment without its zeros."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(cell: str) -> str:
    """A cell without what surrounds it, and without the apostrophe of ``guarded``."""
    kept = cell.replace("\u00a0", " ").strip()
    return kept[1:].strip() if kept.startswith("'") and kept[1:].startswith(_FORMULA) else kept


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; ``read`` gives it back as it was."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def write(form: str, name: str, rows: Iterable[Sequence[str]]) -> SheetFile:
    """A table as a ``csv`` (UTF-8 with its mark and semicolons, as Russian Excel opens it) or ``xlsx`` file.

    ``name`` is without the ending. Takes seconds for a large one: call it in a thread.
    """
    safe = ([guarded(cell) for cell in row] for row in rows)
    return SheetFile(f"{name}.{form}", _as_workbook(safe) if form == "xlsx" else _as_separated(safe))


def _as_separated(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _as_workbook(rows: Iterable[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=_printable(value))
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()


def _printable(value: str) -> str:
    """Without control characters, which a workbook can't hold."""
    return "".join(each for each in value if each >= " " or each in "\t\n")
