"""What the command line does at once; what stays is in ``processes``."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)

from bot.build import build_bots, build_core
from bot.database import database, other_version, sqlite_path
from bot.gateways import report_url as url_of_reports
from bot.introduction import learn_names
from bot.prepare import done_or_told, prepare
from bot.settings import BadSettings, Settings, load_settings
from bot.speech import complain, say
from bot.telegram import NotSent
from core.check import check_ledger
from core.deps import Links
from core.domain.errors import (
    BranchUnknown,
    InvalidSetting,
    KindLocked,
    LevelsUnsound,
    MetricLocked,
    RulesContradict,
)
from core.domain.people import Role
from core.domain.programme import to_json
from core.store.health import applied_migrations, has_schema

PATIENCE_S = 15.0
"""Seconds that somebody at a command line waits for Telegram."""
UNREACHABLE = (
    "Telegram can't be reached, so no link was made: it holds the bot's name, which Telegram is asked for. "
    "Check the network (or TELEGRAM_API_URL) and try again."
)


async def migrate() -> int:
    """Bring the database up to date."""
    return await done_or_told(_migrate())


async def _migrate() -> int:
    settings = load_settings()
    if _is_unmade_demo(settings):
        say(
            "Without tokens there is the demonstration only, which makes its database when it runs: nothing to do."
        )
        return 0
    await prepare(settings)
    say("The database is up to date.")
    return 0


def _is_unmade_demo(settings: Settings) -> bool:
    """Whether this would make the demonstration's database before its sample merchant is there."""
    return settings.is_demo and settings.database_url is None and not _file_of(settings).exists()


def _file_of(settings: Settings) -> Path:
    return Path(sqlite_path(settings.database()))


def report_url() -> int:
    """Print where gateways may post delivery reports."""
    try:
        url = url_of_reports(load_settings())
    except BadSettings as error:
        return complain(str(error))
    if url is None:
        return complain("PUBLIC_URL: not set, so nobody can post here; messages are asked for all the same.")
    say(url)
    return 0


async def check() -> int:
    """Prove the ledger; 1 when a rule is broken."""
    return await done_or_told(_check())


async def _check() -> int:
    settings = load_settings()
    if settings.database().startswith("sqlite:") and not _file_of(settings).exists():
        maker = "run" if _is_unmade_demo(settings) else "migrate"
        return complain(f"{_file_of(settings)}: there is no database yet: python -m bot {maker} makes it.")
    async with database(settings.database(), patient=True):
        if refusal := other_version(await applied_migrations() if await has_schema() else []):
            return complain(refusal)
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
    links = Links()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await learn_names(bots, links)
    except (TelegramUnauthorizedError, TelegramNotFound):
        return complain("CUSTOMER_BOT_TOKEN or STAFF_BOT_TOKEN: Telegram does not know this token.")
    except (TelegramAPIError, ClientDecodeError, NotSent, OSError, TimeoutError):
        return complain(UNREACHABLE)
    finally:
        for bot in bots.values():
            await bot.session.close()
    return await done_or_told(_invite(settings, links, wanted, branch))


async def _invite(settings: Settings, links: Links, role: Role, branch: int | None) -> int:
    await prepare(settings)
    async with database(settings.database()):
        core = build_core(settings)
        core.deps.links.staff_bot = links.staff_bot
        try:
            made = await core.staff.invite(None, role, branch)
        except BranchUnknown:
            return complain(f"--branch {branch}: no branch that is open has this number.")
    say(made.link)
    say(f"For one {made.role.value} of «{made.branch_name}», once, until {made.expires_at:%Y-%m-%d %H:%M} UTC.")
    return 0


async def programme(changes: Mapping[str, Any], branch: int | None) -> int:
    """Show or change the programme's settings."""
    if not str(changes.get("name", "-")).strip():
        return complain("name: can't be empty. It stands in every greeting and on every card.")
    return await done_or_told(_programme(changes, branch))


async def _programme(changes: Mapping[str, Any], branch: int | None) -> int:
    settings = load_settings()
    if _is_unmade_demo(settings):
        return complain("Without tokens there is the demonstration only: start it first by python -m bot run.")
    await prepare(settings)
    try:
        async with database(settings.database()):
            core = build_core(settings)
            if changes:
                await core.programmes.change(changes, branch_id=branch)
            found = await core.programmes.current(branch)
    except InvalidSetting as error:
        bounds = "" if error.data["low"] is None else f", from {error.data['low']} to {error.data['high']}"
        return complain(f"{error.data['name']}: no such setting, or not a value it takes{bounds}.")
    except BranchUnknown:
        return complain(f"--branch {branch}: no branch has this number.")
    except MetricLocked:
        return complain("level_metric: sums can't turn into visits, nor the reverse, under levels that are set.")
    except KindLocked:
        return complain("Points can't become a discount, nor the reverse: customers have cards already.")
    except LevelsUnsound:
        return complain("levels: thresholds must rise, and no name may stand twice.")
    except RulesContradict as error:
        pair = f"{error.data['adding']} and {error.data['removing']}"
        return complain(f"rules: these give and take the same category at once: {pair}.")
    for name, value in to_json(found).items():
        say(f"{name}={value!r}")
    return 0
