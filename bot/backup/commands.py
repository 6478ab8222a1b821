"""``backup`` and ``restore`` as commands. Nothing of the bots is loaded for them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.backup import BackupRefused, BadArchive, RestoreRefused, back_up_database, restore_database
from bot.database import database
from bot.settings import BadSettings, load_settings
from bot.speech import complain, say
from core.check import check_ledger
from core.ports import SystemClock
from core.store.transactions import StoreUnavailable, is_of_database, is_passing


async def backup(file: Path) -> int:
    """Copy the database; returns the exit status."""
    return await _told(lambda url: _backup(url, file))


async def restore(file: Path) -> int:
    """Fill a new database from a backup and prove its ledger; 1 when it is broken."""
    return await _told(lambda url: _restore(url, file))


async def _told(work: Callable[[str], Awaitable[int]]) -> int:
    try:
        return await work(load_settings().database())
    except (BadSettings, BackupRefused, BadArchive, RestoreRefused) as error:
        return complain(str(error))
    except Exception as error:
        away = isinstance(error, StoreUnavailable) or (is_of_database(error) and is_passing(error))
        if away or isinstance(error, OSError):
            return complain(f"Could not be done: {type(error).__name__}: {error}")
        raise


async def _backup(url: str, file: Path) -> int:
    counts = await back_up_database(url, file, SystemClock())
    size = await asyncio.to_thread(lambda: file.stat().st_size)
    say(f"{file}: {sum(counts.values())} rows of {len(counts)} tables, {size} bytes.")
    say("SECRET_KEY (or var/secret.key) is not in it: keep that apart, a restored copy needs the same one.")
    return 0


async def _restore(url: str, file: Path) -> int:
    manifest = await restore_database(url, file, SystemClock())
    say(
        f"Restored as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC: {sum(c.rows for c in manifest.contents)} rows."
    )
    async with database(url, patient=True):
        report = await check_ledger()
    for finding in report.findings:
        say(f"BROKEN {finding.rule}: {finding.row}")
    say(f"{report.rules} rules of the ledger: {len(report.findings) or 'nothing'} broken.")
    return 1 if report.findings else 0
