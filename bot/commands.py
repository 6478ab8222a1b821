"""What the command line does."""

import sys
from collections.abc import Mapping
from typing import Any

import structlog

from bot.build import build_app, build_bots, build_core, build_renderer
from bot.database import database, migrate_database
from bot.demo import start_demo, write_sample
from bot.introduction import learn_names
from bot.logs import set_up_logs
from bot.polling import TokenRefused
from bot.run import serve
from bot.settings import BadSettings, Settings, load_settings
from core.check import check_ledger
from core.domain.errors import InvalidSetting
from core.domain.people import Role
from core.domain.programme import to_json
from core.ports import SystemClock
from core.services import Services

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


def say(text: str) -> None:
    """One line for whoever typed the command."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> int:
    """One line of what is wrong; returns the exit status."""
    sys.stderr.write(f"{text}\n")
    return 2


async def run() -> int:
    """Both bots by long polling; without tokens the simulator. Returns the exit status."""
    try:
        settings = load_settings()
        set_up_logs(settings.log_level)
        if settings.is_demo and settings.database_url is not None:
            raise BadSettings(
                "DATABASE_URL is set, but CUSTOMER_BOT_TOKEN and STAFF_BOT_TOKEN are not: the simulator would "
                "write its sample merchant there. Set both tokens, or leave DATABASE_URL out."
            )
        if settings.is_demo:
            return await _run_demo(settings)
        await _prepare(settings)
        async with database(settings.database()):
            app = build_app(settings)
            try:
                await serve(app, ready=lambda: say("Kopilka runs: both bots are connected. Ctrl+C stops them."))
            finally:
                await app.close()
    except BadSettings as error:
        return complain(str(error))
    except TokenRefused as error:
        return complain(str(error))
    return 0


async def _run_demo(settings: Settings) -> int:
    await _prepare(settings)
    demo = await start_demo(settings)
    try:
        async with database(settings.database()):
            await write_sample(demo.settings, SystemClock())
            app = build_app(demo.settings)
            try:
                await serve(app, ready=lambda: say(_welcome(demo.simulator.url)))
            finally:
                await app.close()
    finally:
        await demo.simulator.stop()
    return 0


def _welcome(url: str) -> str:
    return (
        f"\n  Kopilka is ready: open {url} in a browser.\n"
        "  On the left a customer's phone, on the right the cashier's, and the SMS inbox beside them.\n"
        "  Ctrl+C stops it.\n"
    )


async def _prepare(settings: Settings) -> None:
    """Migrate, and give a new database its first branch and settings."""
    await migrate_database(settings.database())
    async with database(settings.database()):
        await _start_merchant(settings, build_core(settings))


async def _start_merchant(settings: Settings, core: Services) -> None:
    renderer = build_renderer(settings, core.deps.clock)
    await core.programmes.start(renderer.label(settings.language, "defaults.branch"))


async def migrate() -> int:
    """Bring the database up to date."""
    try:
        await _prepare(load_settings())
    except BadSettings as error:
        return complain(str(error))
    say("The database is up to date.")
    return 0


async def check() -> int:
    """Prove the ledger; 1 when a rule is broken."""
    try:
        settings = load_settings()
    except BadSettings as error:
        return complain(str(error))
    async with database(settings.database()):
        report = await check_ledger()
    for finding in report.findings:
        say(f"BROKEN {finding.rule}: {finding.row}")
    looked_at = ", ".join(f"{count} {table}" for table, count in report.sizes.items())
    say(f"{report.rules} rules over {looked_at}: {len(report.findings) or 'nothing'} broken.")
    return 1 if report.findings else 0


async def invite(role: str, branch: int | None) -> int:
    """Print a staff member's link."""
    try:
        wanted = Role(role)
        settings = load_settings()
        bots = build_bots(settings)
    except ValueError:
        return complain(f"A role is one of: {', '.join(Role)}.")
    except BadSettings as error:
        return complain(str(error))
    await _prepare(settings)
    async with database(settings.database()):
        core = build_core(settings)
        try:
            await learn_names(bots, core.deps.links)
        finally:
            for bot in bots.values():
                await bot.session.close()
        made = await core.staff.invite(None, wanted, branch)
    say(made.link)
    say(f"For one {made.role.value} of «{made.branch_name}», once, until {made.expires_at:%Y-%m-%d %H:%M} UTC.")
    return 0


async def programme(changes: Mapping[str, Any], branch: int | None) -> int:
    """Show or change the programme's settings."""
    try:
        settings = load_settings()
        await _prepare(settings)
        async with database(settings.database()):
            core = build_core(settings)
            if changes:
                await core.programmes.change(changes, branch_id=branch)
            found = await core.programmes.current(branch)
    except BadSettings as error:
        return complain(str(error))
    except InvalidSetting as error:
        bounds = "" if error.data["low"] is None else f", from {error.data['low']} to {error.data['high']}"
        return complain(f"{error.data['name']}: no such setting, or not a value it takes{bounds}.")
    for name, value in to_json(found).items():
        say(f"{name}={value!r}")
    return 0
