"""Taking a backup while the bots run."""

from pathlib import Path

from bot.backup.archive import ArchiveWriter
from bot.database import database, other_version, sqlite_path
from core.ports import Clock
from core.store import health
from core.store.snapshot import snapshot
from core.store.tables import PASSING, tables


class BackupRefused(Exception):
    """A backup that was not begun; the text says why."""


async def back_up_database(url: str, path: Path, clock: Clock) -> dict[str, int]:
    """Copy the whole database of one moment into a new file; returns the number of rows by table.

    Raises BackupRefused, and OSError when the file can't be written.
    """
    file = _look(url, path)
    async with database(url, patient=True):
        applied = await health.applied_migrations()
        if refusal := other_version(applied):
            raise BackupRefused(refusal)
        async with snapshot(file) as rows:
            with ArchiveWriter(path, clock.now(), applied) as archive:
                counts = {}
                for table in tables():
                    if table.name in PASSING:
                        continue
                    with archive.table(table) as writer:
                        async for batch in rows(table):
                            writer.write(batch)
                    counts[table.name] = writer.rows
    return counts


def _look(url: str, path: Path) -> Path | None:
    """SQLite's file, None for PostgreSQL; refuses what can't be copied or would be overwritten."""
    if path.exists():
        raise BackupRefused(f"{path}: is there already; a backup never replaces another file")
    if not url.startswith("sqlite:"):
        return None
    file = Path(sqlite_path(url))
    if not file.exists():
        raise BackupRefused(f"{file}: there is no database")
    return file
