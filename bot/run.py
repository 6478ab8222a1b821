"""One process with everything: both bots by long polling, the relay, and their graceful end."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

import structlog
from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import Update

from bot.build import App
from bot.intake import ALLOWED_UPDATES
from bot.introduction import insist, introduce, learn_names
from bot.polling import Poller, TokenRefused
from bot.telegram import safe_text
from bot.verdicts import judge
from handlers.errors import apologise

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


async def serve(app: App, *, ready: Callable[[], None] | None = None) -> None:
    """Run until SIGTERM or SIGINT, then let what is in work end. Raises TokenRefused."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopping.set)
    try:
        if await _or_stop(stopping, _start(app)):
            return
        if ready is not None:
            ready()
        await _work(app, stopping)
    except* TokenRefused as refused:
        raise next(_leaves(refused)) from None
    finally:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)


def _leaves(group: BaseExceptionGroup[TokenRefused]) -> Iterator[TokenRefused]:
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each


async def _start(app: App) -> None:
    """Learn what the bots are called; their links need it."""
    try:
        await insist(partial(learn_names, app.bots, app.core.deps.links), "bots_named")
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise TokenRefused("CUSTOMER_BOT_TOKEN or STAFF_BOT_TOKEN") from None


async def _or_stop(stopping: asyncio.Event, work: Awaitable[None]) -> bool:
    """Wait for work or for a stop; whether it was the stop."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for each in (task, waiting):
        if not each.done():
            each.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    if task.cancelled() or not task.done():
        return True
    task.result()
    return False


async def _work(app: App, stopping: asyncio.Event) -> None:
    pollers = [_poller(app, name) for name in app.bots]
    merchant = (await app.core.programmes.current()).name
    async with asyncio.TaskGroup() as tasks:
        polling = [tasks.create_task(poller.run()) for poller in pollers]
        relaying = tasks.create_task(app.relay.run())
        introducing = tasks.create_task(
            insist(partial(introduce, app.bots, app.renderer, merchant), "bots_introduced")
        )
        waiting = tasks.create_task(stopping.wait())
        await asyncio.wait({waiting, relaying, *polling}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        introducing.cancel()
        waiting.cancel()
        for poller in pollers:
            poller.request_stop()
        await asyncio.wait(polling)
        # What the last updates wrote to the outbox still leaves.
        app.relay.request_stop()


def _poller(app: App, name: str) -> Poller:
    intake = app.intakes[name]

    told: set[int] = set()

    async def on_error(update: Update, error: BaseException, tries: int, final: bool) -> None:
        log.error(
            "update_failed", bot=name, update=update.update_id, tries=tries, final=final, error=safe_text(error)
        )
        if update.update_id in told:
            told.discard(update.update_id)
            return
        if not final:
            told.add(update.update_id)
        await apologise(app.bots[name], app.renderer, update, code=f"{update.update_id}")

    return Poller(
        app.bots[name],
        intake.handle,
        intake,
        token_setting=f"{name.upper()}_BOT_TOKEN",
        allowed_updates=ALLOWED_UPDATES,
        judge=judge,
        on_error=on_error,
    )
