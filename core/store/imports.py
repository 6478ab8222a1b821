"""Files to be loaded and their rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import decoded, fetch, fetch_one, moment, placeholders

CHUNK = 500


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row that can be loaded (``checked``) or not (``problems``: column, what was found, code)."""

    number: int
    checked: dict[str, Any] | None
    problems: list[list[str]] | None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as it was read. See models.files.ImportFile for the fields."""

    id: int
    kind: str
    name: str
    format: str
    staff_member_id: int
    branch_id: int
    state: str
    columns: list[str]
    ignored: list[str]
    added: int
    changed: int
    same: int
    wrong: int
    created_at: datetime


def _file(found: dict[str, Any]) -> FileRow:
    values = {name: found[name] for name in FileRow.__slots__}
    values |= {name: decoded(found[name]) for name in ("columns", "ignored")}
    return FileRow(**(values | {"created_at": moment(found["created_at"])}))


async def get(file_id: int, *, locked: bool = False) -> FileRow | None:
    found = await fetch_one(f"SELECT * FROM import_file WHERE id = $1{' FOR UPDATE' if locked else ''}", file_id)
    return _file(found) if found else None


async def begin(
    kind: str,
    name: str,
    form: str,
    *,
    author_id: int,
    branch_id: int,
    columns: Sequence[str],
    ignored: Sequence[str],
    key: str,
    now: datetime,
) -> FileRow:
    """A file about to be read. One that the same request began and didn't finish is begun anew."""
    found = await fetch(
        "INSERT INTO import_file (kind, name, format, staff_member_id, branch_id, state, columns, ignored, "
        "request_key, created_at) VALUES ($1, $2, $3, $4, $5, 'reading', $6, $7, $8, $9) "
        "ON CONFLICT (request_key) DO UPDATE SET request_key = excluded.request_key RETURNING *",
        kind,
        name,
        form,
        author_id,
        branch_id,
        json.dumps(columns, ensure_ascii=False),
        json.dumps(ignored, ensure_ascii=False),
        key,
        now,
    )
    row = _file(found[0])
    if row.state == "reading":
        await fetch("DELETE FROM import_row WHERE file_id = $1", row.id)
    return row


async def add_rows(file_id: int, rows: Sequence[ImportRow]) -> None:
    """Keep rows, at most CHUNK at a time."""
    if not rows:
        return
    values: list[Any] = []
    for row in rows:
        texts = [
            None if one is None else json.dumps(one, ensure_ascii=False) for one in (row.checked, row.problems)
        ]
        values += [file_id, row.number, *texts]
    await fetch(
        f"INSERT INTO import_row (file_id, number, checked, problems) VALUES {placeholders(len(rows), 4)}", *values
    )


async def put(file_id: int, *, state: str, added: int, changed: int, same: int, wrong: int) -> None:
    """Note where a file stands, with its counts."""
    await fetch(
        "UPDATE import_file SET state = $2, added = $3, changed = $4, same = $5, wrong = $6 WHERE id = $1",
        file_id,
        state,
        added,
        changed,
        same,
        wrong,
    )


async def next_rows(file_id: int, after: int, limit: int) -> list[ImportRow]:
    """The next rows that can be loaded."""
    return await _rows("AND number > $2 AND problems IS NULL ORDER BY number LIMIT $3", file_id, after, limit)


async def problems(file_id: int, limit: int | None = None) -> list[ImportRow]:
    """The rows that can't be loaded, in the file's order."""
    tail = "" if limit is None else f" LIMIT {int(limit)}"
    return await _rows(f"AND problems IS NOT NULL ORDER BY number{tail}", file_id)


async def _rows(condition: str, *values: Any) -> list[ImportRow]:
    rows = await fetch(f"SELECT number, checked, problems FROM import_row WHERE file_id = $1 {condition}", *values)
    return [ImportRow(row["number"], decoded(row["checked"]), decoded(row["problems"])) for row in rows]


async def settle(file_id: int, upto: int, wrong: Sequence[ImportRow]) -> None:
    """Put away the rows up to a number, which were loaded; those that turned out to be wrong are kept as such."""
    await fetch("DELETE FROM import_row WHERE file_id = $1 AND number <= $2 AND problems IS NULL", file_id, upto)
    await add_rows(file_id, wrong)


async def forget(before: datetime) -> None:
    """Drop the rows of files that were sent before a moment: they may be about people. A load goes on."""
    await fetch(
        "DELETE FROM import_row WHERE file_id IN "
        "(SELECT id FROM import_file WHERE created_at < $1 AND state <> 'loading')",
        before,
    )
