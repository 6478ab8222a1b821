"""Loading files: read and checked first, shown as a dry run, and loaded as a job once somebody says so.

To add a kind of import
1. declare it where its area is wired: ``imports.register(ImportKind("cards", columns, compare, apply))`` (see
   ``core.import_kinds``: columns with their words and parsers, what would become of rows, loading a batch);
2. give its screen a button ``OnImport(do="ask", kind="cards")`` and a row in
   ``handlers/staff/office/importing.py: KINDS`` (the way back); its words are ``[imports.cards]`` in labels.toml.
Reading, limits, the dry run, the file of errors, progress and resuming are the same for all.

>>> view = await core.imports.read(actor, "products", "list.xlsx", data, key=key)     # changes nothing
>>> await core.imports.load(actor, view.id, message=("staff", chat_id, message_id))   # a job; again: the same job
>>> await core.imports.errors(actor, view.id, "errors", head)                         # a SheetFile
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from core import sheets
from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import ImportGone
from core.domain.schedule import At
from core.import_kinds import Checked, ImportKind, Loader, Outcome, Wrong, check
from core.import_views import ImportView, told, view_of, wrong_cells
from core.job_kinds import JobKind, Step, Work
from core.jobs import Jobs
from core.schedule import Periodic, Schedule
from core.sheets import SheetFile
from core.store import audit, imports
from core.store.imports import FileRow, ImportRow
from core.store.transactions import run_in_transaction

JOB = "import"
BATCH = 200
"""Rows loaded in one transaction: a fraction of a second."""
SHOWN = 5
"""Wrong rows on the screen; the rest is in the file."""
KEPT = timedelta(days=7)

# A table of 100 000 rows takes some 200 MB while it is read: one at a time bounds the memory.
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="import")


@dataclass(frozen=True, slots=True)
class Imports:
    """Files and their loading."""

    deps: Deps
    jobs: Jobs
    schedule: Schedule
    kinds: dict[str, ImportKind] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jobs.register(JobKind(JOB, self._step, tell=told))
        self.schedule.register(Periodic("imports.forget", At(4, 40), self.forget_old))

    def register(self, kind: ImportKind) -> None:
        """Make a kind known. Areas do it when they are wired."""
        if kind.name in self.kinds:
            raise ValueError(f"two kinds of import are called {kind.name}")
        self.kinds[kind.name] = kind

    async def read(self, actor: StaffActor, kind: str, name: str, data: bytes, *, key: str) -> ImportView:
        """Read and check a file of at most sheets.MAX_BYTES; nothing changes but what is kept of it.

        The same ``key`` gives the same file. Raises FileRefused (core.sheets.read, core.import_kinds.check),
        NotAllowed.
        """
        declared = self.kinds[kind]
        actor.require(declared.right)
        form, checked = await asyncio.get_running_loop().run_in_executor(_pool, _checked, declared, data)
        row = await imports.begin(
            kind,
            name[-128:],
            form,
            author_id=actor.id,
            branch_id=actor.branch_id,
            columns=checked.columns,
            ignored=checked.ignored,
            key=key,
            now=self.deps.clock.now(),
        )
        if row.state == "reading":
            await self._compare(declared, row, checked.rows)
        return await self.look(actor, row.id)

    async def _compare(self, kind: ImportKind, row: FileRow, rows: Sequence[ImportRow]) -> None:
        counts = {"added": 0, "changed": 0, "same": 0, "wrong": 0}
        by = self._loader(row)
        for start in range(0, len(rows), imports.CHUNK):
            chunk = rows[start : start + imports.CHUNK]
            good = [each for each in chunk if each.checked is not None]
            outcomes = await kind.compare([each.checked or {} for each in good], by)
            settled, more = _settled(good, outcomes)
            bad = [each for each in chunk if each.problems is not None]
            more["wrong"] += len(bad)
            kept = sorted([*settled, *bad], key=lambda each: each.number)
            await imports.add_rows(row.id, kept)
            counts = {name: counts[name] + more[name] for name in counts}
        await imports.put(row.id, state="ready", **counts)

    async def look(self, actor: StaffActor, import_id: int) -> ImportView:
        """A file as it stands. Raises ImportGone for one that is not the actor's own, NotAllowed."""
        row, kind = await self._own(actor, import_id)
        return view_of(kind, row, await imports.problems(row.id, SHOWN), actor.language)

    async def load(
        self, actor: StaffActor, import_id: int, *, message: tuple[str, int, int] | None = None
    ) -> ImportView:
        """Begin to load what a dry run showed; pressed twice it is one job. Raises ImportGone, NotAllowed."""
        await self._own(actor, import_id)
        now = self.deps.clock.now()

        async def work() -> None:
            row = await imports.get(import_id, locked=True)
            if row is None or row.state == "reading" or (row.state == "ready" and now - row.created_at > KEPT):
                raise ImportGone
            if row.state != "ready":
                return
            await imports.put(row.id, state="loading", **_counts(row))
            given = {"file": row.id, "kind": row.kind, "language": actor.language, "name": row.name}
            await self.jobs.start(JOB, given, key=f"import:{row.id}", author_id=actor.id, message=message)
            await audit.note(
                "import.begun",
                "import_file",
                row.id,
                actor_kind="staff",
                actor_id=actor.id,
                now=now,
                after={"kind": row.kind, "name": row.name} | _counts(row),
            )

        await run_in_transaction(work)
        return await self.look(actor, import_id)

    async def errors(self, actor: StaffActor, import_id: int, name: str, head: Sequence[str]) -> SheetFile:
        """All that is wrong in a file, as a file of the same format called ``name``; ``head`` are four words for
        row number, column, found and expected. Raises ImportGone, NotAllowed."""
        row, kind = await self._own(actor, import_id)
        found = await imports.problems(row.id)
        lines = [
            (str(each.number), each.title, each.found, each.expected)
            for each in wrong_cells(kind, found, actor.language)
        ]
        return await in_thread(row.format, name, [head, *lines])

    async def forget_old(self, now: datetime) -> None:
        """Drop the rows of old files. Safe to run twice."""
        await imports.forget(now - KEPT)

    async def _own(self, actor: StaffActor, import_id: int) -> tuple[FileRow, ImportKind]:
        row = await imports.get(import_id)
        if row is None or row.staff_member_id != actor.id:
            raise ImportGone
        kind = self.kinds[row.kind]
        actor.require(kind.right)
        return row, kind

    def _loader(self, row: FileRow) -> Loader:
        return Loader(row.id, row.staff_member_id, row.branch_id, self.deps.clock.now())

    async def _step(self, work: Work) -> Step:
        """Load the next batch, in the job's own transaction."""
        row = await imports.get(work.input["file"])
        if row is None:
            raise ImportGone
        cursor = work.cursor or {"after": 0, "added": 0, "changed": 0, "same": row.same, "wrong": row.wrong}
        total = row.added + row.changed if work.total is None else work.total
        rows = await imports.next_rows(row.id, cursor["after"], BATCH)
        counts = {name: cursor[name] for name in ("added", "changed", "same", "wrong")}
        if not rows:
            await imports.put(row.id, state="loaded", **counts)
            return Step(None, work.done, total, result=counts)
        outcomes = await self.kinds[row.kind].apply([each.checked or {} for each in rows], self._loader(row))
        kept, more = _settled(rows, outcomes)
        await imports.settle(row.id, rows[-1].number, [each for each in kept if each.problems is not None])
        counts = {name: counts[name] + more[name] for name in counts}
        return Step(counts | {"after": rows[-1].number}, work.done + len(rows), total)


def _checked(kind: ImportKind, data: bytes) -> tuple[str, Checked]:
    table = sheets.read(data)
    return table.format, check(kind, table)


async def in_thread(form: str, name: str, rows: Sequence[Sequence[str]]) -> SheetFile:
    """Write a table as a file without holding up the loop."""
    return await asyncio.get_running_loop().run_in_executor(_pool, sheets.write, form, name, rows)


def _settled(rows: Sequence[ImportRow], outcomes: Sequence[Outcome]) -> tuple[list[ImportRow], dict[str, int]]:
    """The rows that are worth keeping after a check or a load, and how many came to what."""
    counts = {"added": 0, "changed": 0, "same": 0, "wrong": 0}
    kept: list[ImportRow] = []
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, Wrong):
            found = (row.checked or {}).get(outcome.column)
            kept.append(replace(row, checked=None, problems=[[outcome.column, str(found or ""), outcome.code]]))
            counts["wrong"] += 1
            continue
        counts[outcome] += 1
        if outcome != "same":
            kept.append(row)
    return kept, counts


def _counts(row: FileRow) -> dict[str, Any]:
    return {"added": row.added, "changed": row.changed, "same": row.same, "wrong": row.wrong}
