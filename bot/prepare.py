"""Before anything runs: the database brought up to date, and a new merchant's first branch and settings."""

import asyncio
from collections.abc import Awaitable

import structlog

from bot.build import build_core, build_renderer
from bot.database import database, migrate_database
from bot.settings import BadSettings, Settings
from bot.signals import or_stop, stop_requests
from bot.speech import complain
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


async def prepare_patiently(settings: Settings) -> bool:
    """prepare, however long the database takes to come up; False when a stop was requested before it did."""
    with stop_requests() as stopping:
        return not await or_stop(stopping, _insist(settings))


async def _insist(settings: Settings) -> None:
    while True:
        try:
            await prepare(settings)
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("database_awaited", error=safe_text(error).partition(":")[0], again_in_s=_PAUSE_S)
            await asyncio.sleep(_PAUSE_S)
        else:
            return


def is_away(error: BaseException) -> bool:
    """Whether the database can't be reached or takes no writes for now, and nothing else is wrong."""
    return isinstance(error, OSError) or is_waited_for(error)


async def done_or_told(work: Awaitable[int]) -> int:
    """Do a command's work; returns its exit status, or 2 when it only says that the database is away."""
    try:
        return await work
    except BadSettings as error:
        return complain(str(error))
    except Exception as error:
        if not is_away(error):
            raise
        return complain(
            f"The database can't be reached or takes no writes ({safe_text(error).partition(':')[0]}): see to its "
            "server, its disk and DATABASE_URL, then try again."
        )
