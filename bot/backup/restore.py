"""Restoring a backup into an empty database."""

from pathlib import Path

from bot.backup.archive import ArchiveReader, Manifest
from bot.database import database, known_migrations, migrate_database
from core import reminders
from core.ports import Clock
from core.store import audit, health
from core.store.restoring import fill, first_filled, number_on, quieten
from core.store.transactions import run_in_transaction


class RestoreRefused(Exception):
    """A restore that was not begun; the text says why."""


async def restore_database(url: str, path: Path, clock: Clock) -> Manifest:
    """Fill the empty or absent database at ``url`` from a backup, and bring it up to date.

    An older backup is loaded into the schema it was made of, then migrated. All or nothing is loaded.
    Raises BadArchive and RestoreRefused.
    """
    with ArchiveReader(path) as archive:
        schema = archive.manifest.schema
        known = known_migrations()
        if schema != known[: len(schema)]:
            raise RestoreRefused("The backup is of a newer version of this program: update it first")
        await _make_schema(url, schema)
        async with database(url, patient=True):
            await _load(archive, clock)
    await migrate_database(url)
    async with database(url, patient=True):
        await reminders.pass_over(archive.manifest.taken_at, clock.now())
        await _note(archive.manifest, clock)
    return archive.manifest


async def _make_schema(url: str, schema: list[str]) -> None:
    async with database(url):
        applied = await _applied()
    if not applied:
        await migrate_database(url, target=schema[-1])
    elif applied != schema:
        raise RestoreRefused(
            "The database was made by another version than the backup: restore into a new one. "
            "It is brought up to date afterwards."
        )


async def _applied() -> list[str]:
    """The target's migrations; none for a database that has no tables at all."""
    return await health.applied_migrations() if await health.has_schema() else []


async def _load(archive: ArchiveReader, clock: Clock) -> None:
    async def work() -> None:
        filled = await first_filled([each.table for each in archive.manifest.contents])
        if filled is not None:
            raise RestoreRefused(
                f"The database is not empty ({filled}): restore into a new one, nothing is ever overwritten"
            )
        for content in archive.manifest.contents:
            await fill(content.table, archive.rows(content.table))
            await number_on(content.table)
        await quieten(clock.now(), {each.table.name for each in archive.manifest.contents})

    await run_in_transaction(work, attempts=1)


async def _note(manifest: Manifest, clock: Clock) -> None:
    """Tell the log of it, once its chain is there: an older schema may have had none."""

    async def work() -> None:
        await audit.note(
            "restore",
            "database",
            None,
            actor_kind="command",
            actor_id=None,
            now=clock.now(),
            after={"taken_at": manifest.taken_at.isoformat()},
        )

    await run_in_transaction(work)
