"""Before anything runs: the database brought up to date, and a new merchant's first branch and settings."""

import asyncio

import structlog

from bot.build import build_core, build_renderer
from bot.database import database, migrate_database
from bot.settings import Settings
from bot.telegram import safe_text
from core.store.transactions import is_waited_for

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_PAUSE_S = 2.0


async def prepare(settings: Settings) -> None:
    """Migrate, and give a new database its first branch and settings. Where two do it at once, one waits."""
    await migrate_database(settings.database())
    async with database(settings.database()):
        core = build_core(settings)
        renderer = build_renderer(settings, core.deps.clock)
        await core.programmes.start(renderer.label(settings.language, "defaults.branch"))


async def prepare_patiently(settings: Settings) -> None:
    """prepare, however long the database takes to come up."""
    while True:
        try:
            await prepare(settings)
        except Exception as error:
            if not (isinstance(error, OSError) or is_waited_for(error)):
                raise
            log.warning("database_awaited", error=safe_text(error).partition(":")[0], again_in_s=_PAUSE_S)
            await asyncio.sleep(_PAUSE_S)
        else:
            return
