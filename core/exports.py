"""Everything out of the program as CSV in a zip: customers, purchases, operations, cards. The owner's alone.

A job reads by ids, a slice a step, and keeps the parts of the files in the database for a day, so that any worker
may go on with it and memory stays flat however many rows there are. Tables are read one after another: what
changes meanwhile may be in one of them and not yet in another.
"""

import asyncio
import base64
import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core import export_words
from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import ExportGone
from core.domain.people import Right
from core.domain.schedule import At
from core.job_kinds import JobKind, JobUnknown, Step, Told, Work
from core.jobs import Jobs
from core.schedule import Periodic, Schedule
from core.sheets import guarded
from core.store import audit, exports
from core.store.jobs import JobRow
from core.store.transactions import run_in_transaction

EXPORT = "export"
BATCH = 2000
KEPT = timedelta(days=1)
LARGEST = 45_000_000
"""Bytes of one zip: a bot may send files of 50 MB."""
MARK = "\ufeff"

_HUNDREDTHS = frozenset(
    {"points", "debt", "sold", "paid", "subtotal", "discount", "payable", "accrual", "refunded", "taken_back"}
    | {"debt_change", "rule_discount"}
)


@dataclass(frozen=True, slots=True)
class Exports:
    """Files with everything."""

    deps: Deps
    jobs: Jobs
    schedule: Schedule

    def __post_init__(self) -> None:
        self.jobs.register(JobKind(EXPORT, self._step, tell=_told))
        self.schedule.register(Periodic("exports.forget", At(4, 50), self.forget_old))

    async def begin(self, actor: StaffActor, *, key: str) -> int:
        """Begin an export; returns the job. The same ``key`` is the same one. Raises NotAllowed."""
        actor.require(Right.OWN)

        async def work() -> int:
            given = {"language": actor.language}
            job_id = await self.jobs.start(EXPORT, given, key=key, author_id=actor.id)
            now = self.deps.clock.now()
            await audit.note("export.begun", "job", job_id, actor_kind="staff", actor_id=actor.id, now=now)
            return job_id

        return await run_in_transaction(work)

    async def files(self, actor: StaffActor, job_id: int, folder: Path) -> list[Path]:
        """Write a finished export into a folder as zips that can be sent; memory stays flat.

        Raises ExportGone, NotAllowed.
        """
        actor.require(Right.OWN)
        try:
            job = await self.jobs.look(job_id)
        except JobUnknown:
            raise ExportGone from None
        if job.kind != EXPORT or job.state != "done":
            raise ExportGone
        now = self.deps.clock.now()
        packer = _Packer(folder, now.astimezone(ZoneInfo(self.deps.time_zone)).date().isoformat())
        try:
            async for name, data in exports.parts(job_id):
                await asyncio.to_thread(packer.add, name, data)
        finally:
            await asyncio.to_thread(packer.close)
        if not packer.paths:
            raise ExportGone
        await audit.note("export.taken", "job", job_id, actor_kind="staff", actor_id=actor.id, now=now)
        return packer.paths

    async def forget_old(self, now: datetime) -> None:
        """Throw away files of yesterday. Safe to run twice."""
        await exports.forget(now - KEPT)

    async def _step(self, work: Work) -> Step:
        now = self.deps.clock.now()
        cursor = work.cursor or {"table": 0, "after": 0, "part": 0}
        total = await exports.size() if work.total is None else work.total
        table, language = exports.TABLES[cursor["table"]], work.input["language"]
        rows = await exports.rows(table, cursor["after"], BATCH, now)
        text = _as_text(table, rows, language, self.deps.time_zone, first=not cursor["after"])
        if text:
            packed = base64.b64encode(zlib.compress(text.encode(), 6)).decode()
            name = f"{export_words.table(table, language)}.csv"
            await exports.add_part(work.job_id, cursor["part"], name, packed, now)
        done = work.done + len(rows)
        following = {"table": cursor["table"], "after": rows[-1]["id"] if rows else 0, "part": cursor["part"] + 1}
        if len(rows) < BATCH:
            following |= {"table": cursor["table"] + 1, "after": 0}
        if following["table"] == len(exports.TABLES):
            return Step(None, done, done, result={"rows": done})
        return Step(following, done, max(total, done))


class _Packer:
    """Writes parts into zips, a new one when the last has grown large. A table that is cut goes on in the next."""

    def __init__(self, folder: Path, stem: str) -> None:
        self.paths: list[Path] = []
        self._folder, self._stem = folder, stem
        self._zip: zipfile.ZipFile | None = None
        self._name = ""
        self._member: Any = None

    def add(self, name: str, data: str) -> None:
        if self._zip is None or self.paths[-1].stat().st_size > LARGEST:
            self.close()
            self.paths.append(self._folder / f"kopilka-{self._stem}-{len(self.paths) + 1}.zip")
            self._zip = zipfile.ZipFile(self.paths[-1], "w", zipfile.ZIP_DEFLATED)
        if name != self._name:
            self._end_member()
            self._member, self._name = self._zip.open(name, "w", force_zip64=True), name
        self._member.write(zlib.decompress(base64.b64decode(data)))

    def close(self) -> None:
        self._end_member()
        if self._zip is not None:
            self._zip.close()
            self._zip = None

    def _end_member(self) -> None:
        if self._member is not None:
            self._member.close()
        self._member, self._name = None, ""


def _as_text(table: str, rows: Sequence[dict[str, Any]], language: str, time_zone: str, *, first: bool) -> str:
    """Rows as CSV; the first part of a table begins with its header, as Russian Excel opens it."""
    text = io.StringIO(newline="")
    out = csv.writer(text, delimiter=";")
    if first and rows:
        text.write(MARK)
        out.writerow([export_words.heading(table, name, language) for name in rows[0]])
    zone = ZoneInfo(time_zone)
    out.writerows([_cell(name, value, language, zone) for name, value in row.items()] for row in rows)
    return text.getvalue()


def _cell(name: str, value: Any, language: str, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if name in _HUNDREDTHS:
        whole, part = divmod(abs(int(value)), 100)
        return f"{'-' if value < 0 else ''}{whole}{',' if language == 'ru' else '.'}{part:02}"
    return guarded(export_words.value(name, value, language)) if isinstance(value, str) else str(value)


def _told(job: JobRow) -> Told:
    data = {"state": job.state, "done": job.done, "total": job.total or 0, "job_id": job.id}
    return Told("notice/exported", job.input["language"], data)
