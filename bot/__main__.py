"""``python -m bot``: argument to function, no logic. aiogram is imported late: it takes two seconds."""

import signal

# While the rest is imported there is nothing yet to end politely: Ctrl+C just ends, without a traceback.
_interrupted = signal.signal(signal.SIGINT, signal.SIG_DFL)

import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Annotated  # noqa: E402

import typer  # noqa: E402

from bot import looping  # noqa: E402

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they would show what variables hold: tokens, too
    help="Kopilka: loyalty programmes in Telegram.",
)


@app.command()
def run() -> None:
    """Everything in one process: both bots by long polling. Without tokens: the simulator in a browser."""
    from bot.processes import run as command

    sys.exit(looping.run(command()))


@app.command()
def web(
    host: Annotated[str, typer.Option(help="listen here instead of at HOST; 0.0.0.0 for every address")] = "",
) -> None:
    """Take both bots' updates by webhooks. Start as many as needed, and a worker beside them."""
    from bot.processes import web as command

    sys.exit(looping.run(command(host or None)))


@app.command()
def worker() -> None:
    """Send what the bots have to tell, and see to what time brings. Of several one sends, all do the rest."""
    from bot.processes import worker as command

    sys.exit(looping.run(command()))


@app.command()
def clock() -> None:
    """Give the beat of periodic work to the workers, by Redis. Start one; without REDIS_URL none is needed."""
    from bot.jobs.clock import clock as command

    sys.exit(looping.run(command()))


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    from bot.commands import migrate as command

    sys.exit(looping.run(command()))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="a new file; one that is there is never replaced")]) -> None:
    """Copy the whole database into a file while the bots run. The file is the same for SQLite and PostgreSQL."""
    from bot.backup.commands import backup as command

    sys.exit(looping.run(command(file)))


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="what `backup` made")]) -> None:
    """Fill a new, empty database from a backup. What waited to be sent then is not sent again."""
    from bot.backup.commands import restore as command

    sys.exit(looping.run(command(file)))


@app.command()
def check() -> None:
    """Prove the ledger's invariants over the whole database; exit status 1 when one is broken."""
    from bot.commands import check as command

    sys.exit(looping.run(command()))


@app.command()
def report_url() -> None:
    """Print the address for delivery reports of SMS, to be entered in SMS.ru's account (SMS Aero is told it)."""
    from bot.commands import report_url as command

    sys.exit(command())


@app.command()
def invite(
    role: Annotated[str, typer.Argument(help="owner, manager, operator or cashier")],
    branch: Annotated[int, typer.Option(help="the branch's number; the first one by default")] = 0,
) -> None:
    """Print a single-use link for a staff member."""
    from bot.commands import invite as command

    sys.exit(looping.run(command(role, branch or None)))


@app.command()
def programme(
    changes: Annotated[
        list[str] | None, typer.Argument(help='settings as name=value, e.g. accrual_percent=700 name="My shop"')
    ] = None,
    branch: Annotated[int, typer.Option(help="change the overrides of a branch")] = 0,
    docs: Annotated[
        bool, typer.Option("--docs", help="print docs/settings.md, made from the declarations")
    ] = False,
) -> None:
    """Show the programme's settings, or change some: money in kopecks, points in hundredths, 5 % is 500."""
    if docs:
        from bot.settings_docs import settings_page

        print(settings_page(), end="")
        return
    from bot.commands import programme as command

    pairs = [each.partition("=") for each in changes or []]
    sys.exit(looping.run(command({name: _value(text) for name, _, text in pairs}, branch or None)))


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


if __name__ == "__main__":
    signal.signal(signal.SIGINT, _interrupted)
    app()
