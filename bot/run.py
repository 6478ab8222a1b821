"""One process with everything: both bots by long polling, the relay, and their graceful end."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

import structlog

from bot.addresses import ProbeSettings
from bot.apology import apologising
from bot.build import App
from bot.ending import end
from bot.intake import ALLOWED_UPDATES
from bot.introduction import insist, introduce, name_bots
from bot.polling import Poller, TokenRefused
from bot.signals import or_stop, stop_requests
from bot.verdicts import judge
from bot.web.probes import probed
from bot.worker import wind_down

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

# Together they stay under the 20 seconds that an end may take.
_HANDLING_S = 12.0
_SENDING_S = 6.0


async def serve(app: App, probes: ProbeSettings | None = None, *, ready: Callable[[], None] | None = None) -> None:
    """Run until SIGTERM or SIGINT, then let what is in work end. Raises TokenRefused.

    With ``probes``, health and figures are served at that address.
    """
    with stop_requests() as stopping:
        try:
            async with probed(probes, app.metrics) as state:
                if await or_stop(stopping, name_bots(app.bots, app.core.deps.links)):
                    return
                state.named = True
                if ready is not None:
                    ready()
                await _work(app, stopping)
        except* TokenRefused as refused:
            raise next(_leaves(refused)) from None


def _leaves(group: BaseExceptionGroup[TokenRefused]) -> Iterator[TokenRefused]:
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each


async def _work(app: App, stopping: asyncio.Event) -> None:
    pollers = [_poller(app, name) for name in app.bots]
    for name in app.bots:
        app.metrics.fetched(name)  # from now on it is missed when Telegram gives nothing
    merchant = (await app.core.programmes.current()).name
    managers = await app.core.staff.managers()
    async with asyncio.TaskGroup() as tasks:
        polling = [tasks.create_task(poller.run()) for poller in pollers]
        relaying = tasks.create_task(app.relay.run())
        keeping = tasks.create_task(app.timekeeper.run())
        introducing = tasks.create_task(
            insist(partial(introduce, app.bots, app.renderer, merchant, managers), "bots_introduced")
        )
        waiting = tasks.create_task(stopping.wait())
        try:
            await asyncio.wait({waiting, relaying, keeping, *polling}, return_when=asyncio.FIRST_COMPLETED)
            log.info("stopping")
            tasks.create_task(end(introducing, waiting))
            app.timekeeper.request_stop()
            for poller in pollers:
                poller.request_stop()
            await asyncio.wait(polling)
            # What the last updates wrote to the outbox still leaves.
            await wind_down(app, relaying, _SENDING_S)
        finally:
            # Also when one has failed: the others are cancelled once, and whoever didn't hear that hears this.
            for poller in pollers:
                poller.request_stop()
            app.timekeeper.request_stop()
            app.relay.request_stop()


def _poller(app: App, name: str) -> Poller:
    intake = app.intakes[name]
    return Poller(
        app.bots[name],
        intake.handle,
        intake,
        token_setting=f"{name.upper()}_BOT_TOKEN",
        allowed_updates=ALLOWED_UPDATES,
        drain_s=_HANDLING_S,
        judge=judge,
        on_error=apologising(app, name),
        on_poll=partial(app.metrics.fetched, name),
    )
