"""The file of a backup: a zip with ``manifest.json`` and, for each table, its rows as lines of JSON."""

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.store.tables import Table

FORMAT = "kopilka-backup"
VERSION = 1
_MANIFEST = "manifest.json"
_NAME = re.compile(r"[a-z0-9_]{1,63}")
_KINDS = {"plain", "moment", "date", "json", "bool"}


class BadArchive(Exception):
    """A file that is no backup, or a damaged one; the text says what is wrong."""


@dataclass(frozen=True)
class Content:
    """A table of a backup, with how many rows it has and the SHA-256 of their lines."""

    table: Table
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. ``schema`` lists the migrations that made the tables."""

    taken_at: datetime
    schema: list[str]
    contents: list[Content]


class ArchiveWriter:
    """Writes a backup beside its place, readable by its owner only, and moves it there when it is whole."""

    def __init__(self, path: Path, taken_at: datetime, schema: Sequence[str]) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._taken_at = taken_at
        self._schema = list(schema)
        self._contents: list[Content] = []

    def __enter__(self) -> Self:
        self._part.unlink(missing_ok=True)
        descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        return self

    def table(self, table: Table) -> "TableWriter":
        """A context to write one table in."""
        return TableWriter(self._zip, table, self._contents)

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        # A full disk refuses the end of the file as well, and what is half there must not keep it full.
        with ExitStack() as ending:
            ending.callback(self._part.unlink, missing_ok=True)
            ending.callback(self._file.close)
            if kind is None:
                self._zip.writestr(_MANIFEST, json.dumps(self._manifest(), ensure_ascii=False, indent=1))
            self._zip.close()
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._part.rename(self._path)

    def _manifest(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "taken_at": self._taken_at.isoformat(),
            "schema": self._schema,
            "tables": [
                {
                    "name": each.table.name,
                    "columns": [list(column) for column in each.table.columns],
                    "key": each.table.key,
                    "numbered": each.table.numbered,
                    "rows": each.rows,
                    "sha256": each.sha256,
                }
                for each in self._contents
            ],
        }


class TableWriter:
    """Writes one table of an archive."""

    def __init__(self, archive: zipfile.ZipFile, table: Table, contents: list[Content]) -> None:
        self._archive = archive
        self._table = table
        self._contents = contents
        self._sum = hashlib.sha256()
        self.rows = 0

    def __enter__(self) -> Self:
        self._member = self._archive.open(_member(self._table.name), "w", force_zip64=True)
        return self

    def write(self, lines: Sequence[str]) -> None:
        """Write some rows."""
        data = "".join(f"{line}\n" for line in lines).encode()
        self._sum.update(data)
        self._member.write(data)
        self.rows += len(lines)

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        self._member.close()
        if kind is None:
            self._contents.append(Content(self._table, self.rows, self._sum.hexdigest()))


class ArchiveReader:
    """Reads a backup. Opening it proves that every row is there as it was written. Raises BadArchive."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise BadArchive(f"{path}: can't be read as a backup ({type(error).__name__})") from None
        try:
            self.manifest = _manifest(json.loads(self._zip.read(_MANIFEST)))
            for content in self.manifest.contents:
                self._prove(content)
        except BadArchive:
            self._zip.close()
            raise
        except (KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            self._zip.close()
            raise BadArchive(f"{path}: is damaged or no backup of this program ({type(error).__name__})") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def rows(self, table: Table) -> Iterator[list[Any]]:
        """The rows of a table, each as the list of its values."""
        with self._zip.open(_member(table.name)) as member:
            for line in member:
                yield json.loads(line)

    def _prove(self, content: Content) -> None:
        found, rows = hashlib.sha256(), 0
        with self._zip.open(_member(content.table.name)) as member:
            for line in member:
                found.update(line)
                rows += 1
        if (rows, found.hexdigest()) != (content.rows, content.sha256):
            raise BadArchive(f"{content.table.name}: rows of the backup are missing or changed")


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _manifest(raw: Any) -> Manifest:
    if raw["format"] != FORMAT:
        raise ValueError("another format")
    if raw["version"] != VERSION:
        raise BadArchive("The backup was made by a newer version of this program: update it first")
    contents = [Content(_table(each), int(each["rows"]), str(each["sha256"])) for each in raw["tables"]]
    return Manifest(datetime.fromisoformat(raw["taken_at"]), [_name(each) for each in raw["schema"]], contents)


def _table(raw: Any) -> Table:
    columns = tuple((_name(name), kind) for name, kind in raw["columns"])
    if not all(kind in _KINDS for _, kind in columns):
        raise ValueError("a kind of column that is not known")
    return Table(_name(raw["name"]), columns, _name(raw["key"]), bool(raw["numbered"]))


def _name(text: Any) -> str:
    """A name that may stand in a statement."""
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        raise ValueError("a name that can't be one")
    return text
