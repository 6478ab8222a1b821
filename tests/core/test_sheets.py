"""Tables in files: what is read, what is refused before it does harm, what is no formula to a spreadsheet."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from openpyxl import Workbook, load_workbook

from core import sheets
from core.domain.errors import FileRefused

HEAD = ("Артикул", "Название", "Цена")
DAY = datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None)


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        sheets.read(data)
    return refused.value.data["reason"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_csv_is_read_in_each_encoding_with_each_delimiter(delimiter: str, encoding: str) -> None:
    text = (
        delimiter.join(HEAD) + "\r\n" + delimiter.join(("A-1", '"Чай ""Ёлка"", чёрный; 1\t2"', " 89.90 ")) + "\r\n"
    )
    table = sheets.read(text.encode(encoding))
    assert table == sheets.Table("csv", HEAD, ((2, ("A-1", 'Чай "Ёлка", чёрный; 1\t2', "89.90")),))


def test_empty_rows_are_left_out_but_counted_and_cells_may_hold_lines() -> None:
    table = sheets.read(b'\na;b\n\n"1\n2";x\n;\ny;z')
    assert table.header == ("a", "b")
    assert table.rows == ((4, ("1\n2", "x")), (6, ("y", "z")))


def test_a_workbook_is_read_as_people_would_type_it() -> None:
    row = (4607001234567, "Чай", 89.9, 12.0, True, None, DAY, DAY.replace(hour=9, minute=30))
    table = sheets.read(workbook(tuple("abcdefgh"), row))
    assert table.format == "xlsx"
    assert table.rows == ((2, ("4607001234567", "Чай", "89.9", "12", "1", "", "2026-03-01", "2026-03-01 09:30")),)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_written_is_no_formula_and_comes_back_as_it_was(form: str) -> None:
    cells = ("=1+1", "+7900", "-5", "@SUM(A1)", "\t=1", "просто", "'quoted")
    file = sheets.write(form, "list", [HEAD, cells])
    assert file.name == f"list.{form}"
    if form == "csv":
        written = file.content.decode("utf-8-sig").splitlines()[1].split(";")
    else:
        sheet = load_workbook(io.BytesIO(file.content)).worksheets[0]
        assert {cell.data_type for cell in sheet[2]} == {"s"}
        written = [cell.value for cell in sheet[2]]
    assert not [cell for cell in written if cell.strip('"').startswith(("=", "+", "-", "@", "\t"))]
    assert [cell.strip() for cell in cells] == list(sheets.read(file.content).rows[0][1])


def test_a_file_that_is_too_heavy_or_too_long_is_refused() -> None:
    assert refusal(b"a" * (sheets.MAX_BYTES + 1)) == "too_heavy"
    assert refusal(b"a\n" * (sheets.MAX_ROWS + 2)) == "too_many_rows"
    assert len(sheets.read(b"a\n" * (sheets.MAX_ROWS + 1)).rows) == sheets.MAX_ROWS


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "empty"
    assert refusal("Артикул;Название\n".encode()) == "empty"
    assert refusal(workbook(HEAD)) == "empty"


def test_what_is_no_table_is_refused() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more") == "old_excel"
    assert refusal(b"PK\x03\x04 and nothing else") == "damaged"
    assert refusal(workbook(HEAD, HEAD)[:-50]) == "damaged"
    assert refusal(b"\x89PNG\x00\x98\x00") == "encoding"
    assert refusal(b'a;b\n"1;2\n') == "quotes"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("readme.txt", "no workbook")
    assert refusal(other.getvalue()) == "damaged"


@pytest.mark.parametrize("size", [6_000_000, sheets.MAX_UNPACKED + 1])
def test_a_bomb_is_refused_before_it_is_unpacked(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * size)
    monkeypatch.setattr(sheets, "load_workbook", lambda *_, **__: pytest.fail("it was opened"))
    assert refusal(bomb.getvalue()) == "too_dense"


def test_no_more_columns_are_read_than_a_table_has() -> None:
    wide = workbook(HEAD, ("1", "2", *["x"] * 100))
    assert len(sheets.read(wide).rows[0][1]) == sheets.MAX_COLUMNS
