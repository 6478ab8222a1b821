"""What people see of files that are loaded: counts, the first wrong cells, progress."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.import_kinds import ImportKind, said
from core.job_kinds import Told
from core.store.imports import FileRow, ImportRow
from core.store.jobs import JobRow

TEMPLATE = "staff/office/imports/loading"


@dataclass(frozen=True, slots=True)
class WrongCell:
    """What is wrong in which row: ``found`` in the column called ``title``, where ``expected`` was to be."""

    number: int
    title: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """A file as it was read: what would become of its rows, or what became of them once it is ``loaded``.

    ``titles`` are its recognised columns, ``ignored`` its other headers, ``problems`` the first wrong cells.
    """

    id: int
    kind: str
    name: str
    state: str
    added: int
    changed: int
    same: int
    wrong: int
    titles: tuple[str, ...]
    ignored: tuple[str, ...]
    problems: tuple[WrongCell, ...]


def view_of(kind: ImportKind, row: FileRow, found: Sequence[ImportRow], language: str) -> ImportView:
    """A file with the problems of the rows ``found``, in one language."""
    return ImportView(
        row.id,
        row.kind,
        row.name,
        row.state,
        row.added,
        row.changed,
        row.same,
        row.wrong,
        tuple(said(kind.column(name).title, language) for name in row.columns),
        tuple(row.ignored),
        tuple(wrong_cells(kind, found, language)),
    )


def wrong_cells(kind: ImportKind, rows: Sequence[ImportRow], language: str) -> list[WrongCell]:
    """What is wrong in each of the rows, cell by cell."""
    return [
        WrongCell(row.number, said(kind.column(name).title, language), found, kind.expected(name, code, language))
        for row in rows
        for name, found, code in row.problems or ()
    ]


def told(job: JobRow) -> Told:
    """The message that shows a job's progress."""
    data = {
        "state": job.state,
        "it": job.result,
        "done": job.done,
        "total": job.total,
        "kind": job.input["kind"],
        "name": job.input["name"],
        "file_id": job.input["file"],
    }
    return Told(TEMPLATE, job.input["language"], data)
