"""The web process: both webhooks, until SIGTERM, with nothing lost."""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog
from aiohttp import web

from bot.addresses import WebSettings
from bot.apology import apologising
from bot.build import App
from bot.gateways import report_path
from bot.introduction import insist, name_bots
from bot.signals import or_stop, stop_requests
from bot.verdicts import judge
from bot.web.deliveries import Deliveries
from bot.web.hooks import path_of, set_webhooks, watch
from bot.web.probes import Probes
from bot.web.reports import Reports
from bot.web.server import listening
from bot.web.state import State
from bot.web.webhook import Webhook

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


async def serve_web(app: App, settings: WebSettings, *, ready: Callable[[str], None]) -> None:
    """Take updates until SIGTERM or SIGINT, then finish those in work. Raises TokenRefused and BadSettings.

    ``ready`` is called with the address once Telegram was told of it.
    """
    state = State()
    with stop_requests() as stopping:
        async with listening(webhook_routes(app, settings, state), settings.host, settings.port, state) as (
            host,
            port,
        ):
            if await or_stop(stopping, _start(app, settings, state)):
                return
            ready(f"{host}:{port}")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(app.bell.send())
                watching = tasks.create_task(watch(app.bots, settings, app.metrics))
                await stopping.wait()
                log.info("stopping")
                watching.cancel()
                app.bell.request_stop()


async def _start(app: App, settings: WebSettings, state: State) -> None:
    await name_bots(app.bots, app.core.deps.links)
    state.named = True
    await insist(partial(set_webhooks, app.bots, settings), "webhooks_set")


def webhook_routes(app: App, settings: WebSettings, state: State) -> list[web.RouteDef]:
    """Both webhooks, delivery reports of SMS, health and figures."""
    routes = Probes(state, app.metrics, settings.metrics_token).routes()
    routes += Reports.of(report_path(app.core.deps.keys), app.core.sms_statuses, app.metrics)
    for name, bot in app.bots.items():
        intake = app.intakes[name]
        deliveries = Deliveries(bot, intake.handle, intake, judge=judge, on_error=apologising(app, name))
        webhook = Webhook(name, settings.secret, deliveries, state, app.metrics)
        routes.append(web.post(path_of(name), webhook.answer))
    return routes
