"""The commands that stay: everything in one process, or webhooks and the worker apart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from bot.addresses import probe_settings, require_shared_key, web_settings
from bot.build import App, build_app, build_bots
from bot.database import database, made_whole, sqlite_path
from bot.demo import named_after_merchant, start_demo, write_sample
from bot.logs import set_up_logs
from bot.polling import TokenRefused
from bot.prepare import prepare, prepare_patiently
from bot.run import serve
from bot.settings import BadSettings, Settings, load_settings
from bot.speech import complain, say
from bot.web.serve import serve_web
from bot.worker import serve_worker
from core.ports import SystemClock


async def run() -> int:
    """Both bots by long polling; without tokens the simulator. Returns the exit status."""
    try:
        settings = _settings()
        if settings.is_demo and settings.database_url is not None:
            raise BadSettings(
                "DATABASE_URL is set, but CUSTOMER_BOT_TOKEN and STAFF_BOT_TOKEN are not: the simulator would "
                "write its sample merchant there. Set both tokens, or leave DATABASE_URL out."
            )
        if settings.is_demo:
            return await _run_demo(settings)
        build_bots(settings)
        if not await prepare_patiently(settings):
            return 0
        async with _opened(settings, alone=True) as app:
            await serve(
                app,
                probe_settings(settings),
                ready=lambda: say("Kopilka runs: both bots are connected. Ctrl+C stops them."),
            )
    except (BadSettings, TokenRefused) as error:
        return complain(str(error))
    return 0


async def web(host: str | None) -> int:
    """Both bots by webhooks, without the relay: that is the worker's."""
    try:
        settings = _settings()
        address = web_settings(settings, host=host)
        require_shared_key(settings)
        build_bots(settings)
        if not await prepare_patiently(settings):
            return 0
        async with _opened(settings) as app:
            await serve_web(app, address, ready=lambda where: say(f"Kopilka takes updates at {where}."))
    except (BadSettings, TokenRefused) as error:
        return complain(str(error))
    return 0


async def worker() -> int:
    """The relay, apart from the bots' updates."""
    try:
        settings = _settings()
        require_shared_key(settings)
        build_bots(settings)
        if not await prepare_patiently(settings):
            return 0
        async with _opened(settings) as app:
            await serve_worker(app, probe_settings(settings), ready=lambda: say("Kopilka's worker runs."))
    except (BadSettings, TokenRefused) as error:
        return complain(str(error))
    return 0


def _settings() -> Settings:
    settings = load_settings()
    # The demonstration's newcomer reads one address, not a log; whoever wants it sets LOG_LEVEL.
    quiet = settings.is_demo and "log_level" not in settings.model_fields_set
    set_up_logs("warning" if quiet else settings.log_level)
    return settings


@asynccontextmanager
async def _opened(settings: Settings, *, alone: bool = False) -> AsyncIterator[App]:
    """The app on its open database; both are closed in the end."""
    async with database(settings.database()):
        app = build_app(settings, alone=alone)
        try:
            yield app
        finally:
            await app.close()


async def _run_demo(settings: Settings) -> int:
    demo = await start_demo(settings)
    try:
        path = Path(sqlite_path(settings.database()))
        if not path.exists():  # noqa: ASYNC240 - one look, before anything is served
            path.parent.mkdir(parents=True, exist_ok=True)
            with made_whole(path) as unfinished:
                await _make_sample(demo.settings, f"sqlite:///{unfinished}")
        await prepare(settings)
        async with _opened(demo.settings, alone=True) as app, named_after_merchant(demo.simulator, app.core):
            await serve(app, probe_settings(settings), ready=lambda: say(_welcome(demo.simulator.url)))
    finally:
        await demo.simulator.stop()
    return 0


async def _make_sample(settings: Settings, url: str) -> None:
    """The sample merchant in a database of its own: there as a whole, or not at all."""
    there = settings.model_copy(update={"database_url": SecretStr(url)})
    await prepare(there)
    async with database(url):
        await write_sample(there, SystemClock())


def _welcome(url: str) -> str:
    return (
        f"\n  Kopilka is ready: open {url} in a browser.\n"
        "  On the left a customer's phone, on the right the cashier's, and the SMS inbox beside them.\n"
        "  Ctrl+C stops it.\n"
    )
