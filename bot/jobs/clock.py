"""``python -m bot clock``: gives the beat to the workers by Redis. It needs no database and no tokens."""

import structlog

from bot.jobs.beats import give_beats
from bot.jobs.queue import build_queue
from bot.logs import set_up_logs
from bot.settings import BadSettings, load_settings
from bot.signals import stop_requests
from bot.speech import complain, say

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


async def clock() -> int:
    """Call a worker to look what is due every few seconds, until SIGTERM. Returns the exit status."""
    try:
        settings = load_settings()
    except BadSettings as error:
        return complain(str(error))
    set_up_logs(settings.log_level)
    with stop_requests() as stopping:
        if settings.redis_url is None:
            say("Without REDIS_URL the workers look by themselves: the clock has nothing to do, and waits.")
            await stopping.wait()
            return 0
        queue = build_queue(settings.redis_url.get_secret_value())
        await queue.startup()
        try:
            say("Kopilka's clock runs.")
            await give_beats(queue, stopping)
        finally:
            await queue.shutdown()
    return 0
