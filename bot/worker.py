"""The worker process: sends the outbox (one at a time, others stand by), and does periodic work and long jobs."""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from bot.addresses import ProbeSettings
from bot.build import App
from bot.ending import end
from bot.introduction import insist, introduce, name_bots
from bot.signals import or_stop, stop_requests
from bot.web.probes import probed

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

WIND_DOWN_S = 15.0
"""Seconds for messages in work to leave after a stop. What is cut off is taken over by the next relay."""


async def serve_worker(app: App, probes: ProbeSettings | None, *, ready: Callable[[], None]) -> None:
    """Send until SIGTERM or SIGINT. Raises TokenRefused, and BadSettings for an address that can't be had.

    With ``probes``, health and figures are served at that address.
    """
    with stop_requests() as stopping:
        async with probed(probes, app.metrics) as state:
            if await or_stop(stopping, name_bots(app.bots, app.core.deps.links)):
                return
            state.named = True
            ready()
            await relaying(app, stopping)


async def relaying(app: App, stopping: asyncio.Event) -> None:
    """The relay with what belongs to it, until a stop."""
    async with asyncio.TaskGroup() as tasks:
        relay = tasks.create_task(app.relay.run())
        tasks.create_task(app.bell.listen())
        keeping = tasks.create_task(app.timekeeper.run())
        introducing = tasks.create_task(insist(partial(_introduce, app), "bots_introduced"))
        waiting = tasks.create_task(stopping.wait())
        try:
            await asyncio.wait({relay, keeping, waiting}, return_when=asyncio.FIRST_COMPLETED)
            log.info("stopping")
            tasks.create_task(end(introducing, waiting))
        finally:
            # Also when one has failed: the others are cancelled once, and whoever didn't hear that hears this.
            app.bell.request_stop()
            app.timekeeper.request_stop()
            app.relay.request_stop()
        await wind_down(app, relay)


async def _introduce(app: App) -> None:
    merchant = (await app.core.programmes.current()).name
    managers = await app.core.staff.managers()
    await introduce(app.bots, app.renderer, merchant, managers)


async def wind_down(app: App, relay: asyncio.Task[None], seconds: float = WIND_DOWN_S) -> None:
    """Let what is being sent end, for so many seconds at most."""
    app.relay.request_stop()
    _, late = await asyncio.wait({relay}, timeout=seconds)
    for task in late:
        log.warning("sending_cut_off")
        task.cancel()
